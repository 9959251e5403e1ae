package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.starling.jobs.bench.cluster.ForkedProcess;

/** The quickstart on YARN, as docs/cluster.md tells to run it, with its files and its run directory on HDFS. */
@Tag("soak")
class YarnTrainingIT {
    private static final Path FOLDER = Path.of("target", "yarn-training").toAbsolutePath();
    /** Of the quickstart's eight. */
    private static final String EPOCHS = "training.epochs=2";

    private static final Duration QUICKSTART = Duration.ofMinutes(8);
    private static final Duration MISTAKE = Duration.ofMinutes(2);
    private static final Pattern APPLICATION = Pattern.compile("application_\\d+_\\d+");

    private static MiniHdfs hdfs;
    private static MiniYarn yarn;
    private static FileSystem files;

    @BeforeAll
    static void start() throws Exception {
        hdfs = new MiniHdfs(FOLDER.resolve("hdfs"));
        files = hdfs.fileSystem();
        for (String name : List.of("conf", "data")) {
            files.copyFromLocalFile(
                    new org.apache.hadoop.fs.Path(Checkout.ROOT.resolve(name).toUri()),
                    new org.apache.hadoop.fs.Path("/starling/" + name));
        }
        yarn = new MiniYarn(FOLDER, hdfs.url());
    }

    @AfterAll
    static void stop() {
        if (yarn != null) {
            yarn.close();
        }
        if (hdfs != null) {
            hdfs.close();
        }
    }

    private static ForkedProcess.Result train(MiniYarn.DeployMode mode, Duration limit, String run, String... settings)
            throws IOException, InterruptedException {
        List<String> job = new ArrayList<>(List.of(
                "train", "hdfs:///starling/conf/quickstart.conf", "run.directory=hdfs:///starling/runs/" + run));
        job.addAll(List.of(settings));
        return yarn.submit(mode, limit, List.of("--conf", "spark.executor.instances=2"), job);
    }

    private static String application(ForkedProcess.Result result) {
        Matcher application = APPLICATION.matcher(result.err());
        assertTrue(application.find(), result.toString());
        return application.group();
    }

    private static byte[] read(String run, String file) throws IOException {
        try (InputStream in = files.open(new org.apache.hadoop.fs.Path("/starling/runs/" + run, file))) {
            return in.readAllBytes();
        }
    }

    private static byte[] coefficients(String run) throws IOException {
        try (InputStream in = files.open(new org.apache.hadoop.fs.Path("/starling/runs/" + run, "model.zip"));
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().equals("coefficients.bin")) {
                    return zip.readAllBytes();
                }
            }
        }
        throw new IOException("no coefficients.bin in the model of " + run);
    }

    @Test
    void theQuickstartEndsWithTheSameBitsInClientAndInClusterMode() throws Exception {
        ForkedProcess.Result client = train(MiniYarn.DeployMode.CLIENT, QUICKSTART, "client", EPOCHS);
        assertEquals(0, client.exitCode(), client.toString());
        assertQuickstart("client", client.out());

        ForkedProcess.Result cluster = train(MiniYarn.DeployMode.CLUSTER, QUICKSTART, "cluster", EPOCHS);
        assertEquals(0, cluster.exitCode(), cluster.toString());
        assertTrue(cluster.err().contains("final status: SUCCEEDED"), cluster.toString());
        assertQuickstart("cluster", yarn.output(application(cluster), "stdout"));

        assertArrayEquals(coefficients("client"), coefficients("cluster"));
    }

    /** The application master says 13 of whatever ends before Spark has started; its last lines reach the terminal. */
    @Test
    void aMistakeInASettingIsToldToWhoeverSubmits() throws Exception {
        ForkedProcess.Result result = train(MiniYarn.DeployMode.CLUSTER, MISTAKE, "mistake", "training.batch=0");
        assertEquals(1, result.exitCode(), result.toString());
        assertTrue(result.err().contains("error: the command line: training.batch = \"0\""), result.toString());
        assertEquals(1, errors(result).size(), errors(result).toString());
    }

    @Test
    void aMistakeThatSparkFindsFailsTheApplicationOnceWithTheJobsExitCode() throws Exception {
        ForkedProcess.Result result = train(
                MiniYarn.DeployMode.CLUSTER, MISTAKE, "missing", "data.train=hdfs:///starling/nothing-idx3-ubyte");
        assertEquals(1, result.exitCode(), result.toString());
        assertTrue(result.err().contains("User application exited with status 2"), result.toString());
        assertEquals(1, errors(result).size(), errors(result).toString());
        assertTrue(
                errors(result).get(0).contains("nothing-idx3-ubyte"),
                errors(result).toString());
        // The log of the driver is among the container's, which outlive it.
        assertTrue(yarn.output(application(result), "starling.log").contains("ApplicationMaster"));
    }

    /** The errors that drivers printed, one a job and attempt. */
    private static List<String> errors(ForkedProcess.Result result) throws IOException {
        return yarn.output(application(result), "stderr")
                .lines()
                .filter(line -> line.startsWith("error: "))
                .toList();
    }

    private static void assertQuickstart(String run, String output) throws IOException {
        assertTrue(output.contains("model: " + hdfs.url() + "/starling/runs/" + run + "/model.zip"), output);
        List<JsonNode> events = new ArrayList<>();
        for (String line : new String(read(run, "metrics.jsonl")).lines().toList()) {
            events.add(new ObjectMapper().readTree(line));
        }
        JsonNode executors = events.get(1).path("executors");
        assertEquals(2, executors.size(), events.get(1).toString());
        JsonNode end = events.get(events.size() - 1);
        assertEquals("end", end.path("event").asText());
        assertTrue(end.path("validation_accuracy").asDouble() > 0.6, end.toString());
    }
}
