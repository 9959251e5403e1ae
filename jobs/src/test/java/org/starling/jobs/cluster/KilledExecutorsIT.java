package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.zip.ZipFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.bench.cluster.StandaloneCluster;

/** A run of 12 rounds on three executors, one of which is killed with SIGKILL at some moment: seeded, so that a trial can be run again. */
class KilledExecutorsIT {
    private static final Path LOGS = Path.of("target", "killed-executors").toAbsolutePath();
    private static final Duration LIMIT = Duration.ofSeconds(300);
    private static final List<String> EXECUTORS =
            List.of("--conf", "spark.cores.max=3", "--conf", "spark.executor.memory=1g");
    private static final int REPLICAS = 3;
    private static final int ROUNDS = 12;
    private static final Pattern TRAINED = Pattern.compile("replica-rounds trained (\\d+)");

    @TempDir
    static Path folder;

    private static StandaloneCluster cluster;
    private static String data;
    private static byte[] undisturbed;

    @BeforeAll
    static void trainUndisturbed() throws Exception {
        cluster = new StandaloneCluster(Checkout.installation(), LOGS, REPLICAS, 1, 1536);
        data = IdxImages.write(
                        FileSystem.getLocal(new Configuration()),
                        new org.apache.hadoop.fs.Path(folder.resolve("data").toUri()),
                        320)
                .toString();
        try (ForkedProcess driver = cluster.start(EXECUTORS, train("undisturbed"))) {
            ForkedProcess.Result result = driver.await(LIMIT);
            assertEquals(0, result.exitCode(), result.toString());
            assertEquals(REPLICAS * ROUNDS, trained(result), result.toString());
        }
        undisturbed = coefficients("undisturbed");
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    /** 288 images after validation: 96 a replica, three rounds of two steps an epoch. */
    private static String[] train(String run) throws IOException {
        Path file = folder.resolve(run + ".conf");
        Files.writeString(
                file,
                """
                model.file = "%s"
                data.train = "%s"
                run.directory = "%s"
                training { replicas = 3, epochs = 4, batch = 16, stepsPerRound = 2 }
                """
                        .formatted(
                                Checkout.ROOT.resolve("conf/models/alexnet-small.json"),
                                data,
                                folder.resolve(run).toUri()));
        return new String[] {"train", file.toString()};
    }

    private static byte[] coefficients(String run) throws IOException {
        try (ZipFile zip = new ZipFile(folder.resolve(run).resolve("model.zip").toFile())) {
            return zip.getInputStream(zip.getEntry("coefficients.bin")).readAllBytes();
        }
    }

    private static int trained(ForkedProcess.Result result) {
        Matcher trained = TRAINED.matcher(result.out());
        assertTrue(trained.find(), result.toString());
        return Integer.parseInt(trained.group(1));
    }

    static IntStream first() {
        return IntStream.range(0, 3);
    }

    static IntStream more() {
        return IntStream.range(3, 20);
    }

    @ParameterizedTest
    @MethodSource("first")
    void theRunEndsWithTheSameBitsAndTrainsAtMostOneRoundMore(int trial) throws Exception {
        Random random = new Random(trial);
        Pattern round = Pattern.compile("(round +" + (1 + random.nextInt(ROUNDS - 1)) + "/)");
        int delay = random.nextInt(1000);
        int victim = random.nextInt(REPLICAS);
        String run = "trial-" + trial;
        try (ForkedProcess driver = cluster.start(EXECUTORS, train(run))) {
            driver.awaitOutput(round, LIMIT);
            Thread.sleep(delay);
            List<ProcessHandle> executors = new ArrayList<>(cluster.executors());
            assertEquals(REPLICAS, executors.size());
            executors.get(victim).destroyForcibly();
            ForkedProcess.Result result = driver.await(LIMIT);
            assertEquals(0, result.exitCode(), result.toString());
            int trained = trained(result);
            assertTrue(trained <= REPLICAS * ROUNDS + 1, result.toString());
        }
        assertArrayEquals(undisturbed, coefficients(run));
    }

    @Tag("soak")
    @ParameterizedTest
    @MethodSource("more")
    void soDoManyMore(int trial) throws Exception {
        theRunEndsWithTheSameBitsAndTrainsAtMostOneRoundMore(trial);
    }
}
