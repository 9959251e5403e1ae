package org.starling.training;

import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkEnv;
import org.starling.data.Minibatch;
import org.starling.data.Minibatches;
import org.starling.data.PrefetchingIterator;
import org.starling.data.Shard;
import org.starling.data.augmentation.Augmentation;
import org.starling.training.TrainingConfiguration.StateRule;

/** The local steps of one replica in one round: a plain loop, without Spark. */
final class LocalSgd {
    /** One being used, one ready, one being made. */
    private static final int BATCHES_AHEAD = 2;

    private LocalSgd() {}

    /**
     * Trains {@code replica}, already loaded, on its part of the round.
     *
     * @param augmentation of this task's settings: the replica's may be another run's
     * @throws java.util.concurrent.CancellationException when the replica is told to stop, between steps or layers
     */
    static ReplicaStatistics train(Replica replica, Augmentation augmentation, Shard shard, RoundPlan plan) {
        ReplicaSettings s = replica.settings();
        long start = System.nanoTime();
        long examples = 0;
        long correct = 0;
        double lossSum = 0;
        int steps = 0;
        Iterator<Minibatch> batches = Minibatches.training(
                shard,
                replica.model().input(),
                s.preprocessing(),
                augmentation,
                s.batch(),
                s.seed(),
                plan.epoch(),
                plan.firstStep(),
                plan.steps(),
                replica.decoders());
        try (PrefetchingIterator<Minibatch> prefetched = new PrefetchingIterator<>(batches, BATCHES_AHEAD)) {
            while (prefetched.hasNext()) {
                replica.checkCancelled();
                Minibatch batch = prefetched.next();
                long stepOfRun = plan.stepOfRun(steps);
                long stepOfState = s.stateRule() == StateRule.RESET ? steps : stepOfRun;
                Replica.StepResult result = replica.step(
                        batch,
                        plan.learningRates()[steps],
                        Seeds.dropout(s.seed(), shard.replica(), stepOfRun),
                        stepOfState + 1);
                replica.decoders().giveBack(batch);
                examples += result.examples();
                correct += result.correct();
                lossSum += result.lossSum();
                steps++;
            }
        }
        if (examples != plan.examples()[shard.replica()]) {
            throw new IllegalStateException("replica " + shard.replica() + " saw " + examples + " images in round "
                    + plan.round() + ", planned were " + plan.examples()[shard.replica()]);
        }
        double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        return new ReplicaStatistics(shard.replica(), steps, examples, correct, lossSum, host(), 0, seconds);
    }

    private static String host() {
        SparkEnv env = SparkEnv.get();
        return env == null ? "local" : env.blockManager().blockManagerId().host();
    }
}
