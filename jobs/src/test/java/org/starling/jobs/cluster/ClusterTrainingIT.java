package org.starling.jobs.cluster;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.bench.cluster.StandaloneCluster;
import org.starling.kernels.KernelProvider;

/** Training on a standalone cluster of two Workers, with data, checkpoints and model on HDFS. */
class ClusterTrainingIT {
    private static final Path FOLDER = Path.of("target", "cluster-training").toAbsolutePath();
    private static final int IMAGES = 320;

    private static MiniHdfs hdfs;
    private static StandaloneCluster cluster;
    private static FileSystem files;
    private static String data;

    @BeforeAll
    static void start() throws Exception {
        hdfs = new MiniHdfs(FOLDER.resolve("hdfs"));
        files = hdfs.fileSystem();
        data = IdxImages.write(files, new org.apache.hadoop.fs.Path(hdfs.url() + "/data"), IMAGES)
                .toString();
        cluster = new StandaloneCluster(Checkout.installation(), FOLDER, 2, 1, 2048);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
        if (hdfs != null) {
            hdfs.close();
        }
    }

    private static String[] train(String model, String run, String... settings) throws IOException {
        org.apache.hadoop.fs.Path folder = new org.apache.hadoop.fs.Path(hdfs.url() + "/" + run + "-conf");
        org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(folder, "train.conf");
        try (var out = files.create(file)) {
            out.writeBytes("model.file = model.json\ndata.train = \"" + data + "\"\ntraining.replicas = 2\n");
        }
        try (var out = files.create(new org.apache.hadoop.fs.Path(folder, "model.json"))) {
            out.writeBytes(model);
        }
        List<String> words = new ArrayList<>(List.of("train", file.toString(), "run.directory=" + runDirectory(run)));
        words.addAll(List.of(settings));
        return words.toArray(String[]::new);
    }

    private static String runDirectory(String run) {
        return hdfs.url() + "/runs/" + run;
    }

