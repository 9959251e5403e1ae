package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person gets who gives something that cannot be used: one paragraph, exit code 2, and everything as it was. */
class BadInputTest {
    @TempDir
    Path folder;

    private TinyProject project;

    @BeforeEach
    void makeProject() throws IOException {
        project = TinyProject.in(folder);
    }

    private Map<String, Integer> contents() {
        try (Stream<Path> files = Files.walk(folder)) {
            Map<String, Integer> contents = new TreeMap<>();
            for (Path file : files.toList()) {
                contents.put(file.toString(), Files.isDirectory(file) ? 0 : Arrays.hashCode(Files.readAllBytes(file)));
            }
            return contents;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the command line and expects an error that holds these texts. */
    private void refuses(List<String> arguments, String... expected) {
        Map<String, Integer> before = contents();
        CommandLineRun run = CommandLineRun.of(arguments.toArray(String[]::new));
        assertEquals(2, run.exitCode(), run::toString);
        assertEquals(1, run.err().size(), run::toString);
        String error = run.err().get(0);
        assertTrue(error.startsWith("error: "), run::toString);
        for (String text : expected) {
            assertTrue(error.contains(text), () -> "'" + text + "' in: " + run);
        }
        assertFalse(run.toString().contains("\tat ") || run.toString().contains("Exception"), run::toString);
        assertEquals(before, contents());
    }

    private void trainRefuses(List<String> assignments, String... expected) {
        List<String> arguments = new ArrayList<>(List.of("train", project.path("a.conf")));
        arguments.addAll(assignments);
        refuses(arguments, expected);
    }

    @Test
    void aMissingTrainingFile() {
        refuses(List.of("train", project.path("b.conf")), project.path("b.conf"), "does not exist");
    }

    @Test
    void aTypoInASetting() throws IOException {
        project.write("b.conf", "include \"a.conf\"\ntraining.epoch = 3");
        refuses(List.of("train", project.path("b.conf")), "b.conf:2", "training.epoch", "training.epochs");
        trainRefuses(List.of("training.epochs=soon"), "training.epochs", "soon", "whole number");
    }

    @Test
    void aPreparationThatCannotBeMade() {
        refuses(List.of("prepare", "--data=" + project.path("images")), "--data PATH and --out DIR");
        List<String> prepare = List.of("prepare", "--out=" + project.path("set"), "--data=" + project.path("nowhere"));
        refuses(prepare, project.path("nowhere"), "does not exist");
        for (String option : List.of(
                "--quality=0",
                "--quality=1.5",
                "--validation-fraction=1",
                "--bad-image-limit=-1",
                "--short-side=-1",
                "--shard-images=0")) {
            List<String> words = new ArrayList<>(prepare);
            words.add(option);
            refuses(words, option.replace('=', ' '), "expected");
        }
        refuses(List.of("prepare", "--check=" + project.path("nowhere")), "nowhere", "cannot be read");
    }

    @Test
    void missingImages() {
        trainRefuses(List.of("data.train=" + project.path("nowhere")), project.path("nowhere"));
        trainRefuses(
                List.of("data.validation=" + project.path("nowhere"), "data.validationFraction=0"),
                project.path("nowhere"));
    }

    @Test
    void anEmptyFolder() throws IOException {
        Files.createDirectory(folder.resolve("empty"));
        trainRefuses(List.of("data.train=" + project.path("empty")), project.path("empty"));
        Files.createDirectories(folder.resolve("hollow/dark"));
        Files.createDirectories(folder.resolve("hollow/light"));
        trainRefuses(List.of("data.train=" + project.path("hollow")), project.path("hollow"));
    }

    @Test
    void moreUnreadableImagesThanTheLimit() throws IOException {
        byte[] whole = Files.readAllBytes(folder.resolve("images/dark/3.png"));
        Files.write(folder.resolve("images/dark/3.png"), Arrays.copyOf(whole, whole.length / 2));
        trainRefuses(List.of(), "3.png", "data.badImageLimit");
    }

    @Test
    void otherClassesThanTheModelsOutputs() throws IOException {
        trainRefuses(List.of("model.file=" + project.model("three.json", "Dense", 3)), "3", "2", "last");
    }

    @Test
    void aMissingOrUnreadableModel() throws IOException {
        trainRefuses(List.of("model.file=" + project.path("nowhere.json")), "nowhere.json");
        trainRefuses(List.of("model.file=" + project.write("text.json", "no JSON at all")), "text.json");
        refuses(List.of("describe", project.path("nowhere.json")), "nowhere.json");
    }

    @Test
    void aLayerThatIsNotSupported() throws IOException {
        trainRefuses(List.of("model.file=" + project.model("lstm.json", "LSTM", 2)), "LSTM", "last");
        refuses(List.of("describe", project.path("lstm.json")), "LSTM", "last");
    }

    @Test
    void aRunDirectoryThatExists() throws IOException {
        project.write("run/model.zip", "precious");
        trainRefuses(List.of(), project.path("run"), "exists", "--resume");
    }

    @Test
    void nothingToResume() {
        refuses(List.of("train", "--resume", project.path("nowhere")), project.path("nowhere"), "no run to resume");
    }

    @Test
    void aModelOrImagesThatCannotBeEvaluated() throws IOException {
        String images = project.path("images");
        refuses(List.of("evaluate", "--model", project.path("nowhere.zip"), "--data", images), "nowhere.zip");
        Path text = project.write("text.zip", "no zip at all");
        refuses(List.of("evaluate", "--model", text.toString(), "--data", images), "text.zip");
        refuses(
                List.of("predict", "--model", text.toString(), "--input", images, "--out", project.path("t")),
                "text.zip");
    }

    @Test
    void aCommandLineThatMeansNothing() {
        for (String[] arguments :
                new String[][] {{"trian"}, {"train", "--rezume", "x"}, {"evaluate", "--model", "m"}}) {
            CommandLineRun run = CommandLineRun.of(arguments);
            assertEquals(2, run.exitCode(), run::toString);
            assertTrue(run.err().size() <= 2, run::toString);
        }
        assertTrue(CommandLineRun.of("trian").toString().contains("train"));
        refuses(List.of("train"), "starling train conf/quickstart.conf");
        refuses(List.of("predict", "--model", "m", "--input", "i", "--out", "o", "--top", "0"), "--top 0");
        refuses(
                List.of("predict", "--model", "m", "--input", "i", "--out", "o", "--top", "2", "--layer", "FC7"),
                "--top and --layer exclude each other");
    }
}
