package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.starling.jobs.bench.cluster.ForkedProcess;

/** The driver is killed with SIGKILL at a seeded moment, twice, and the run goes on with one executor less, and then with one more. */
@ExtendWith(TwelveRounds.Extension.class)
class KilledDriverIT {
    private static final int SIGKILL = 128 + 9;
    private static final Pattern RESUMED = Pattern.compile("(resumed   after round)");

    static IntStream first() {
        return IntStream.range(0, 1);
    }

    static IntStream more() {
        return IntStream.range(1, 10);
    }

    @ParameterizedTest
    @MethodSource("first")
    void theRunGoesOnWithAnotherNumberOfExecutorsAndEndsWithTheSameBits(int trial, TwelveRounds runs) throws Exception {
        Random random = new Random(trial);
        String run = "killed-driver-" + trial;
        // The first checkpoint is that of round 2.
        int firstKill = 3 + random.nextInt(3);
        int secondKill = 7 + random.nextInt(3);
        try (ForkedProcess driver = runs.start(run, 3)) {
            kill(driver, firstKill, random.nextInt(500), runs);
        }
        try (ForkedProcess driver = runs.resume(run, 2)) {
            driver.awaitOutput(RESUMED, TwelveRounds.LIMIT);
            kill(driver, secondKill, random.nextInt(500), runs);
        }
        try (ForkedProcess driver = runs.resume(run, 3)) {
            ForkedProcess.Result result = TwelveRounds.ended(driver);
            assertTrue(RESUMED.matcher(result.out()).find(), result.toString());
        }
        runs.requireSameBits(run);
    }

    @Tag("soak")
    @ParameterizedTest
    @MethodSource("more")
    void soDoManyMore(int trial, TwelveRounds runs) throws Exception {
        theRunGoesOnWithAnotherNumberOfExecutorsAndEndsWithTheSameBits(trial, runs);
    }

    private static void kill(ForkedProcess driver, int round, int delay, TwelveRounds runs) throws Exception {
        TwelveRounds.awaitRound(driver, round);
        Thread.sleep(delay);
        driver.handle().destroyForcibly();
        ForkedProcess.Result result = driver.await(TwelveRounds.LIMIT);
        assertEquals(SIGKILL, result.exitCode(), result.toString());
        // Executors notice by themselves, and the next driver needs their cores.
        Instant limit = Instant.now().plus(TwelveRounds.LIMIT);
        while (!runs.cluster().executors().isEmpty()) {
            assertTrue(Instant.now().isBefore(limit), "executors outlive their driver");
            Thread.sleep(100);
        }
    }
}
