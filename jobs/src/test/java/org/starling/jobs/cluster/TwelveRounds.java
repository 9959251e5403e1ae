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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.bench.cluster.StandaloneCluster;

/**
 * Runs of 12 rounds with three replicas, on a standalone cluster whose three Workers each have an address of their own, and what an undisturbed
 * one ends with. Tests that disturb such a run take it as a parameter; the cluster starts with the first of them and serves them all.
 */
final class TwelveRounds implements ExtensionContext.Store.CloseableResource {
    static final int REPLICAS = 3;
    static final int ROUNDS = 12;
    static final Duration LIMIT = Duration.ofSeconds(300);

    private static final Pattern TRAINED = Pattern.compile("replica-rounds trained (\\d+)([^\n]*)");

    private final Path folder;
    private final StandaloneCluster cluster;
    private final String data;
    private final byte[] undisturbed;

    /** Hands it to tests. */
    static final class Extension implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == TwelveRounds.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.GLOBAL)
                    .getOrComputeIfAbsent(TwelveRounds.class, type -> started());
        }

        private static TwelveRounds started() {
            try {
                return new TwelveRounds();
            } catch (Exception e) {
                throw new IllegalStateException("No undisturbed run to compare with", e);
            }
        }
    }

    /** @param repeated what the console says of trainings that came twice; empty for none */
    record Trained(int replicaRounds, String repeated) {
        static Trained of(ForkedProcess.Result result) {
            Matcher trained = TRAINED.matcher(result.out());
            assertTrue(trained.find(), result.toString());
            return new Trained(Integer.parseInt(trained.group(1)), trained.group(2));
        }
    }

    /** What a run trains in which nothing is trained twice. */
    private static final Trained EACH_ONCE = new Trained(REPLICAS * ROUNDS, "");

    private TwelveRounds() throws Exception {
        Path target = Files.createDirectories(Path.of("target", "twelve-rounds").toAbsolutePath());
        folder = Files.createTempDirectory(target, "runs-");
        cluster = new StandaloneCluster(
                Checkout.installation(), target, List.of("127.0.0.1", "127.0.0.2", "127.0.0.3"), 1, 1536);
        try {
            data = IdxImages.writeLocal(folder.resolve("data"), 320);
            trainEachOnce("undisturbed");
            undisturbed = coefficients("undisturbed");
        } catch (Exception | AssertionError e) {
            close();
            throw e;
        }
    }

    StandaloneCluster cluster() {
        return cluster;
    }

    Path folder() {
        return folder;
    }

    /**
     * Starts a run, when none is under way: a soak's would fill the disk with what executors leave. 288 images after validation: 96 a replica,
     * three rounds of two steps an epoch.
     *
     * @param executors how many it has
     * @param conf further settings of Spark's, {@code key=value}
     */
    ForkedProcess start(String run, int executors, String... conf) throws IOException, InterruptedException {
        cluster.removeBinaries();
        return startOn(cluster, run, executors, conf);
    }

    /** A run with an executor for each replica, to its end, which must be a good one in which nothing was trained twice. */
    void trainEachOnce(String run, String... conf) throws IOException, InterruptedException {
        try (ForkedProcess driver = start(run, REPLICAS, conf)) {
            requireEachOnce(driver);
        }
    }

    /** Waits for such an end. */
    static ForkedProcess.Result requireEachOnce(ForkedProcess driver) throws IOException, InterruptedException {
        ForkedProcess.Result result = ended(driver);
        assertEquals(EACH_ONCE, Trained.of(result), result.toString());
        return result;
    }

    /** Starts one on another cluster. */
    ForkedProcess startOn(StandaloneCluster other, String run, int executors, String... conf)
            throws IOException, InterruptedException {
        Path file = folder.resolve(run + ".conf");
        Files.writeString(
                file,
                """
                model.file = "%s"
                data.train = "%s"
                run.directory = "%s"
                training { replicas = 3, epochs = 4, batch = 16, stepsPerRound = 2 }
                checkpoint { everyRounds = 2, everyEpochs = 0 }
                """
                        .formatted(
                                Checkout.ROOT.resolve("conf/models/alexnet-small.json"),
                                data,
                                folder.resolve(run).toUri()));
        return other.start(options(executors, conf), "train", file.toString());
    }

    /** Goes on with a run. */
    ForkedProcess resume(String run, int executors) throws IOException, InterruptedException {
        return cluster.start(
                options(executors),
                "train",
                "--resume",
                folder.resolve(run).toUri().toString());
    }

    private static List<String> options(int executors, String... conf) {
        List<String> options = new ArrayList<>();
        Stream.concat(Stream.of("spark.cores.max=" + executors, "spark.executor.memory=1g"), Stream.of(conf))
                .forEach(setting -> options.addAll(List.of("--conf", setting)));
        return options;
    }

    /** Waits for the end of a run, which must be a good one. */
    static ForkedProcess.Result ended(ForkedProcess driver) throws IOException, InterruptedException {
        ForkedProcess.Result result = driver.await(LIMIT);
        assertEquals(0, result.exitCode(), result.toString());
        return result;
    }

    static void awaitRound(ForkedProcess driver, int round) throws IOException, InterruptedException {
        driver.awaitOutput(Pattern.compile("(round +" + round + "/)"), LIMIT);
    }

    /** Fails unless a run has ended with the bits of the undisturbed one. */
    void requireSameBits(String run) throws IOException {
        assertArrayEquals(undisturbed, coefficients(run));
    }

    private byte[] coefficients(String run) throws IOException {
        return TrainedModel.coefficients(folder.resolve(run));
    }

    @Override
    public void close() {
        cluster.close();
    }
}
