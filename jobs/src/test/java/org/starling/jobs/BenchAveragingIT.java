package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.cluster.Checkout;

/** {@code bin/starling bench averaging} on the cluster that it starts. */
class BenchAveragingIT {
    private static final int PARAMETERS = 200_000;

    private static final Duration LIMIT = Duration.ofMinutes(8);

    @TempDir
    Path folder;

    private ForkedProcess start(String... options) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(Checkout.ROOT.resolve("bin/starling").toString(), "bench", "averaging"));
        command.addAll(List.of("--parameters=" + PARAMETERS, "--replicas=2"));
        command.addAll(List.of(options));
        return ForkedProcess.start(
                Checkout.ROOT, folder, "bench", Map.of("JAVA_HOME", System.getProperty("java.home")), command);
    }

    @Test
    void aClusterOfItsOwnRunsBothAndTheFileHasTheFigures() throws Exception {
        Path out = folder.resolve("averaging.json");
        try (ForkedProcess process =
                start("--rounds=1", "--repeats=1", "--conf", "spark.executor.memory=800m", "--out=" + out)) {
            ForkedProcess.Result result = process.await(LIMIT);
            assertEquals(0, result.exitCode(), result.toString());
            assertTrue(result.out().contains("times as fast as dl4j"), result.toString());
            assertEquals("", result.err(), result.toString());
        }
        JsonNode json = new ObjectMapper().readTree(Files.readString(out));
        for (String application : List.of("", "dl4j_")) {
            for (String figure : List.of(
                    "seconds_per_round",
                    "driver_result_bytes",
                    "driver_broadcast_bytes",
                    "driver_served_bytes",
                    "driver_peak_heap_bytes",
                    "executor_peak_heap_bytes")) {
                assertTrue(json.get(application + figure).asDouble() > 0, application + figure);
            }
            assertEquals(
                    "800m",
                    json.get(application + "settings")
                            .get("spark.executor.memory")
                            .asText());
        }
        assertTrue(json.get("train_seconds_per_round").asDouble() > 0, json::toString);
        assertTrue(
                json.get("train_seconds_per_round").asDouble()
                        < json.get("seconds_per_round").asDouble(),
                json::toString);
        double parameterBytes = Float.BYTES * PARAMETERS;
        assertEquals(parameterBytes, json.get("shuffle_bytes_per_replica").asDouble(), 0.05 * parameterBytes);
        // Starling's parameters do not pass the driver; dl4j-spark's do in both directions.
        assertTrue(json.get("driver_result_bytes").asDouble() < 0.1 * parameterBytes, json::toString);
        assertTrue(json.get("driver_broadcast_bytes").asDouble() < 0.1 * parameterBytes, json::toString);
        assertTrue(json.get("dl4j_driver_result_bytes").asDouble() > 2 * parameterBytes, json::toString);
        assertTrue(json.get("dl4j_driver_broadcast_bytes").asDouble() > 0.8 * parameterBytes, json::toString);
        assertTrue(json.get("dl4j_driver_served_bytes").asDouble() > 0.8 * parameterBytes, json::toString);
        // The driver could not have held much more.
        assertTrue(json.get("driver_peak_heap_bytes").asLong() <= 256 << 20, json::toString);
        assertFalse(json.get("cpu").asText().isBlank());
        assertFalse(json.get("jdk").asText().isBlank());
    }

    @Test
    void aSignalEndsTheClusterToo() throws Exception {
        try (ForkedProcess process = start("--skip-dl4j")) {
            long end = System.nanoTime() + LIMIT.toNanos();
            List<ProcessHandle> cluster = List.of();
            // Master and two Workers; before, the script has processes of its own.
            while (cluster.size() < 3 && process.handle().isAlive() && System.nanoTime() < end) {
                Thread.sleep(200);
                if (Files.readString(folder.resolve("bench.out")).contains("starting a standalone cluster")) {
                    cluster = process.handle().descendants().toList();
                }
            }
            process.handle().destroy();
            ForkedProcess.Result result = process.await(LIMIT);
            assertEquals(143, result.exitCode(), result.toString());
            assertFalse(result.err().contains("\tat "), result.toString());
            assertTrue(cluster.size() >= 3, result.toString());
            for (ProcessHandle started : cluster) {
                started.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }
}
