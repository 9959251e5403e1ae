package org.starling.jobs.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.cluster.Checkout;
import org.starling.jobs.cluster.TrainedModel;

/** {@code bin/starling} as a person starts it. */
class BinStarlingIT {
    private static final Duration LIMIT = Duration.ofSeconds(300);
    private static final String JAVA_HOME = System.getProperty("java.home");

    @TempDir
    Path folder;

    private ForkedProcess start(Map<String, String> environment, String... arguments) throws Exception {
        // A shell that starts Maven in the background makes it, and all that it starts, ignore Ctrl-C.
        List<String> command = new ArrayList<>(List.of(
                "env",
                "--default-signal=INT",
                Checkout.ROOT.resolve("bin/starling").toString()));
        command.addAll(List.of(arguments));
        Map<String, String> all = new HashMap<>(Map.of("JAVA_HOME", JAVA_HOME));
        all.putAll(environment);
        return ForkedProcess.start(Checkout.ROOT, folder, "starling", all, command);
    }

    private ForkedProcess.Result run(Map<String, String> environment, String... arguments) throws Exception {
        try (ForkedProcess process = start(environment, arguments)) {
            return process.await(LIMIT);
        }
    }

    /** A folder that looks like a JDK of another version. */
    private Path jdk(String version) throws Exception {
        Path home = folder.resolve("jdk-" + version);
        Path javac = Files.createDirectories(home.resolve("bin")).resolve("javac");
        Files.writeString(javac, "#!/bin/sh\nexit 1\n");
        assertTrue(javac.toFile().setExecutable(true));
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    @Test
    void itDescribesAModelAndSaysNothingElse() throws Exception {
        ForkedProcess.Result result = run(Map.of(), "describe", "conf/models/alexnet.json");
        assertEquals(0, result.exitCode(), result.toString());
        assertTrue(result.out().contains("62,378,344"), result.toString());
        assertEquals("", result.err());
    }

    @Test
    void anotherJdkInJavaHomeIsNamedAndA17TakenInstead() throws Exception {
        Path other = jdk("25.0.1");
        Map<String, String> environment = Map.of(
                "JAVA_HOME", other.toString(), "PATH", JAVA_HOME + "/bin" + File.pathSeparator + System.getenv("PATH"));
        ForkedProcess.Result result = run(environment, "--version");
        assertEquals(0, result.exitCode(), result.toString());
        assertTrue(
                result.err().contains("JAVA_HOME is JDK 25.0.1 at " + other + ", and Starling needs 17; using JDK 17"),
                result.toString());
    }

    @Test
    void argumentsReachTheJobWithTheirSpaces() throws Exception {
        ForkedProcess.Result result = run(Map.of(), "describe", "no such  model '*'.json");
        assertEquals(2, result.exitCode(), result.toString());
        assertTrue(result.err().contains("no such  model '*'.json"), result.toString());
    }

    @Test
    void wrongInputIsExitCode2WithoutAStackTrace() throws Exception {
        for (String[] words : List.of(
                new String[] {"train", "nowhere.conf"},
                new String[] {"no-such-job"},
                new String[] {"train", "conf/quickstart.conf", "--master", "sparc://h"},
                new String[] {"train", "conf/quickstart.conf", "--conf", "spark.driver.memory=400m"})) {
            ForkedProcess.Result result = run(Map.of(), words);
            assertEquals(2, result.exitCode(), result.toString());
            assertFalse(result.err().contains("\tat "), result.toString());
        }
    }

    /** 2,000 images, 33 rounds. */
    private static final List<String> TRAINING = List.of(
            "train",
            "conf/quickstart.conf",
            "data.train=data/fashion-mnist/t10k-images-idx3-ubyte.gz",
            "training.epochs=3",
            "training.stepsPerRound=3",
            "--master",
            "local[2]");

    private ForkedProcess train(String run) throws Exception {
        List<String> words = new ArrayList<>(TRAINING);
        words.add("run.directory=" + folder.resolve(run).toUri());
        return start(Map.of(), words.toArray(String[]::new));
    }

    private static void awaitRound2(ForkedProcess training) throws Exception {
        training.awaitOutput(Pattern.compile("(round  2/33)"), LIMIT);
    }

    private byte[] coefficients(String run) throws IOException {
        return TrainedModel.coefficients(folder.resolve(run));
    }

    private List<String> metrics(String run) throws IOException {
        return Files.readAllLines(folder.resolve(run).resolve("metrics.jsonl"));
    }

    @Test
    void aSignalEndsATrainingWithACheckpointFromWhichItGoesOnWithTheSameBits() throws Exception {
        try (ForkedProcess undisturbed = train("undisturbed")) {
            assertEquals(0, undisturbed.await(LIMIT).exitCode());
        }
        for (Map.Entry<String, Integer> signal : Map.of("INT", 130, "TERM", 143).entrySet()) {
            String run = signal.getKey().toLowerCase(Locale.ROOT);
            ForkedProcess.Result stopped;
            try (ForkedProcess training = train(run)) {
                awaitRound2(training);
                training.kill(signal.getKey());
                stopped = training.await(LIMIT);
            }
            assertEquals(signal.getValue(), stopped.exitCode(), stopped.toString());
            assertTrue(stopped.err().contains("SIG" + signal.getKey() + ": giving up the round"), stopped.toString());
            assertFalse(stopped.err().contains("\tat "), stopped.toString());
            assertFalse(Files.exists(folder.resolve(run).resolve("model.zip")), stopped.toString());
            Matcher said = Pattern.compile("stopped   after round (\\d+) of 33, checkpoint (file:\\S+)")
                    .matcher(stopped.out());
            assertTrue(said.find(), stopped.toString());
            Path checkpoint = Path.of(URI.create(said.group(2)));
            assertTrue(Files.exists(checkpoint.resolve("manifest.json")), stopped.toString());
            String last = metrics(run).get(metrics(run).size() - 1);
            assertTrue(last.startsWith("{\"event\":\"stopped\",\"round\":" + said.group(1)), last);

            // What the console says, as the shell takes it.
            Matcher command = Pattern.compile("go on by  (.*)").matcher(stopped.out());
            assertTrue(command.find(), stopped.toString());
            try (ForkedProcess resumed = ForkedProcess.start(
                    Checkout.ROOT,
                    folder,
                    "resumed",
                    Map.of("JAVA_HOME", JAVA_HOME),
                    List.of("bash", "-c", command.group(1)))) {
                ForkedProcess.Result result = resumed.await(LIMIT);
                assertEquals(0, result.exitCode(), result.toString());
                assertTrue(result.out().contains("resumed   after round " + said.group(1)), result.toString());
            }
            assertArrayEquals(coefficients("undisturbed"), coefficients(run));
        }
    }

    @Test
    void aSecondSignalEndsATrainingAtOnce() throws Exception {
        try (ForkedProcess training = train("twice")) {
            awaitRound2(training);
            // Both are there when it goes on, so neither comes after its end.
            training.kill("STOP", "TERM", "INT", "CONT");
            ForkedProcess.Result result = training.await(LIMIT);
            assertTrue(Set.of(130, 143).contains(result.exitCode()), result.toString());
            assertTrue(result.err().contains("interrupted again: ending at once"), result.toString());
            assertFalse(result.out().contains("stopped"), result.toString());
            assertFalse(Files.exists(folder.resolve("twice").resolve("checkpoints")), "a checkpoint was written");
        }
    }
}
