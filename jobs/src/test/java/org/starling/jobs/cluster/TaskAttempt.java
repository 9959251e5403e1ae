package org.starling.jobs.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An attempt of a task as Spark's event log tells of it. Times are milliseconds of the driver's clock.
 *
 * @param round that it trains in, from 1; 0 for a task that does not train
 * @param replica number of its partition
 * @param end Spark's name of how it ended: {@code Success}, {@code TaskKilled}, {@code ExceptionFailure}
 */
record TaskAttempt(int round, int replica, String host, boolean speculative, String end, long launched, long finished) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Settings of Spark's that make it write one, and others. */
    static String[] settings(Path folder, String... others) throws IOException {
        Files.createDirectories(folder);
        return Stream.concat(
                        Stream.of("spark.eventLog.enabled=true", "spark.eventLog.dir=" + folder.toUri()),
                        Stream.of(others))
                .toArray(String[]::new);
    }

    /** All attempts that ended. */
    static List<TaskAttempt> read(Path folder) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (Path log : Checkout.list(folder)) {
            for (String line : Files.readAllLines(log)) {
                events.add(JSON.readTree(line));
            }
        }
        Map<Integer, Integer> rounds = new HashMap<>();
        List<TaskAttempt> attempts = new ArrayList<>();
        for (JsonNode event : events) {
            JsonNode stage = event.path("Stage Info");
            switch (event.path("Event").asText()) {
                case "SparkListenerStageSubmitted" -> {
                    boolean trains =
                            stage.path("RDD Info").findValuesAsText("Name").contains("trained replicas");
                    if (trains) {
                        int id = stage.path("Stage ID").asInt();
                        rounds.putIfAbsent(id, rounds.size() + 1);
                    }
                }
                case "SparkListenerTaskEnd" -> {
                    int id = event.path("Stage ID").asInt();
                    JsonNode task = event.path("Task Info");
                    attempts.add(new TaskAttempt(
                            rounds.getOrDefault(id, 0),
                            task.path("Partition ID").asInt(),
                            task.path("Host").asText(),
                            task.path("Speculative").asBoolean(),
                            event.path("Task End Reason").path("Reason").asText(),
                            task.path("Launch Time").asLong(),
                            task.path("Finish Time").asLong()));
                }
                default -> {
                    // Of no use here.
                }
            }
        }
        return attempts;
    }
}
