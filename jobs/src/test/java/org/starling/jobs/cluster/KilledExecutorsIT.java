package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.starling.jobs.bench.cluster.ForkedProcess;

/** One of a run's three executors is killed with SIGKILL at some moment: seeded, so that a trial can be run again. */
@ExtendWith(TwelveRounds.Extension.class)
class KilledExecutorsIT {
    static IntStream first() {
        return IntStream.range(0, 3);
    }

    static IntStream more() {
        return IntStream.range(3, 20);
    }

    @ParameterizedTest
    @MethodSource("first")
    void theRunEndsWithTheSameBitsAndTrainsAtMostOneRoundMore(int trial, TwelveRounds runs) throws Exception {
        Random random = new Random(trial);
        int round = 1 + random.nextInt(TwelveRounds.ROUNDS - 1);
        int delay = random.nextInt(1000);
        int victim = random.nextInt(TwelveRounds.REPLICAS);
        String run = "killed-executor-" + trial;
        try (ForkedProcess driver = runs.start(run, TwelveRounds.REPLICAS)) {
            TwelveRounds.awaitRound(driver, round);
            Thread.sleep(delay);
            List<ProcessHandle> executors = new ArrayList<>(runs.cluster().executors());
            assertEquals(TwelveRounds.REPLICAS, executors.size());
            executors.get(victim).destroyForcibly();
            ForkedProcess.Result result = TwelveRounds.ended(driver);
            int trained = TwelveRounds.Trained.of(result).replicaRounds();
            assertTrue(trained <= TwelveRounds.REPLICAS * TwelveRounds.ROUNDS + 1, result.toString());
        }
        runs.requireSameBits(run);
    }

    @Tag("soak")
    @ParameterizedTest
    @MethodSource("more")
    void soDoManyMore(int trial, TwelveRounds runs) throws Exception {
        theRunEndsWithTheSameBitsAndTrainsAtMostOneRoundMore(trial, runs);
    }
}
