package org.starling.jobs.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.starling.InputException;
import org.starling.jobs.cluster.Checkout;

class LauncherTest {
    private static final Path JAR = Path.of("/j/starling.jar");
    private static final Path CLUSTER_JAR = Path.of("/j/starling-cluster.jar");

    private static List<String> command(Map<String, String> environment, String... words) {
        return new Launcher(Checkout.ROOT, JAR, CLUSTER_JAR)
                .command(LaunchArguments.parse(List.of(words)), environment);
    }

    private static String after(List<String> command, String word) {
        return command.get(command.indexOf(word) + 1);
    }

    @Test
    void aLocalJobRunsFromTheJarsAndAClusterJobFromTheClusterJar() {
        List<String> local = command(Map.of(), "evaluate", "--model", "m");
        assertTrue(after(local, "-cp").startsWith(JAR.toString()), local.toString());
        assertTrue(local.contains("spark-internal") && !local.contains(CLUSTER_JAR.toString()), local.toString());

        List<String> cluster = command(Map.of(), "evaluate", "--model", "m", "--master", "spark://h:1");
        assertFalse(after(cluster, "-cp").contains("starling.jar"), cluster.toString());
        assertEquals(
                List.of(CLUSTER_JAR.toString(), "evaluate", "--model", "m"),
                cluster.subList(cluster.size() - 4, cluster.size()));
    }

    @Test
    void threadsOfNativeCodeFollowTheTasksCoresUnlessTheEnvironmentSaysOtherwise() {
        String[] job = {"evaluate", "--master", "local[4]", "--conf", "spark.task.cpus=3"};
        assertTrue(command(Map.of(), job).contains("OMP_NUM_THREADS=3"));
        assertTrue(command(Map.of("OMP_NUM_THREADS", "5"), job).contains("OMP_NUM_THREADS=5"));
    }

    @Test
    void memoryWithoutAUnitIsMegabytesAsSparkHasIt() {
        assertTrue(command(Map.of(), "evaluate", "--conf", "spark.driver.memory=2048")
                .contains("-Xmx2048m"));
        assertThrows(InputException.class, () -> command(Map.of(), "evaluate", "--conf", "spark.driver.memory=two"));
    }

    @Test
    void hadoopsConfigurationIsOnTheClassPath() {
        Map<String, String> environment = Map.of("HADOOP_CONF_DIR", "/etc/hadoop");
        assertTrue(after(command(environment, "evaluate"), "-cp").endsWith(":/etc/hadoop"));
        assertTrue(after(command(environment, "describe", "m"), "-cp").endsWith(":/etc/hadoop"));
    }

    @Test
    void yarnNeedsAnInstalledSpark() {
        String message = assertThrows(InputException.class, () -> command(Map.of(), "evaluate", "--master", "yarn"))
                .getMessage();
        assertTrue(message.contains("--master yarn") && message.contains("SPARK_HOME is not set"), message);
    }

    private static final String SMALL_MODEL =
            Checkout.ROOT.resolve("conf/models/alexnet-small.json").toString();

    private static long heapMegabytes(String... words) {
        return command(Map.of(), words).stream()
                .filter(word -> word.startsWith("-Xmx"))
                .mapToLong(word -> Long.parseLong(word.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aBenchmarkOfStepsGivesNativeCodeTheThreadsOfTheKernels() {
        String[] job = {"bench", "step", "--model", SMALL_MODEL, "--threads=3"};
        assertTrue(command(Map.of(), job).contains("OMP_NUM_THREADS=3"));
        int all = Runtime.getRuntime().availableProcessors();
        assertTrue(command(Map.of(), "bench", "step", "--model", SMALL_MODEL).contains("OMP_NUM_THREADS=" + all));
        assertTrue(command(Map.of("OMP_NUM_THREADS", "5"), job).contains("OMP_NUM_THREADS=5"));
    }

    @Test
    void aBenchmarksMemoryFollowsItsModelAndBatch() {
        long small = heapMegabytes("bench", "step", "--model", SMALL_MODEL, "--batch", "8");
        long large = heapMegabytes("bench", "step", "--model", SMALL_MODEL, "--batch=4096");
        assertTrue(small < large, small + " MB, " + large + " MB");
        List<String> command = command(Map.of(), "bench", "step", "--model", SMALL_MODEL);
        assertTrue(
                command.stream().anyMatch(word -> word.startsWith("-Dorg.bytedeco.javacpp.maxbytes=")),
                command.toString());
        assertTrue(command.contains("--add-modules=jdk.incubator.vector"), command.toString());
    }

    @Test
    void aBenchmarkThatTheMachineCannotHoldIsRefused() {
        String message = assertThrows(
                        InputException.class,
                        () -> command(Map.of(), "bench", "step", "--model", SMALL_MODEL, "--batch", "500000"))
                .getMessage();
        assertTrue(message.contains("2 replicas of batch 500000") && message.contains("--skip-stock"), message);
        String alone = assertThrows(
                        InputException.class,
                        () -> command(
                                Map.of(), "bench", "step", "--skip-stock", "--model", SMALL_MODEL, "--batch=500000"))
                .getMessage();
        assertTrue(alone.contains("1 replica of batch 500000"), alone);
    }

    @Test
    void aBenchmarkWithOptionsThatMakeNoSenseIsLeftToTheJobToRefuse() {
        for (String batch : List.of("0", "many")) {
            String[] job = {"bench", "step", "--model", SMALL_MODEL, "--batch", batch};
            assertTrue(command(Map.of(), job).containsAll(List.of(job)));
        }
    }

    @Test
    void aBenchmarkOfAveragingTakesSparksOptionsItselfAndIsToldWhereTheJarsAre() {
        List<String> command =
                command(Map.of(), "--master", "spark://h:1", "bench", "averaging", "--rounds", "1", "--conf", "a=b=c");
        assertFalse(command.contains("org.apache.spark.deploy.SparkSubmit"), command.toString());
        assertEquals(
                List.of("bench", "averaging", "--rounds", "1", "--master=spark://h:1", "--conf=a=b=c"),
                command.subList(command.size() - 6, command.size()));
        assertTrue(command.contains("-Dstarling.cluster.jar=" + CLUSTER_JAR), command.toString());
        assertTrue(command.contains("-Dstarling.spark.home=" + Checkout.RUNTIME), command.toString());
    }
}
