package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    @TempDir
    Path folder;

    private TinyProject project;

    @BeforeEach
    void makeProject() throws IOException {
        project = TinyProject.in(folder);
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return new TreeSet<>(files.map(Path::toString).toList());
        }
    }

    private CommandLineRun doctor(int exitCode, String... arguments) throws IOException {
        Set<String> before = files();
        List<String> words = new ArrayList<>(List.of("doctor"));
        words.addAll(List.of(arguments));
        CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));
        assertEquals(exitCode, run.exitCode(), run::toString);
        assertEquals(List.of(), run.err());
        assertEquals(before, files());
        return run;
    }

    private static void finds(CommandLineRun run, String level, String subject, String text) {
        assertTrue(
                run.out().stream()
                        .anyMatch(line -> line.matches(level + " +" + subject + " .*") && line.contains(text)),
                () -> level + " " + subject + " " + text + " in " + run);
    }

    @Test
    void aTrainingThatCanRun() throws IOException {
        CommandLineRun run = doctor(0, project.path("a.conf"));
        finds(run, "ok", "memory", "this JVM has");
        finds(run, "ok", "run", "is free");
        finds(run, "ok", "run", "can be written by the driver and the executors");
        finds(run, "ok", "serializer", "JavaSerializer");
        finds(run, "ok", "data", "24 training images of 2 classes, 12 to 12 of each");
        finds(run, "ok", "images", "a sample of 24");
        assertTrue(run.out().get(run.out().size() - 1).startsWith("no problems, "), run::toString);
    }

    @Test
    void everyProblemIsFoundInOneRun() throws IOException {
        project.write("taken/config.conf", "");
        project.write(
                "large.json",
                Files.readString(project.model("wide.json", "Dense", 2))
                        .replace("[null, 4, 4, 1]", "[null, 16000, 16000, 1]"));
        CommandLineRun run = doctor(
                2,
                project.path("a.conf"),
                "model.file=" + project.path("large.json"),
                "run.directory=" + project.path("taken"),
                "data.train=" + project.path("nowhere"));
        finds(run, "problem", "memory", "of heap, and spark.driver.memory gives");
        finds(run, "problem", "run", "exists already");
        finds(run, "problem", "data", "nowhere does not exist");
        finds(run, "ok", "executors", "local");
        assertEquals("3 problems", run.out().get(run.out().size() - 1).split(",")[0]);
    }

    @Test
    void dataThatDoesNotFitOrCannotBeDecoded() throws IOException {
        finds(
                doctor(2, project.path("a.conf"), "model.file=" + project.model("three.json", "Dense", 3)),
                "problem",
                "data",
                "2 classes, the model tiny");
        for (int i = 0; i < 12; i++) {
            Files.write(folder.resolve("images/dark/" + i + ".png"), new byte[] {1});
        }
        finds(doctor(2, project.path("a.conf")), "problem", "images", "12 of a sample of 24 cannot be decoded");
    }

    @Test
    void aTrainingFileThatCannotBeReadLeavesTheMachines() throws IOException {
        CommandLineRun run = doctor(2, project.path("b.conf"));
        finds(run, "problem", "settings", "does not exist");
        finds(run, "ok", "natives", "computes");
        assertTrue(run.out().stream().noneMatch(line -> line.contains(" data ")), run::toString);
    }
}