    private static byte[] coefficients(String run) throws IOException {
        org.apache.hadoop.fs.Path model = new org.apache.hadoop.fs.Path(runDirectory(run), "model.zip");
        try (InputStream in = files.open(model);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().equals("coefficients.bin")) {
                    return zip.readAllBytes();
                }
            }
        }
        throw new IOException("no coefficients.bin in " + model);
    }

    private static List<String> metrics(String run) throws IOException {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(runDirectory(run), "metrics.jsonl");
        try (InputStream in = files.open(path)) {
            return new String(in.readAllBytes()).lines().toList();
        }
    }

    private static String alexnetSmall() throws IOException {
        return Files.readString(Checkout.ROOT.resolve("conf/models/alexnet-small.json"));
    }

    @Test
    void doctorLooksAtTheExecutorsAndWhatTheyCanReach() throws Exception {
        String[] words = train(alexnetSmall(), "doctor");
        words[0] = "doctor";
        List<String> two = List.of("--conf", "spark.cores.max=2", "--conf", "spark.executor.cores=1");
        ForkedProcess.Result healthy = cluster.submit(two, words);
        assertEquals(0, healthy.exitCode(), healthy.toString());
        String kernels = KernelProvider.get().name();
        for (String line : List.of(
                "ok +executors +2 of 2 registered at spark://.*",
                "ok +kernels +" + kernels + " .*on 2 executors .*",
                "ok +run .* can be written by the driver and the executors.*")) {
            assertTrue(healthy.out().lines().anyMatch(l -> l.matches(line)), line + " in " + healthy);
        }
        assertFalse(files.exists(new org.apache.hadoop.fs.Path(runDirectory("doctor"))), healthy.toString());
    }

    @Test
    void twoAndFourExecutorsTrainOnHdfsTheNetworkThatOneJvmTrains() throws Exception {
        // Where an image is seen, which part of it and how changed: all by formulas.
        String[] settings = {
            "training.replicas=4",
            "training.epochs=2",
            "training.batch=8",
            "training.stepsPerRound=5",
            "data.shortSide=31",
            "data.reshard=epoch",
            "data.sampling=balanced",
            "data.augmentation.crop=random",
            "data.augmentation.mirror=true",
            "data.augmentation.brightness=0.2",
            "data.augmentation.erasing.probability=0.3"
        };
        Set<Path> before = executorsWithNatives();
        ForkedProcess.Result onCluster = cluster.submit(List.of(), train(alexnetSmall(), "cluster", settings));
        assertEquals(0, onCluster.exitCode(), onCluster.toString());
        assertTrue(onCluster.out().contains("model: " + runDirectory("cluster") + "/model.zip"), onCluster.toString());

        List<String> events = metrics("cluster");
        assertTrue(events.get(events.size() - 1).startsWith("{\"event\":\"end\""), events.toString());
        JsonNode report = new ObjectMapper().readTree(events.get(1));
        assertEquals("executors", report.path("event").asText(), events.toString());
        assertEquals(Set.of("0", "1"), Set.copyOf(report.path("executors").findValuesAsText("executor")));
        // Workers on one machine: what they compute with is what these tests' JVM, which has the module, would.
        for (JsonNode executor : report.path("executors")) {
            assertEquals(KernelProvider.get().name(), executor.path("kernels").asText());
            assertEquals(1, executor.path("threads").asInt());
        }
        assertTrue(onCluster.out().contains("kernels   " + KernelProvider.get().name() + " on 2 executors ("));
        FileStatus[] checkpoints =
                files.listStatus(new org.apache.hadoop.fs.Path(runDirectory("cluster"), "checkpoints"));
        assertTrue(checkpoints.length >= 1, Arrays.toString(checkpoints));
        Set<Path> executors = executorsWithNatives();
        executors.removeAll(before);
        assertEquals(2, executors.size(), executors.toString());

        for (String master : List.of("local[2]", "local-cluster[4,1,1024]")) {
            String run = master.substring(0, master.indexOf('['));
            List<String> command = new ArrayList<>(
                    List.of(Checkout.ROOT.resolve("bin/starling").toString()));
            command.addAll(List.of(train(alexnetSmall(), run, settings)));
            command.addAll(List.of("--master", master));
            try (ForkedProcess process = ForkedProcess.start(
                    Checkout.ROOT,
                    FOLDER,
                    run,
                    Map.of("JAVA_HOME", System.getProperty("java.home"), "OMP_NUM_THREADS", "1"),
                    command)) {
                ForkedProcess.Result result = process.await(Duration.ofSeconds(150));
                assertEquals(0, result.exitCode(), result.toString());
                assertTrue(
                        result.out().contains(master.equals("local[2]") ? "kernels   " : "on 4 executors ("),
                        result.out());
            }
            assertArrayEquals(coefficients("cluster"), coefficients(run), master);
        }
    }

    /** Working directories of executors in which JavaCPP unpacked native libraries. */
    private static Set<Path> executorsWithNatives() throws IOException {
        if (!Files.exists(cluster.workFolder())) {
            return new TreeSet<>();
        }
        try (Stream<Path> paths = Files.walk(cluster.workFolder())) {
            return paths.filter(path -> path.getFileName().toString().startsWith("libnd4jcpu."))
                    .map(path -> cluster.workFolder().relativize(path).subpath(0, 2))
                    .collect(toCollection(TreeSet::new));
        }
    }

    /**
     * 20 million parameters are 80 MB, with momentum 160 MB, ten times what the heap of 256 MB leaves beside Spark. Spark asks for
     * 450 MB because it reserves 300 MB; spark.testing.reservedMemory is its own switch for that.
     */
    @Test
    void aDriverOf256MegabytesTrainsTwentyMillionParameters() throws Exception {
        String model =
                """
                {"class_name": "Sequential", "config": {"name": "wide", "layers": [
                  {"class_name": "InputLayer", "config": {"name": "input", "batch_input_shape": [null, 28, 28, 1], "dtype": "float32"}},
                  {"class_name": "Flatten", "config": {"name": "flatten"}},
                  {"class_name": "Dense", "config": {"name": "fc1", "units": 4096, "activation": "relu"}},
                  {"class_name": "Dense", "config": {"name": "fc2", "units": 4096, "activation": "relu"}},
                  {"class_name": "Dense", "config": {"name": "fc3", "units": 10, "activation": "softmax"}}]}}
                """;
        ForkedProcess.Result result = cluster.submit(
                List.of(
                        "--driver-memory",
                        "256m",
                        "--conf",
                        "spark.driver.maxResultSize=8m",
                        "--conf",
                        "spark.testing.reservedMemory=" + (64 << 20)),
                train(
                        model,
                        "wide",
                        "training.epochs=1",
                        "training.batch=32",
                        "training.stepsPerRound=3",
                        "training.schedule.learningRate=0.001",
                        "checkpoint.everyRounds=1"));
        assertEquals(0, result.exitCode(), result.toString());
        assertTrue(result.out().contains("20,037,642 parameters"), result.out());
        // [1, 20037642] floats and the header of ND4J's format.
        assertTrue(coefficients("wide").length >= 4 * 20_037_642, "coefficients of " + coefficients("wide").length);
        assertTrue(files.listStatus(new org.apache.hadoop.fs.Path(runDirectory("wide"), "checkpoints")).length >= 2);
    }

    @Test
    void aMistakeIsOneParagraphAndExitCode2() throws Exception {
        ForkedProcess.Result result = cluster.submit(List.of(), train(alexnetSmall(), "mistake", "training.batch=0"));
        assertEquals(2, result.exitCode(), result.toString());
        assertTrue(result.err().contains("training.batch"), result.toString());
        assertFalse(result.err().contains("\tat "), result.toString());
    }
}
