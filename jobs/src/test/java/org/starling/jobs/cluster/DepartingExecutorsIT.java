package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.bench.cluster.StandaloneCluster;

/** Executors that are told to go, by SIGPWR to themselves or to their Worker, and executors that come when Spark finds that they are needed. */
@Tag("soak")
@ExtendWith(TwelveRounds.Extension.class)
class DepartingExecutorsIT {
    /** Those of docs/cluster.md. */
    private static final String[] DECOMMISSIONING = {
        "spark.decommission.enabled=true",
        "spark.storage.decommission.enabled=true",
        "spark.storage.decommission.rddBlocks.enabled=true",
        "spark.storage.decommission.shuffleBlocks.enabled=true",
        // Every 30 s it would look for blocks that are still to be moved, and so end after this run.
        "spark.storage.decommission.replicationReattemptInterval=1s"
    };

    private static final Pattern GONE = Pattern.compile("( is gone \\()");
    /** Whose replicas wait until the executor is gone. */
    private static final int LAST_ROUNDS = 9;

    private static final Pattern MOVED = Pattern.compile("Block rdd_\\d+_\\d+ migrated successfully");

    static IntStream trials() {
        return IntStream.range(0, 3);
    }

    @ParameterizedTest
    @MethodSource("trials")
    void anExecutorMovesItsSlicesBeforeItGoes(int trial, TwelveRounds runs) throws Exception {
        Random random = new Random(trial);
        int round = 2 + random.nextInt(5);
        int victim = random.nextInt(TwelveRounds.REPLICAS);
        String run = "departing-" + trial;
        trainWithout(
                () -> runs.cluster().executors().get(victim), round, runs.cluster(), run, TwelveRounds.REPLICAS, runs);
    }

    /** Two Workers for three replicas, and then one, whose executor gets the slices and all replicas. */
    @Test
    void aWorkerThatGoesLeavesItsSlicesToTheLastOne(TwelveRounds runs) throws Exception {
        Path folder = runs.folder().resolve("two-workers");
        try (StandaloneCluster cluster =
                new StandaloneCluster(Checkout.installation(), folder, List.of("127.0.0.1", "127.0.0.2"), 1, 1536)) {
            String out = trainWithout(() -> cluster.workers().get(1), 3, cluster, "departing-worker", 2, runs);
            assertTrue(out.contains("the run has 1 executor\n"), out);
        }
    }

    /**
     * Tells a process to go after a round, and lets the last rounds train when its executor is gone.
     *
     * @return what the driver printed
     */
    private static String trainWithout(
            Supplier<ProcessHandle> victim,
            int round,
            StandaloneCluster cluster,
            String run,
            int executors,
            TwelveRounds runs)
            throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        TrainingCalls training = new TrainingCalls();
        ExecutorDebugger.Calls wait = call -> {
            if (training.begins(call) && training.roundOf(call) >= LAST_ROUNDS) {
                assertTrue(gone.await(TwelveRounds.LIMIT.toSeconds(), TimeUnit.SECONDS), "the executor stays");
            }
        };
        Set<Path> before = executorLogs(cluster);
        String out;
        try (ExecutorDebugger debugger = new ExecutorDebugger(TrainingCalls.METHODS, wait)) {
            String[] settings = Stream.concat(Stream.of(DECOMMISSIONING), Stream.of(debugger.setting()))
                    .toArray(String[]::new);
            try (ForkedProcess driver = runs.startOn(cluster, run, executors, settings)) {
                TwelveRounds.awaitRound(driver, round);
                tellToGo(victim.get());
                driver.awaitOutput(GONE, TwelveRounds.LIMIT);
                gone.countDown();
                out = TwelveRounds.requireEachOnce(driver).out();
                requireMoved(cluster, before);
            }
        }
        runs.requireSameBits(run);
        return out;
    }

    @Test
    void executorsThatComeWhenTasksWaitForThemTakeOverReplicas(TwelveRounds runs) throws Exception {
        Path events = runs.folder().resolve("dynamic-events");
        runs.trainEachOnce(
                "dynamic",
                TaskAttempt.settings(
                        events,
                        "spark.dynamicAllocation.enabled=true",
                        "spark.dynamicAllocation.shuffleTracking.enabled=true",
                        "spark.dynamicAllocation.initialExecutors=1",
                        "spark.dynamicAllocation.minExecutors=1",
                        // Or all replicas would stay with the executor that first read their images.
                        "spark.locality.wait=0s"));
        runs.requireSameBits("dynamic");
        List<TaskAttempt> attempts = TaskAttempt.read(events);
        assertTrue(hosts(attempts, TwelveRounds.ROUNDS).size() > 1, attempts.toString());
    }

    private static Set<String> hosts(List<TaskAttempt> attempts, int round) {
        return attempts.stream()
                .filter(attempt -> attempt.round() == round)
                .map(TaskAttempt::host)
                .collect(Collectors.toSet());
    }

    private static void tellToGo(ProcessHandle process) throws IOException, InterruptedException {
        Process signal = new ProcessBuilder("kill", "-PWR", String.valueOf(process.pid())).start();
        assertEquals(0, signal.waitFor());
    }

    private static void requireMoved(StandaloneCluster cluster, Set<Path> before) throws IOException {
        Set<Path> logs = new HashSet<>(executorLogs(cluster));
        logs.removeAll(before);
        boolean moved = false;
        for (Path log : logs) {
            moved |= MOVED.matcher(Files.readString(log)).find();
        }
        assertTrue(moved, "no block moved, say " + logs);
    }

    private static Set<Path> executorLogs(StandaloneCluster cluster) throws IOException {
        if (!Files.exists(cluster.workFolder())) {
            return Set.of();
        }
        try (Stream<Path> paths = Files.walk(cluster.workFolder())) {
            return paths.filter(path -> path.endsWith("stderr")).collect(Collectors.toSet());
        }
    }
}
