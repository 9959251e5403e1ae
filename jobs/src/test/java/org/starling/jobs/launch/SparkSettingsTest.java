package org.starling.jobs.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.starling.InputException;
import org.starling.jobs.launch.TrainingMemory.KeptVectors;

class SparkSettingsTest {
    private static final long MB = 1L << 20;
    private static final long GB = 1L << 30;
    private static final Map<String, String> DEFAULTS = Map.of(
            "spark.executor.memory", "2g",
            "spark.executor.cores", "1",
            "spark.executor.extraJavaOptions", "--add-modules=jdk.incubator.vector");

    /** AlexNet's 250 MB with momentum: slices of 500 MB; 2 GB a replica. */
    private static TrainingMemory alexnet(int replicas) {
        return new TrainingMemory("alexnet", 250 * MB, 1, new KeptVectors(2, 0, 0, false), 2 * GB, 0, 0, replicas, 128);
    }

    private static SparkSettings planned(
            String master, Map<String, String> users, TrainingMemory training, long machine) {
        SparkSettings settings = new SparkSettings(Master.parse(master), DEFAULTS, users);
        settings.plan(Optional.ofNullable(training), machine);
        return settings;
    }

    private static long megabytes(SparkSettings settings, String key) {
        return Long.parseLong(settings.get(key, "").replace("m", ""));
    }

    @Test
    void executorsGetRoomForSlicesAndNetwork() {
        SparkSettings settings = planned("spark://h:7077", Map.of(), alexnet(4), 8 * GB);
        // A task alone holds 1000 MB of slices; cached are two rounds, twice, a quarter each: 500 MB.
        assertTrue(megabytes(settings, "spark.executor.memory") >= 1500);
        assertTrue(megabytes(settings, "spark.executor.memoryOverhead") >= 2048);
        assertTrue(megabytes(settings, "spark.executor.memory") <= 4500);
    }

    @Test
    void theHeapGrowsWithStateAndTheOverheadWithReplicasInOneJvm() {
        TrainingMemory adam =
                new TrainingMemory("alexnet", 250 * MB, 2, new KeptVectors(3, 0, 0, false), 2 * GB, 0, 0, 4, 128);
        assertTrue(megabytes(planned("spark://h:1", Map.of(), adam, GB), "spark.executor.memory")
                > megabytes(planned("spark://h:1", Map.of(), alexnet(4), GB), "spark.executor.memory"));
        Map<String, String> two = Map.of("spark.executor.cores", "2", "spark.task.cpus", "1");
        assertEquals(
                2048,
                megabytes(planned("spark://h:1", two, alexnet(4), GB), "spark.executor.memoryOverhead")
                        - megabytes(planned("spark://h:1", Map.of(), alexnet(4), GB), "spark.executor.memoryOverhead"));
    }

    @Test
    void aClusterGetsAnExecutorForEachReplicaAndNoMore() {
        SparkSettings settings = planned("spark://h:1", Map.of("spark.executor.cores", "4"), alexnet(3), GB);
        assertEquals("4", settings.get("spark.task.cpus", ""));
        assertEquals("4", settings.get("spark.executorEnv.OMP_NUM_THREADS", ""));
        assertEquals("12", settings.get("spark.cores.max", ""));
        assertEquals("3", settings.get("spark.executor.instances", ""));
    }

    @Test
    void theUsersSettingsWinAndTheirJvmOptionsAreAddedToOurs() {
        Map<String, String> users = Map.of(
                "spark.executor.memory", "9g",
                "spark.cores.max", "64",
                "spark.executor.extraJavaOptions", "-Dmine=1");
        SparkSettings settings = planned("spark://h:1", users, alexnet(2), GB);
        assertEquals("9g", settings.get("spark.executor.memory", ""));
        assertEquals("64", settings.get("spark.cores.max", ""));
        String options = settings.get("spark.executor.extraJavaOptions", "");
        assertTrue(options.startsWith("--add-modules=jdk.incubator.vector "), options);
        assertTrue(options.contains(" -Dorg.bytedeco.javacpp.maxbytes="), options);
        assertTrue(options.endsWith(" -Dmine=1"), options);
    }

    @ParameterizedTest
    @CsvSource({
        "spark.executor.memory, 800m, 2.0 GB",
        "spark.executor.memoryOverhead, 1g, 2.0 GB",
        "spark.executor.memory, much, not an amount of memory"
    })
    void tooLittleIsRefusedWithTheNumbers(String key, String value, String expected) {
        String message = assertThrows(
                        InputException.class, () -> planned("spark://h:1", Map.of(key, value), alexnet(2), GB))
                .getMessage();
        assertTrue(message.contains(key), message);
        assertTrue(message.contains(expected), message);
    }

    @Test
    void localRunsTakeWhatTheyNeedOfThisMachine() {
        SparkSettings settings = planned("local[2]", Map.of(), alexnet(2), 16 * GB);
        // Two tasks hold 2000 MB of slices.
        assertTrue(megabytes(settings, "spark.driver.memory") >= 2500);
        assertTrue(settings.get("spark.driver.extraJavaOptions", "").contains("javacpp.maxphysicalbytes="));
        assertFalse(settings.settings().containsKey("spark.executor.memory"));
    }

    @ParameterizedTest
    @CsvSource({"local[8], 1, 8", "local[8], 3, 2", "local[2], 2, 1", "local[2], 5, 1", "local, 1, 1"})
    void inLocalModeTheReplicasShareAllCores(String master, int replicas, String taskCpus) {
        SparkSettings settings = planned(master, Map.of(), alexnet(replicas), 64 * GB);
        assertEquals(taskCpus, settings.get("spark.task.cpus", ""));
        // Spark refuses a task with more processors than an executor has cores, in local mode too.
        int cores = Integer.parseInt(settings.get("spark.executor.cores", ""));
        assertTrue(cores >= Integer.parseInt(taskCpus), "spark.executor.cores=" + cores);
    }

    @Test
    void aTasksProcessorsInLocalModeAreTheUsersWhereGiven() {
        SparkSettings settings = planned("local[8]", Map.of("spark.task.cpus", "3"), alexnet(1), 64 * GB);
        assertEquals("3", settings.get("spark.task.cpus", ""));
        assertEquals("8", settings.get("spark.executor.cores", ""));
        String message = assertThrows(
                        InputException.class,
                        () -> planned("local[8]", Map.of("spark.task.cpus", "9"), alexnet(1), 64 * GB))
                .getMessage();
        assertEquals("spark.task.cpus = 9 is more than the cores of --master local[8]: expected at most 8.", message);
    }

    @Test
    void aMachineThatIsTooSmallIsRefusedWithTheNumbers() {
        String message = assertThrows(InputException.class, () -> planned("local[2]", Map.of(), alexnet(2), 6 * GB))
                .getMessage();
        assertTrue(message.contains("2 replicas at a time of batch 128"), message);
        assertTrue(message.contains("this machine has 6.0 GB"), message);
    }

    @Test
    void aWorkerOfALocalClusterBoundsTheHeap() {
        SparkSettings settings = planned("local-cluster[2,2,2048]", Map.of(), alexnet(2), 64 * GB);
        assertEquals("2048m", settings.get("spark.executor.memory", ""));
        assertEquals("2", settings.get("spark.task.cpus", ""));
        String message = assertThrows(
                        InputException.class, () -> planned("local-cluster[2,2,1024]", Map.of(), alexnet(2), 64 * GB))
                .getMessage();
        assertTrue(message.contains("--master local-cluster[2,2,1024] gives 1.0 GB"), message);
    }
}
