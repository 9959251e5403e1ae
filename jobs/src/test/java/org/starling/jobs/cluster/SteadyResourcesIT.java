package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.bench.cluster.StandaloneCluster;

/**
 * What a driver and two executors hold does not grow over 200 rounds, with a validation and a checkpoint every ten. It is measured
 * while they go on, from round 50, and a straight line is laid through each quantity. A quantity fails when the line's slope, less three of its
 * standard errors, is above the little that is allowed; and when its noise is such that a leak worth finding would not show.
 *
 * <p>Each training is watched twice. Once it is left alone: what Starling does not let go of then stays, however weakly Spark holds it. And
 * once every JVM collects its garbage before it is measured: only then can its heap be compared, and Spark's cleaner, which a collection of
 * the driver's sets to work, has let go of broadcast variables.
 */
@Tag("soak")
class SteadyResourcesIT {
    private static final Path FOLDER = Path.of("target", "steady-resources").toAbsolutePath();
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int FIRST = 50;
    private static final int LAST = 200;
    /** A few more, so that the processes are there for the last measurement. */
    private static final int ROUNDS = 210;

    private static final int REPLICAS = 2;
    private static final int LEAST_POINTS = 20;
    private static final Pattern ROUND = Pattern.compile("\\{\"event\":\"round\",\"epoch\":\\d+,\"round\":(\\d+)");
    private static final int KILOBYTE = 1024;
    /** One vector of alexnet-small, 145,882 floats: the least that a round could leave behind of the state. */
    private static final double VECTOR = 4 * 145_882;

    /** What is measured; a leak is one a round, or where it says so, one an epoch. */
    private enum Quantity {
        HEAP(16 * KILOBYTE, VECTOR / 4),
        DIRECT(16 * KILOBYTE, VECTOR / 4),
        /** Without compiled code it still settles while the JVMs compile: less than a quarter of a vector a round. */
        RESIDENT(VECTOR / 4, VECTOR),
        /** Of an epoch. */
        FILES(0.05, 0.1),
        /** Of an epoch. */
        THREADS(0.05, 0.1),
        STORAGE(16 * KILOBYTE, VECTOR / 4),
        DIRECTORIES(16 * KILOBYTE, VECTOR / 4),
        BROADCASTS(0.05, 1),
        RDD_BLOCKS(0.05, 1),
        PERSISTED_RDDS(0.05, 1),
        SHUFFLES(0.05, 1);

        private final double least;
        private final double leak;

        Quantity(double least, double leak) {
            this.least = least;
            this.leak = leak;
        }
    }

    private enum Mode {
        LEFT_ALONE(EnumSet.complementOf(EnumSet.of(Quantity.HEAP, Quantity.BROADCASTS))),
        COLLECTED(EnumSet.allOf(Quantity.class));

        private final Set<Quantity> judged;

        Mode(Set<Quantity> judged) {
            this.judged = judged;
        }
    }

