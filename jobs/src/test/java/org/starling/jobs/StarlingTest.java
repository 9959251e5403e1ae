package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StarlingTest {
    @TempDir
    Path folder;

    private TinyProject project;

    @BeforeEach
    void makeProject() throws IOException {
        project = TinyProject.in(folder);
    }

    private static CommandLineRun succeeds(String... arguments) {
        CommandLineRun run = CommandLineRun.of(arguments);
        assertEquals(0, run.exitCode(), run::toString);
        return run;
    }

    private String lastMetrics() throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve("run/metrics.jsonl"));
        return lines.get(lines.size() - 1);
    }

    @Test
    void trainsResumesEvaluatesAndPredicts() throws IOException {
        CommandLineRun trained = succeeds("train", project.path("a.conf"));
        List<String> out = trained.out();
        String accuracy = out.get(out.size() - 2).replaceFirst("^validation accuracy: ", "");
        String model = out.get(out.size() - 1).replaceFirst("^model: ", "");
        assertEquals(
                "{\"event\":\"end\",\"validation_accuracy\":%s,\"model\":\"%s\",\"replica_rounds\":8,\"repeated_replica_rounds\":0}"
                        .formatted(accuracy, model),
                lastMetrics());
        assertEquals("file:" + folder + "/run/model.zip", model);
        for (String file : List.of("config.conf", "metrics.jsonl", "report.html", "starling.log", "model.zip")) {
            assertTrue(Files.size(folder.resolve("run").resolve(file)) > 0, file);
        }
        long rounds =
                out.stream().filter(line -> line.matches("epoch .* round .*")).count();
        assertEquals(4, rounds, trained::toString);

        byte[] first = Files.readAllBytes(folder.resolve("run/model.zip"));
        CommandLineRun resumed =
                succeeds("train", project.path("a.conf"), "--resume", project.path("run"), "training.epochs=3");
        assertTrue(resumed.toString().contains("changed   training.epochs: 2 -> 3"), resumed::toString);
        assertEquals(
                2,
                resumed.out().stream()
                        .filter(line -> line.matches("epoch .* round .*"))
                        .count(),
                resumed::toString);
        assertTrue(Arrays.equals(first, Files.readAllBytes(folder.resolve("run/model.zip"))));
        assertTrue(lastMetrics().startsWith("{\"event\":\"end\""), lastMetrics());

        CommandLineRun evaluated = succeeds(
                "evaluate",
                "--model",
                project.path("run"),
                "--data",
                project.path("images"),
                "--out",
                project.path("e"));
        assertTrue(evaluated.toString().contains("images    24"), evaluated::toString);
        assertTrue(Files.exists(folder.resolve("e/evaluation.json")));

        succeeds(
                "predict",
                "--model",
                project.path("run"),
                "--input",
                project.path("images"),
                "--out",
                project.path("t"),
                "--top",
                "2",
                "--format",
                "json");
        try (Stream<Path> parts = Files.list(folder.resolve("t"))) {
            long rows = 0;
            for (Path part :
                    parts.filter(file -> file.toString().endsWith(".json")).toList()) {
                rows += Files.readAllLines(part).size();
            }
            assertEquals(24, rows);
        }
    }

    @Test
    void anEnsembleIsTrainedGoesOnAndIsEvaluated() throws IOException {
        String conf = project.path("a.conf");
        String directory = project.path("three");
        CommandLineRun trained =
                succeeds("train", conf, "--ensemble", "3", "run.directory=" + directory, "training.epochs=1");
        assertEquals(
                "ensemble: file:" + directory, trained.out().get(trained.out().size() - 1));
        Set<String> models = new HashSet<>();
        for (int member = 1; member <= 3; member++) {
            Path run = folder.resolve("three/member-" + member);
            models.add(Arrays.toString(Files.readAllBytes(run.resolve("model.zip"))));
            assertTrue(Files.readString(run.resolve("config.conf")).contains("run.member = " + member));
        }
        assertEquals(3, models.size());
        // A member is a run like any other, and its own numbers make it again.
        succeeds("train", conf, "run.member=2", "training.epochs=1");
        assertTrue(Arrays.equals(
                Files.readAllBytes(folder.resolve("run/model.zip")),
                Files.readAllBytes(folder.resolve("three/member-2/model.zip"))));

        CommandLineRun refused = CommandLineRun.of("train", conf, "--ensemble", "3", "run.directory=" + directory);
        assertEquals(2, refused.exitCode(), refused::toString);
        assertTrue(refused.toString().contains("--resume file:" + directory + " --ensemble 3"), refused::toString);

        byte[] second = Files.readAllBytes(folder.resolve("three/member-2/model.zip"));
        try (Stream<Path> files = Files.walk(folder.resolve("three/member-2"))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder.resolve("three/member-3/model.zip"));
        Files.delete(folder.resolve("three/member-3/model.json"));
        CommandLineRun resumed = succeeds("train", "--resume", directory, "--ensemble", "3");
        assertEquals(
                1,
                resumed.out().stream()
                        .filter(line -> line.startsWith("trained   "))
                        .count(),
                resumed::toString);
        assertTrue(resumed.toString().contains("resumed   after round"), resumed::toString);
        assertTrue(Arrays.equals(second, Files.readAllBytes(folder.resolve("three/member-2/model.zip"))));

        CommandLineRun evaluated = succeeds(
                "evaluate",
                "--model",
                directory,
                "--data",
                project.path("images"),
                "--fit-weights",
                project.path("images"),
                "--crops",
                "ten",
                "--out",
                project.path("e"));
        assertTrue(evaluated.toString().contains("predictions of these networks"), evaluated::toString);
        assertEquals(
                3,
                evaluated.out().stream()
                        .filter(line -> line.contains("/three/member-"))
                        .count(),
                evaluated::toString);
        String page = Files.readString(folder.resolve("e/evaluation.html"));
        assertTrue(page.contains("An ensemble of 3 networks") && page.contains("ten crops"), page);
        assertTrue(Files.exists(folder.resolve("e/predictions/_SUCCESS")));
    }

    @Test
    void aRunIsResumedByItsDirectoryAlone() throws IOException {
        succeeds("train", project.path("a.conf"), "training.epochs=1");
        CommandLineRun resumed = succeeds("train", "--resume", project.path("run"), "training.epochs=2");
        assertTrue(resumed.toString().contains("resumed   after round 2"), resumed::toString);
        assertTrue(Files.readString(folder.resolve("run/config.conf")).contains("training.epochs = 1"));
        assertTrue(Files.readString(folder.resolve("run/config-2.conf")).contains("training.epochs = 2"));
    }

    @Test
    void aRunThatIsOverCanBeResumedAndItsNewestModelIsTheOneThatCounts() throws IOException {
        CommandLineRun untrained =
                succeeds("train", project.path("a.conf"), "training.epochs=1", "training.schedule.learningRate=1e-9");
        assertFalse(untrained.out().contains("validation accuracy: 1.0"), untrained::toString);
        succeeds("train", "--resume", project.path("run"), "training.epochs=1");
        succeeds("train", "--resume", project.path("run"), "training.epochs=4", "training.schedule.learningRate=0.05");
        assertTrue(lastMetrics().contains("/run/model-3.zip"), lastMetrics());
        CommandLineRun evaluated =
                succeeds("evaluate", "--model", project.path("run"), "--data", project.path("images"));
        assertTrue(evaluated.toString().contains("top-1     1.0000"), evaluated::toString);
    }

    @Test
    void aFewUnreadableImagesAreListedAndLeftOut() throws IOException {
        byte[] whole = Files.readAllBytes(folder.resolve("images/dark/3.png"));
        Files.write(folder.resolve("images/dark/3.png"), Arrays.copyOf(whole, whole.length / 2));
        CommandLineRun run = succeeds("train", project.path("a.conf"), "data.badImageLimit=0.1", "training.epochs=1");
        assertTrue(run.toString().contains("1 unreadable"), run::toString);
        List<String> bad = Files.readAllLines(folder.resolve("run/bad-images.csv"));
        assertEquals(2, bad.size());
        assertTrue(bad.get(1).contains("dark/3.png,"), bad::toString);
    }

    @Test
    void aRunThatDivergesEndsWithThreeAndSaysWhere() {
        CommandLineRun run = CommandLineRun.of(
                "train",
                project.path("a.conf"),
                "training.schedule.learningRate=1e30",
                "training.optimizer.weightDecay=1",
                "training.epochs=50");
        assertEquals(3, run.exitCode(), run::toString);
        assertEquals(1, run.err().size(), run::toString);
        assertTrue(run.err().get(0).contains("replica") && run.err().get(0).contains("round"), run::toString);
        assertFalse(run.toString().contains("\tat "), run::toString);
    }

    @Test
    void anInternalErrorNamesTheLogThatHasItsTrace() throws IOException {
        // A file system that does not exist is found out by Hadoop, not by Starling.
        System.setProperty("spark.hadoop.fs.broken.impl", "org.example.NoSuchFileSystem");
        CommandLineRun run;
        try {
            run = CommandLineRun.of("train", project.path("a.conf"), "run.directory=broken://h/run");
        } finally {
            System.clearProperty("spark.hadoop.fs.broken.impl");
        }
        assertEquals(1, run.exitCode(), run::toString);
        assertEquals(1, run.err().size(), run::toString);
        assertFalse(run.toString().contains("\tat "), run::toString);
        Path log = Path.of(run.err().get(0).replaceFirst(".*: (?=/)", ""));
        assertTrue(Files.readString(log).contains("\tat "), run::toString);
        Files.delete(log);
    }

    @Test
    void aFileSystemThatFailsNamesTheLogToo() throws IOException {
        // Port 1 answers nobody.
        CommandLineRun run = CommandLineRun.of("train", "ftp://127.0.0.1:1/a.conf");
        assertEquals(2, run.exitCode(), run::toString);
        assertEquals(1, run.err().size(), run::toString);
        Path log = Path.of(run.err().get(0).replaceFirst(".*: (?=/)", ""));
        assertTrue(Files.readString(log).contains("\tat "), run::toString);
        Files.delete(log);
    }

    @Test
    void helpAndVersionAreThereForEveryJob() {
        for (String job : List.of("train", "evaluate", "predict", "prepare", "describe")) {
            assertTrue(succeeds(job, "--help").toString().contains("Usage: starling " + job));
        }
        assertTrue(succeeds().toString().contains("Exit codes"));
        assertTrue(succeeds("--version").toString().contains("starling "));
        assertTrue(succeeds("train", "--help-keys").toString().contains("training.optimizer.momentum"));
    }

    @Test
    void showConfigStartsNothing() {
        CommandLineRun run = succeeds("train", project.path("a.conf"), "--show-config");
        assertTrue(run.out().stream().anyMatch(line -> line.startsWith("training.batch = 3  # ")), run::toString);
        assertFalse(Files.exists(folder.resolve("run")));
    }
}
