package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.bench.cluster.StandaloneCluster;

/** Training on a standalone cluster of two Workers whose processes end in the middle of it, and a driver that is told to. */
class DisturbedClusterIT {
    private static final Path LOGS = Path.of("target", "disturbed-cluster").toAbsolutePath();
    private static final Duration LIMIT = Duration.ofSeconds(300);
    /** Both of them, before anything else. */
    private static final List<String> EXECUTORS = List.of("--conf", "spark.cores.max=2");

    private static final Pattern ROUND_2 = Pattern.compile("(round +2/)");

    @TempDir
    Path folder;

    private StandaloneCluster cluster;
    private String data;

    @BeforeEach
    void start() throws Exception {
        cluster = new StandaloneCluster(Checkout.installation(), LOGS, 2, 1, 2048);
        data = IdxImages.writeLocal(folder.resolve("data"), 320);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    /** 8 epochs of 2 rounds. */
    private String[] train(String run, String... settings) throws IOException {
        Path file = folder.resolve("train.conf");
        Files.writeString(
                file,
                """
                model.file = "%s"
                data.train = "%s"
                training { replicas = 2, epochs = 8, batch = 16, stepsPerRound = 5 }
                """
                        .formatted(Checkout.ROOT.resolve("conf/models/alexnet-small.json"), data));
        List<String> words = new ArrayList<>(List.of(
                "train", file.toString(), "run.directory=" + folder.resolve(run).toUri()));
        words.addAll(List.of(settings));
        return words.toArray(String[]::new);
    }

    private byte[] coefficients(String run) throws IOException {
        return TrainedModel.coefficients(folder.resolve(run));
    }

    private ForkedProcess.Result run(String... job) throws Exception {
        try (ForkedProcess driver = cluster.start(EXECUTORS, job)) {
            return driver.await(LIMIT);
        }
    }

    private void trainUndisturbed() throws Exception {
        ForkedProcess.Result undisturbed = run(train("undisturbed"));
        assertEquals(0, undisturbed.exitCode(), undisturbed.toString());
        assertTrue(undisturbed.out().contains("replica-rounds trained 32\n"), undisturbed.toString());
    }

    @Test
    void aLostStateAndASigtermEndWithTheSameBits() throws Exception {
        trainUndisturbed();
        ForkedProcess.Result stopped;
        try (ForkedProcess driver = cluster.start(EXECUTORS, train("disturbed", "checkpoint.everyEpochs=2"))) {
            driver.awaitOutput(ROUND_2, LIMIT);
            // Both copies of every slice; the Workers start others.
            List<ProcessHandle> executors = cluster.executors();
            assertEquals(2, executors.size());
            executors.forEach(ProcessHandle::destroyForcibly);
            driver.awaitOutput(Pattern.compile("(resumed   after round)"), LIMIT);
            driver.awaitOutput(Pattern.compile("(round +6/)"), LIMIT);
            driver.kill("TERM");
            stopped = driver.await(LIMIT);
        }
        assertEquals(143, stopped.exitCode(), stopped.toString());
        assertTrue(stopped.out().contains("are lost with the executors that held them"), stopped.toString());
        assertTrue(stopped.out().matches("(?s).*executor [01] is gone \\(.*"), stopped.toString());
        assertFalse(stopped.err().contains("\tat "), stopped.toString());
        Matcher command =
                Pattern.compile("go on by  the same spark-submit with: (.*)").matcher(stopped.out());
        assertTrue(command.find(), stopped.toString());
        ForkedProcess.Result resumed = run(command.group(1).split(" "));
        assertEquals(0, resumed.exitCode(), resumed.toString());
        assertArrayEquals(coefficients("undisturbed"), coefficients("disturbed"));
    }

    @Test
    void aRunWhoseExecutorsStayAwaySaysSoAndGivesUp() throws Exception {
        try (ForkedProcess driver = cluster.start(EXECUTORS, train("left", "run.waitSeconds=25"))) {
            driver.awaitOutput(ROUND_2, LIMIT);
            List<ProcessHandle> executors = cluster.executors();
            cluster.workers().forEach(ProcessHandle::destroyForcibly);
            executors.forEach(ProcessHandle::destroyForcibly);
            ForkedProcess.Result result = driver.await(LIMIT);
            assertEquals(2, result.exitCode(), result.toString());
            // The validation after round 2, or round 3.
            assertTrue(result.out().contains("waiting: nothing runs of \""), result.toString());
            assertTrue(result.err().contains("Gave up after 25 s"), result.toString());
            assertTrue(result.err().contains("gives this run 0 executors"), result.toString());
            assertFalse(result.err().contains("\tat "), result.toString());
        }
    }
}
