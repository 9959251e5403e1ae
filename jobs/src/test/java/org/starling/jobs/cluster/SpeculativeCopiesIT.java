package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs with spark.speculation, on Workers of several addresses, because Spark sends no copy to the host of another attempt. A replica is held
 * up in the middle of a step until Spark has launched a copy. In one round the copy wins, in another it loses, and both times the loser is
 * held in the middle of its step until the next round trains. What happened is then read from Spark's event log.
 */
@ExtendWith(TwelveRounds.Extension.class)
class SpeculativeCopiesIT {
    static IntStream first() {
        return IntStream.range(0, 1);
    }

    static IntStream more() {
        return IntStream.range(1, 10);
    }

    @ParameterizedTest
    @MethodSource("first")
    void aCopyThatWinsAndOneThatLosesLeaveTheBitsAsTheyAre(int trial, TwelveRounds runs) throws Exception {
        HeldAttempts held = new HeldAttempts(new Random(trial));
        String run = "speculation-" + trial;
        Path events = runs.folder().resolve(run + "-events");
        try (ExecutorDebugger debugger = new ExecutorDebugger(HeldAttempts.METHODS, held)) {
            runs.trainEachOnce(
                    run,
                    TaskAttempt.settings(
                            events,
                            debugger.setting(),
                            "spark.speculation=true",
                            // No wait for the host that the held attempt blocks.
                            "spark.locality.wait=0s"));
        }
        runs.requireSameBits(run);

        Collection<TaskAttempt> attempts = TaskAttempt.read(events);
        requireLoser(attempts, held.wins, false);
        requireLoser(attempts, held.loses, true);
    }

    @Tag("soak")
    @ParameterizedTest
    @MethodSource("more")
    void soDoManyMore(int trial, TwelveRounds runs) throws Exception {
        aCopyThatWinsAndOneThatLosesLeaveTheBitsAsTheyAre(trial, runs);
    }

    /** @param copy whether the copy lost, or the attempt that it was made of */
    private static void requireLoser(Collection<TaskAttempt> attempts, ReplicaRound replica, boolean copy) {
        TaskAttempt loser = attempt(attempts, replica, copy);
        TaskAttempt winner = attempt(attempts, replica, !copy);
        String both = winner + " and " + loser;
        assertEquals("Success", winner.end(), both);
        assertEquals("TaskKilled", loser.end(), both);
        long nextRound = attempts.stream()
                .filter(attempt -> attempt.round() == replica.round() + 1)
                .mapToLong(TaskAttempt::launched)
                .min()
                .orElseThrow();
        assertTrue(loser.finished() > nextRound, both + "; the next round began at " + nextRound);
    }

    private static TaskAttempt attempt(Collection<TaskAttempt> attempts, ReplicaRound replica, boolean speculative) {
        List<TaskAttempt> found = attempts.stream()
                .filter(attempt -> attempt.round() == replica.round() && attempt.replica() == replica.replica())
                .filter(attempt -> attempt.speculative() == speculative)
                .toList();
        assertEquals(1, found.size(), (speculative ? "copies of " : "attempts of ") + replica + ": " + found);
        return found.get(0);
    }

    private record ReplicaRound(int round, int replica) {}

    /** Which attempt is held, where in its steps, and until when. */
    private static final class HeldAttempts implements ExecutorDebugger.Calls {
        /** Called once a round, and in every layer's backward pass. */
        static final Map<String, List<String>> METHODS = Map.of(
                "org.starling.training.LocalSgd", List.of("train"),
                "org.starling.layers.LayerLink", List.of("outputGradient"));

        /** Layers that have one, in two steps. */
        private static final int GRADIENTS = 8;

        private final ReplicaRound wins;
        private final ReplicaRound loses;
        private final int layer;
        private final CountDownLatch copyIsHeld = new CountDownLatch(1);
        private final Map<Integer, CountDownLatch> begun = new HashMap<>();
        private final TrainingCalls training = new TrainingCalls();
        private final Map<Long, Integer> layers = new HashMap<>();

        HeldAttempts(Random random) {
            wins = new ReplicaRound(2 + random.nextInt(4), random.nextInt(TwelveRounds.REPLICAS));
            loses = new ReplicaRound(7 + random.nextInt(4), random.nextInt(TwelveRounds.REPLICAS));
            layer = 1 + random.nextInt(GRADIENTS);
            for (ReplicaRound held : List.of(wins, loses)) {
                begun.put(held.round() + 1, new CountDownLatch(1));
            }
        }

        @Override
        public void called(ExecutorDebugger.Call call) throws InterruptedException {
            CountDownLatch until = until(call);
            if (until != null) {
                assertTrue(
                        until.await(TwelveRounds.LIMIT.toSeconds(), TimeUnit.SECONDS),
                        "what " + call + " is held for does not happen");
            }
        }

        /** What the attempt is held for; null to let it go on. */
        private synchronized CountDownLatch until(ExecutorDebugger.Call call) {
            if (training.begins(call)) {
                begun.getOrDefault(training.roundOf(call), new CountDownLatch(1))
                        .countDown();
                return null;
            }
            if (layers.merge(call.task(), 1, Integer::sum) != layer) {
                return null;
            }
            ReplicaRound replica = new ReplicaRound(training.roundOf(call), call.partition());
            boolean copy = call.attempt() > 0;
            if (replica.equals(wins) && !copy) {
                return begun.get(wins.round() + 1);
            }
            if (replica.equals(loses) && copy) {
                copyIsHeld.countDown();
                return begun.get(loses.round() + 1);
            }
            return replica.equals(loses) ? copyIsHeld : null;
        }
    }
}
