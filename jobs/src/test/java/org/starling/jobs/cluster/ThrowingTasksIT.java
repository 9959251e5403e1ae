package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs of which every third attempt of a task, or so, throws: before it has gathered, in a layer, while the average reads its slices, or in
 * the average. Seeded, so that a trial can be run again.
 */
@ExtendWith(TwelveRounds.Extension.class)
class ThrowingTasksIT {
    static IntStream first() {
        return IntStream.range(0, 1);
    }

    static IntStream more() {
        return IntStream.range(1, 20);
    }

    @ParameterizedTest
    @MethodSource("first")
    void theRunEndsWithTheSameBitsAndNothingIsTrainedTwice(int trial, TwelveRounds runs) throws Exception {
        Failures failures = new Failures(trial);
        String run = "throwing-" + trial;
        Path events = runs.folder().resolve(run + "-events");
        try (ExecutorDebugger debugger = new ExecutorDebugger(Failures.METHODS, failures)) {
            runs.trainEachOnce(run, TaskAttempt.settings(events, debugger.setting()));
        }
        runs.requireSameBits(run);

        List<TaskAttempt> failed = TaskAttempt.read(events).stream()
                .filter(attempt -> attempt.end().equals("ExceptionFailure"))
                .toList();
        assertEquals(failures.all(), failed.size(), failures.toString());
        assertTrue(failed.stream().anyMatch(attempt -> attempt.round() > 0), failures.toString());
        assertTrue(failures.of(Failures.AVERAGE) > 0, failures.toString());
    }

    @Tag("soak")
    @ParameterizedTest
    @MethodSource("more")
    void soDoManyMore(int trial, TwelveRounds runs) throws Exception {
        theRunEndsWithTheSameBitsAndNothingIsTrainedTwice(trial, runs);
    }

    /** Which attempt fails, and at which of its calls. */
    private static final class Failures implements ExecutorDebugger.Calls {
        static final Map<String, List<String>> METHODS = Map.of(
                "org.starling.training.ReplicaPool", List.of("lease"),
                "org.starling.layers.LayerLink", List.of("begin"),
                "org.starling.training.Replica", List.of("slice"),
                "org.starling.averaging.SliceAveraging", List.of("combine"));

        static final String AVERAGE = "SliceAveraging.combine";

        /** After so many Spark gives the job up. */
        private static final int MOST = 4;

        private final int trial;
        private final Map<Long, Integer> calls = new HashMap<>();
        private final Map<String, Integer> failed = new ConcurrentHashMap<>();

        Failures(int trial) {
            this.trial = trial;
        }

        int of(String method) {
            return failed.getOrDefault(method, 0);
        }

        int all() {
            return failed.values().stream().mapToInt(Integer::intValue).sum();
        }

        @Override
        public void called(ExecutorDebugger.Call call) throws Exception {
            int number;
            synchronized (this) {
                number = calls.merge(call.task(), 1, Integer::sum);
            }
            SplittableRandom random =
                    new SplittableRandom(Objects.hash(trial, call.stage(), call.partition(), call.attempt()));
            boolean fails = call.attempt() < MOST - 1 && random.nextInt(3) == 0;
            if (fails && number == 1 + random.nextInt(60)) {
                call.fail("a test makes this task fail");
                failed.merge(call.method(), 1, Integer::sum);
            }
        }

        @Override
        public String toString() {
            return failed.toString();
        }
    }
}