    private record Series(String process, Quantity quantity) {
        @Override
        public String toString() {
            return process + " " + quantity.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** Every series has a value for every round that was looked at. */
    private record Measurements(List<Integer> rounds, Map<Series, List<Double>> values) {
        Measurements() {
            this(new ArrayList<>(), new LinkedHashMap<>());
        }

        void add(String process, Quantity quantity, double value) {
            values.computeIfAbsent(new Series(process, quantity), s -> new ArrayList<>())
                    .add(value);
        }

        Trend trend(Series series) {
            return Trend.of(
                    rounds.stream().mapToDouble(round -> round).toArray(),
                    values.get(series).stream().mapToDouble(value -> value).toArray());
        }
    }

    @TempDir
    static Path folder;

    private static StandaloneCluster cluster;
    private static String data;

    @BeforeAll
    static void start() throws Exception {
        cluster = new StandaloneCluster(Checkout.installation(), FOLDER, REPLICAS, 1, 1536);
        data = IdxImages.writeLocal(folder.resolve("data"), 400);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    /** 360 images after validation: 180 a replica, 30 steps and ten rounds an epoch. */
    private static String[] train(Path run, String settings) throws IOException {
        Path file = folder.resolve(run.getFileName() + ".conf");
        Files.writeString(
                file,
                """
                model.file = "%s"
                data.train = "%s"
                run.directory = "%s"
                training { replicas = %d, epochs = %d, batch = 6, stepsPerRound = 3 }
                %s
                """
                        .formatted(
                                Checkout.ROOT.resolve("conf/models/alexnet-small.json"),
                                data,
                                run.toUri(),
                                REPLICAS,
                                ROUNDS / 10,
                                settings));
        return new String[] {"train", file.toString()};
    }

    /**
     * Heaps that are all there from the start, so that a process grows by what is outside them alone; Spark's records of jobs, stages and tasks
     * short enough to be full before measuring begins; and what tells of blocks and storage memory.
     */
    private static List<String> options(Path local) throws IOException {
        String heap = "-Xms1g -XX:+AlwaysPreTouch";
        Path classes = Path.of("target", "test-classes").toAbsolutePath();
        List<String> settings = new ArrayList<>(List.of(
                "spark.cores.max=" + REPLICAS,
                "spark.driver.memory=1g",
                "spark.executor.memory=1g",
                Checkout.javaOptions("spark.driver.extraJavaOptions", heap),
                Checkout.javaOptions("spark.executor.extraJavaOptions", heap),
                "spark.driver.extraClassPath=" + classes,
                "spark.executor.extraClassPath=" + classes,
                "spark.extraListeners=" + BlockCensus.class.getName(),
                "spark.metrics.conf.*.sink.jmx.class=org.apache.spark.metrics.sink.JmxSink",
                "spark.executor.metrics.pollingInterval=100ms",
                "spark.local.dir=" + local));
        for (String records : List.of("Jobs", "Stages", "Tasks", "DeadExecutors")) {
            settings.add("spark.ui.retained" + records + "=20");
        }
        return settings.stream()
                .flatMap(setting -> Stream.of("--conf", setting))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "LEFT_ALONE, plain, ''",
        "COLLECTED, plain, ''",
        "LEFT_ALONE, outer, 'training { outer.optimizer = nesterov, ema.decay = 0.9, payload = int8, optimizer.state = local }'",
        "COLLECTED, outer, 'training { outer.optimizer = nesterov, ema.decay = 0.9, payload = int8, optimizer.state = local }'"
    })
    void nothingGrows(Mode mode, String name, String settings) throws Exception {
        String run = name + "-" + mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
        Path directory = folder.resolve(run);
        Path local = Files.createDirectories(folder.resolve(run + "-local"));
        Measurements measurements = new Measurements();
        try (ForkedProcess driver = cluster.start(options(local), train(directory, settings))) {
            driver.awaitOutput(Pattern.compile("(round +" + (FIRST - 10) + "/)"), LIMIT);
            measure(mode, driver, local, directory.resolve("metrics.jsonl"), measurements);
            ForkedProcess.Result result = driver.await(LIMIT);
            assertEquals(0, result.exitCode(), result.toString());
        }
        judge(mode, run, measurements);
    }

    private static void measure(Mode mode, ForkedProcess driver, Path local, Path metrics, Measurements measurements)
            throws Exception {
        Map<String, ObservedJvm> jvms = new LinkedHashMap<>();
        try {
            jvms.put("driver", new ObservedJvm(driver.handle()));
            for (ProcessHandle executor : cluster.executors()) {
                jvms.put("executor " + jvms.size(), new ObservedJvm(executor));
            }
            assertEquals(1 + REPLICAS, jvms.size());
            // Not kept: Spark starts a hundred threads for its first question about blocks.
            measure(mode, jvms, local, new Measurements());
            for (int round = rounds(metrics); round <= LAST; round = rounds(metrics)) {
                int last = measurements.rounds().isEmpty()
                        ? FIRST - 1
                        : measurements.rounds().get(measurements.rounds().size() - 1);
                // Three rounds apart, so that the places in an epoch are met in turn.
                if (round >= last + 3 || last < FIRST && round >= FIRST) {
                    measurements.rounds().add(round);
                    measure(mode, jvms, local, measurements);
                } else {
                    Thread.sleep(20);
                }
            }
        } finally {
            for (ObservedJvm jvm : jvms.values()) {
                jvm.close();
            }
        }
    }

    /** How many rounds are over. */
    private static int rounds(Path metrics) throws IOException {
        Matcher round = ROUND.matcher(Files.readString(metrics));
        int last = 0;
        while (round.find()) {
            last = Integer.parseInt(round.group(1));
        }
        return last;
    }

    private static void measure(Mode mode, Map<String, ObservedJvm> jvms, Path local, Measurements to)
            throws IOException {
        if (mode == Mode.COLLECTED) {
            jvms.values().forEach(ObservedJvm::collectGarbage);
        }
        for (Map.Entry<String, ObservedJvm> entry : jvms.entrySet()) {
            String process = entry.getKey();
            ObservedJvm jvm = entry.getValue();
            boolean driver = process.equals("driver");
            to.add(process, Quantity.HEAP, jvm.heapBytes());
            to.add(process, Quantity.DIRECT, jvm.directBytes());
            to.add(process, Quantity.RESIDENT, jvm.residentBytes());
            to.add(process, Quantity.FILES, jvm.openFiles());
            to.add(process, Quantity.THREADS, jvm.threads());
            to.add(
                    process,
                    Quantity.STORAGE,
                    jvm.attribute("metrics:name=*.ExecutorMetrics.OnHeapStorageMemory,type=gauges", "Value"));
            Path directory = driver ? local : Path.of(jvm.environment("SPARK_EXECUTOR_DIRS"));
            to.add(process, Quantity.DIRECTORIES, ObservedJvm.fileBytes(directory));
            if (driver) {
                to.add(process, Quantity.BROADCASTS, jvm.attribute(BlockCensus.NAME, "BroadcastBlocks"));
                to.add(process, Quantity.RDD_BLOCKS, jvm.attribute(BlockCensus.NAME, "RddBlocks"));
                to.add(process, Quantity.PERSISTED_RDDS, jvm.attribute(BlockCensus.NAME, "PersistedRdds"));
                to.add(process, Quantity.SHUFFLES, jvm.attribute(BlockCensus.NAME, "Shuffles"));
            }
        }
    }

    private static void judge(Mode mode, String run, Measurements measurements) throws IOException {
        int points = measurements.rounds().size();
        assertTrue(points >= LEAST_POINTS, "only " + points + " measurements: " + measurements.rounds());
        List<String> table = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        measurements.values().forEach((series, values) -> {
            Trend trend = measurements.trend(series);
            Quantity quantity = series.quantity();
            boolean judged = mode.judged.contains(quantity);
            String line = String.format(
                    Locale.ROOT,
                    "%-26s from %,13.0f to %,13.0f  slope a round %,10.3f +- %,10.3f%s",
                    series,
                    values.get(0),
                    values.get(values.size() - 1),
                    trend.slope(),
                    trend.error(),
                    judged ? "" : "  not judged");
            table.add(line);
            if (judged && (trend.rises(quantity.least) || !trend.wouldShow(quantity.leak, quantity.least))) {
                wrong.add(line + ", allowed " + quantity.least + ", a leak " + quantity.leak + ": " + values);
            }
        });
        Files.write(FOLDER.resolve(run + ".txt"), table);
        assertTrue(wrong.isEmpty(), () -> run + ", rounds " + measurements.rounds() + "\n" + String.join("\n", wrong));
    }
}
