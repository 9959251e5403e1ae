package org.starling.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.training.TrainingEvent;

class MetricsFileTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("run").resolve(MetricsFile.NAME);
    }

    private MetricsFile metrics(String scheme, boolean resume) {
        String directory = scheme + folder.resolve("run");
        RunFiles run = resume
                ? RunFiles.existing(directory, NoAppendFileSystem.configuration())
                : RunFiles.fresh(directory, NoAppendFileSystem.configuration());
        run.create("settings");
        return new MetricsFile(run);
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }

    private static List<String> events(List<JsonNode> lines) {
        return lines.stream().map(line -> line.path("event").asText()).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:", "noappend:"})
    void hasOneObjectAnEventAndEndsWithAccuracyAndModel(String scheme) throws IOException {
        MetricsFile metrics = metrics(scheme, false);
        metrics.onStart(FakeRun.start());
        FakeRun.rounds(metrics, 0, 10);
        metrics.onEnd(new TrainingEvent.End(
                "epochs", OptionalDouble.of(0.8725), "hdfs://h/m.zip", 3, FakeRun.REPLICA_ROUNDS));

        List<JsonNode> lines = lines(file());
        assertEquals(14, lines.size());
        assertEquals("start", lines.get(0).path("event").asText());
        assertEquals(12_000, lines.get(0).path("training_images").asInt());
        JsonNode third = lines.get(3);
        assertEquals(3, third.path("round").asInt());
        assertEquals(2.3 / 1.6, third.path("loss").asDouble());
        assertEquals(List.of("validation", "checkpoint", "end"), events(lines.subList(11, 14)));
        assertEquals(
                FakeRun.result(1).top1Accuracy(), lines.get(11).path("accuracy").asDouble());
        List<String> text = Files.readAllLines(file());
        assertEquals(
                "{\"event\":\"end\",\"validation_accuracy\":0.8725,\"model\":\"hdfs://h/m.zip\","
                        + "\"replica_rounds\":26,\"repeated_replica_rounds\":2}",
                text.get(text.size() - 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:", "noappend:"})
    void aRoundHasItsTimesAndAStoppedRunEndsWithWhatItLeaves(String scheme) throws IOException {
        MetricsFile metrics = metrics(scheme, false);
        metrics.onStart(FakeRun.start());
        metrics.onRound(FakeRun.round(1));
        metrics.onStopped(new TrainingEvent.Stopped(1, Optional.of("hdfs://h/c/round-1"), 3, FakeRun.REPLICA_ROUNDS));
        List<String> text = Files.readAllLines(file());
        String times = "\"wait_seconds\":0.05,\"gather_seconds\":0.1,\"train_seconds\":0.8,\"average_seconds\":0.05,"
                + "\"slowest_replica\":1,\"slowest_host\":\"b\",\"slowest_seconds\":0.9}";
        assertTrue(text.get(1).endsWith(times), text.get(1));
        assertEquals(
                "{\"event\":\"stopped\",\"round\":1,\"checkpoint\":\"hdfs://h/c/round-1\","
                        + "\"replica_rounds\":26,\"repeated_replica_rounds\":2}",
                text.get(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:", "noappend:"})
    void executorsAreOneLineWithAnObjectEach(String scheme) throws IOException {
        MetricsFile metrics = metrics(scheme, false);
        metrics.onStart(FakeRun.start());
        metrics.onExecutors(FakeRun.executors());
        List<String> text = Files.readAllLines(file());
        assertEquals(2, text.size());
        assertTrue(
                text.get(1)
                        .startsWith("{\"event\":\"executors\",\"executors\":[{\"executor\":\"0\",\"host\":\"a\","
                                + "\"kernels\":\"vector-512\",\"cpu\":\"AMD EPYC 9R14\",\"vector\":\"avx512f\","
                                + "\"processors\":8,\"threads\":4,\"java\":\"17.0.15\"},{\"executor\":\"1\""),
                text.get(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:", "noappend:"})
    void aResumedRunGoesOnInTheSameFileAndLosesNothing(String scheme) throws IOException {
        MetricsFile first = metrics(scheme, false);
        first.onStart(FakeRun.start());
        FakeRun.rounds(first, 0, 10);
        List<String> before = Files.readAllLines(file());
        // A crash in the middle of a line.
        Files.writeString(file(), "{\"event\":\"rou", StandardOpenOption.APPEND);

        MetricsFile second = metrics(scheme, true);
        second.onStart(FakeRun.start());
        second.onResume(new TrainingEvent.Resume(10, "file:/c", List.of("training.epochs: 3 -> 4")));
        FakeRun.rounds(second, 10, 20);

        List<String> after = Files.readAllLines(file());
        assertEquals(before, after.subList(0, before.size()));
        List<JsonNode> lines = lines(file());
        assertEquals(List.of("start", "resume", "round"), events(lines.subList(before.size(), before.size() + 3)));
        JsonNode resume = lines.get(before.size() + 1);
        assertEquals(10, resume.path("round").asInt());
        assertEquals(
                "training.epochs: 3 -> 4",
                resume.path("changed_settings").path(0).asText());
        assertEquals(before.size() + 2 + 12, lines.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:", "noappend:"})
    void anEndWithoutValidationAndALossThatIsNoNumberAreNull(String scheme) throws IOException {
        MetricsFile metrics = metrics(scheme, false);
        metrics.onStart(FakeRun.start());
        metrics.onRound(new TrainingEvent.Round(1, 1, 1, 1, 1, Double.NaN, 0, 1, 0.1, 1, FakeRun.times(1)));
        metrics.onEnd(new TrainingEvent.End("epochs", OptionalDouble.empty(), "m.zip", 3, FakeRun.REPLICA_ROUNDS));
        List<JsonNode> lines = lines(file());
        assertTrue(lines.get(1).get("loss").isNull());
        assertTrue(lines.get(2).get("validation_accuracy").isNull());
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:", "noappend:"})
    void linesThatCouldNotBeWrittenComeWithTheNext(String scheme) throws IOException {
        MetricsFile metrics = metrics(scheme, false);
        metrics.onStart(FakeRun.start());
        Path aside = folder.resolve("aside");
        Files.move(folder.resolve("run"), aside);
        Files.writeString(folder.resolve("run"), "in the way");
        metrics.onValidation(FakeRun.validation(1));
        Files.delete(folder.resolve("run"));
        Files.move(aside, folder.resolve("run"));
        metrics.onCheckpoint(new TrainingEvent.Checkpoint(10, "c", 1));
        assertEquals(List.of("start", "validation", "checkpoint"), events(lines(file())));
    }
}
