package org.starling.jobs.bench.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.starling.jobs.bench.Machine;
import org.starling.model.SequentialModel;
import picocli.CommandLine;

class AveragingReportTest {
    private static final SequentialModel NETWORK = AveragingNetwork.of(20_000).model();

    private static AveragingOptions options(String... words) {
        AveragingOptions options = new AveragingOptions();
        new CommandLine(options).parseArgs(words);
        return options;
    }

    /** As the driver prints it and the benchmark reads it. */
    private static ApplicationFigures application(long peak, Double trainSeconds, double... seconds) {
        List<RoundFigures> rounds = DoubleStream.of(seconds)
                .mapToObj(s -> new RoundFigures(s, trainSeconds, 800, 10, 20, 30L))
                .toList();
        return ApplicationFigures.of(new ApplicationFigures(rounds, peak, 2 * peak).json());
    }

    private static Contestant contestant(ApplicationFigures... applications) {
        Contestant contestant = new Contestant();
        List.of(applications).forEach(contestant::add);
        return contestant;
    }

    private static JsonNode json(AveragingReport report) throws Exception {
        return new ObjectMapper().readTree(report.json());
    }

    @Test
    void figuresAreMediansOfAllRoundsAndPeaksTheLargest() throws Exception {
        AveragingReport report = new AveragingReport(
                Machine.current(),
                Optional.of("spark://user:secret@h:1"),
                options(
                        "--parameters=20000",
                        "--replicas=4",
                        "--batch=32",
                        "--conf=spark.some.password=unseen",
                        "--dl4j-conf=a=b"),
                NETWORK,
                contestant(application(5, 0.25, 1, 9), application(7, 0.25, 2, 3)),
                Optional.of(contestant(application(50, null, 20, 30), application(40, null, 40, 50))));
        JsonNode json = json(report);
        assertEquals(2.5, json.get("seconds_per_round").asDouble());
        assertEquals(35, json.get("dl4j_seconds_per_round").asDouble());
        assertEquals(14, json.get("times_dl4j").asDouble());
        // 25 / 5 and 45 / 2.5.
        assertEquals(5, json.at("/spread/times_dl4j_by_application/min").asDouble());
        assertEquals(18, json.at("/spread/times_dl4j_by_application/max").asDouble());
        assertEquals(0.25, json.get("train_seconds_per_round").asDouble());
        assertFalse(json.has("dl4j_train_seconds_per_round"));
        // Rounds of 1, 9, 2 and 3 seconds: 0.75, 0.97, 0.875 and 0.92.
        assertEquals(
                (0.875 + 11 / 12.0) / 2, json.get("averaging_fraction_of_round").asDouble(), 1e-3);
        assertFalse(json.has("dl4j_averaging_fraction_of_round"));
        assertEquals(20_000, json.get("parameters").asInt());
        assertEquals(32, json.get("batch").asInt());
        assertEquals(200, json.get("shuffle_bytes_per_replica").asLong());
        assertEquals(10, json.get("driver_result_bytes").asLong());
        assertEquals(20, json.get("driver_broadcast_bytes").asLong());
        assertEquals(30, json.get("driver_served_bytes").asLong());
        assertEquals(7, json.get("driver_peak_heap_bytes").asLong());
        assertEquals(100, json.get("dl4j_executor_peak_heap_bytes").asLong());
        assertEquals(4, json.at("/spread/seconds_per_round/samples").size());
        assertEquals("b", json.at("/dl4j_settings/a").asText());
        assertFalse(json.get("settings").has("a"));
        assertFalse(json.toString().contains("secret") || json.toString().contains("unseen"), json::toString);
        assertTrue(report.text().contains("times as fast as dl4j"), report::text);
    }

    @Test
    void withoutDl4jNothingSpeaksOfIt() throws Exception {
        AveragingReport report = new AveragingReport(
                Machine.current(),
                Optional.empty(),
                options("--parameters=20000", "--skip-dl4j"),
                NETWORK,
                contestant(application(5, 0.25, 1)),
                Optional.empty());
        assertFalse(json(report).toString().contains("dl4j"), () -> new String(report.json()));
        assertFalse(report.text().contains("dl4j"), report::text);
    }
}
