package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskContext$;
import org.apache.spark.TaskContextImpl;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.data.Minibatch;
import org.starling.data.Minibatches;
import org.starling.data.Shard;
import org.starling.data.augmentation.Augmentation;
import org.starling.kernels.optimizer.Momentum;
import org.starling.training.TrainingConfiguration.StateRule;
import scala.Option;

/** What an attempt that is killed in the middle of a round leaves behind: nothing. */
class CancellationTest {
    private static final ReplicaSettings SETTINGS = TinyRun.settings(new Momentum(0.9), StateRule.AVERAGE, true);
    private static final List<Shard> SHARDS = TinyRun.shards(12);

    private static Minibatch batch() {
        return Minibatches.training(
                        SHARDS.get(0),
                        SETTINGS.model().input(),
                        TinyRun.PREPROCESSING,
                        Augmentation.NONE,
                        SETTINGS.batch(),
                        TinyRun.SEED,
                        0,
                        0,
                        1)
                .next();
    }

    /** Parameters after two steps from the beginning. */
    private static float[] train(Replica replica) {
        replica.clear();
        TinyRun.load(replica, TinyRun.initial(SETTINGS));
        replica.step(batch(), 0.05, 3, 1);
        replica.step(batch(), 0.05, 4, 2);
        return TinyRun.parameters(replica);
    }

    @Test
    void aStepCanEndAtEveryLayerAndTheReplicaIsAsGoodAsNew() {
        Replica replica = TinyRun.initialReplica(SETTINGS);
        float[] undisturbed = train(replica);
        int cancelled = 0;
        for (boolean finished = false; !finished; ) {
            AtomicInteger asked = new AtomicInteger();
            int last = ++cancelled;
            replica.stopWhen(() -> asked.incrementAndGet() == last);
            float[] before = TinyRun.parameters(replica);
            try {
                replica.step(batch(), 0.05, 5, 3);
                finished = true;
            } catch (CancellationException e) {
                assertArrayEquals(before, TinyRun.parameters(replica));
                assertNull(Nd4j.getMemoryManager().getCurrentWorkspace(), "an ND4J workspace was left open");
                assertFalse(Nd4j.getWorkspaceManager().anyWorkspaceActiveForCurrentThread());
            }
            replica.stopNever();
            assertArrayEquals(undisturbed, train(replica), "after the question " + last);
        }
        assertTrue(cancelled > 2, "the convolution asks in both directions");
    }

    @Test
    void anInterruptedTaskStopsAndTheNextLeaseOfItsReplicaIsUndisturbed() {
        RoundPlan plan = TinyRun.plan(SHARDS, 1, 0, 0, 3);
        TaskContextImpl killed = TaskContext$.MODULE$.empty();
        Replica replica = ReplicaPool.lease(SETTINGS, killed);
        float[] undisturbed = train(replica);
        killed.markInterrupted("another attempt succeeded");
        assertThrows(CancellationException.class, () -> replica.step(batch(), 0.05, 5, 3));
        assertThrows(
                CancellationException.class, () -> LocalSgd.train(replica, Augmentation.NONE, SHARDS.get(0), plan));
        killed.markTaskCompleted(Option.empty());

        TaskContextImpl next = TaskContext$.MODULE$.empty();
        Replica again = ReplicaPool.lease(SETTINGS, next);
        assertSame(replica, again);
        assertArrayEquals(undisturbed, train(again));
        next.markTaskCompleted(Option.empty());
    }
}
