package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that come from elsewhere, and trainings that start from a model, by the command line. */
class ForeignModelsTest {
    private static final String MODEL =
            """
            {"class_name": "Sequential", "config": {"name": "tiny", "layers": [
              {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 4, 4, 1], "name": "in"}},
              {"class_name": "Conv2D", "config": {"name": "conv", "filters": 3, "kernel_size": [3, 3], "activation": "relu"}},
              {"class_name": "Flatten", "config": {"name": "flat"}},
              {"class_name": "Dense", "config": {"name": "last", "units": 2, "activation": "softmax"}}]}}
            """;

    @TempDir
    Path folder;

    private TinyProject project;

    @BeforeEach
    void trainOne() throws IOException {
        project = TinyProject.in(folder);
        project.write("model.json", MODEL);
        succeeds("train", project.path("a.conf"));
    }

    private CommandLineRun succeeds(String... arguments) {
        CommandLineRun run = CommandLineRun.of(arguments);
        assertEquals(0, run.exitCode(), run::toString);
        return run;
    }

    private void refuses(List<String> arguments, String... parts) {
        CommandLineRun run = CommandLineRun.of(arguments.toArray(String[]::new));
        assertEquals(2, run.exitCode(), run::toString);
        assertEquals(1, run.err().size(), run::toString);
        for (String part : parts) {
            assertTrue(run.err().get(0).contains(part), run::toString);
        }
    }

    @Test
    void aZipOfPlainDl4jIsEvaluatedPredictedWithAndExportedByWhatIsSaidOfIt() throws IOException {
        Files.copy(folder.resolve("run/model.zip"), folder.resolve("plain.zip"));
        String zip = project.path("plain.zip");
        String images = project.path("images");
        refuses(List.of("evaluate", "--model", zip, "--data", images), "plain.zip", "--image-size");
        refuses(List.of("evaluate", "--model", zip, "--data", images, "--image-size", "4x4x1"), "dark", "classes");
        refuses(
                List.of("evaluate", "--model", zip, "--data", images, "--image-size", "4x4"),
                "--image-size 4x4 cannot be used");

        JsonNode normalization = new ObjectMapper()
                .readTree(folder.resolve("run/model.json").toFile())
                .path("normalization");
        project.write("labels.txt", "dark\nlight\n");
        List<String> known = List.of(
                "--image-size",
                "4x4x1",
                "--labels",
                project.path("labels.txt"),
                "--mean",
                normalization.path("mean").get(0).asText(),
                "--deviation",
                normalization.path("deviation").get(0).asText());
        assertEquals(
                figures(List.of("evaluate", "--model", project.path("run"), "--data", images), List.of()),
                figures(List.of("evaluate", "--model", zip, "--data", images), known));
        assertArrayEquals(
                safetensors(List.of("export", "--model", project.path("run")), List.of(), "own.safetensors"),
                safetensors(List.of("export", "--model", zip), known, "plain.safetensors"));
        CommandLineRun predicted = succeeds(
                "predict", "--model", zip, "--image-size", "4x4x1", "--input", images, "--out", project.path("t"));
        assertTrue(predicted.toString().contains("24 images"), predicted::toString);
    }

    private List<String> figures(List<String> arguments, List<String> more) {
        return succeeds(joined(arguments, more)).out().stream()
                .filter(line -> line.matches("(top-1|loss) .*"))
                .toList();
    }

    private static String[] joined(List<String> arguments, List<String> more) {
        return java.util.stream.Stream.concat(arguments.stream(), more.stream()).toArray(String[]::new);
    }

    /** The numbers, which are the last of the file: 3 of 3x3, 3, 12 of 2, and 2, of 4 bytes. */
    private byte[] safetensors(List<String> arguments, List<String> more, String name) throws IOException {
        String[] all = joined(arguments, more);
        String[] out = java.util.Arrays.copyOf(all, all.length + 2);
        out[all.length] = "--out";
        out[all.length + 1] = project.path(name);
        succeeds(out);
        byte[] bytes = Files.readAllBytes(folder.resolve(name));
        return java.util.Arrays.copyOfRange(bytes, bytes.length - 4 * (27 + 3 + 24 + 2), bytes.length);
    }

    @Test
    void aTrainingStartsFromAModelAndSaysWhatIsLoadedAndFrozen() throws IOException {
        String weights = "model.weights=" + project.path("run");
        CommandLineRun described =
                succeeds("describe", project.path("model.json"), weights, "training.frozenLayers=conv");
        assertTrue(described.toString().contains("weights   conv, last from file:"), described::toString);
        assertTrue(described.toString().contains("frozen    conv (30 parameters)"), described::toString);

        CommandLineRun tuned = succeeds(
                "train",
                project.path("a.conf"),
                weights,
                "model.replaceLastLayer=true",
                "training.frozenLayers=[conv]",
                "run.directory=" + project.path("tuned"));
        assertTrue(tuned.toString().contains("weights   conv from file:"), tuned::toString);
        assertTrue(tuned.toString().contains("new       last"), tuned::toString);
        String report = Files.readString(folder.resolve("tuned/report.html"));
        assertTrue(report.contains("started from") && report.contains("frozen: conv (30 parameters)"), report);
        assertTrue(Files.readString(folder.resolve("tuned/metrics.jsonl")).contains("\"event\":\"fine_tuning\""));

        // The report of a run that goes on still says where it came from.
        Files.move(folder.resolve("run"), folder.resolve("gone"));
        CommandLineRun resumed = succeeds("train", "--resume", project.path("tuned"), "training.epochs=3");
        assertFalse(resumed.toString().contains("weights   "), resumed::toString);
        assertTrue(resumed.toString().contains("frozen    conv"), resumed::toString);
        assertTrue(Files.readString(folder.resolve("tuned/report.html")).contains("started from"));
    }

    @Test
    void whatCannotBeStartedFromIsRefusedBeforeAnythingIsWritten() throws IOException {
        String conf = project.path("a.conf");
        String fresh = "run.directory=" + project.path("fresh");
        refuses(List.of("train", conf, fresh, "model.weights=" + project.path("nowhere")), "nowhere");
        refuses(
                List.of("train", conf, fresh, "model.weights=" + project.path("run"), "training.frozenLayers=first"),
                "training.frozenLayers names \"first\"");
        project.write("text.h5", "text");
        refuses(List.of("train", conf, fresh, "model.weights=" + project.path("text.h5")), "text.h5", "no zip");
        project.write("wide.json", MODEL.replace("\"filters\": 3", "\"filters\": 4"));
        refuses(
                List.of(
                        "train",
                        conf,
                        fresh,
                        "model.weights=" + project.path("run"),
                        "model.file=" + project.path("wide.json")),
                "\"conv\"",
                "[3, 3, 1, 3]",
                "[3, 3, 1, 4]");
        assertFalse(Files.exists(folder.resolve("fresh/checkpoints")));
    }
}
