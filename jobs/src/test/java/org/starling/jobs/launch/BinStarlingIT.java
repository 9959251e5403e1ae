package org.starling.jobs.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.cluster.Checkout;

/** {@code bin/starling} as a person starts it. */
class BinStarlingIT {
    private static final Duration LIMIT = Duration.ofSeconds(120);
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

    @Test
    void ctrlCEndsATrainingWithExitCode130AndSaysHowToGoOn() throws Exception {
        String run = folder.resolve("run").toUri().toString();
        String[] train = {
            "train", "conf/quickstart.conf", "run.directory=" + run, "checkpoint.everyRounds=1", "--master", "local[2]"
        };
        try (ForkedProcess training = start(Map.of(), train)) {
            long end = System.nanoTime() + LIMIT.toNanos();
            // The line of round 2 comes after the checkpoint of round 1.
            while (!Files.readString(folder.resolve("starling.out")).contains("round  2/")
                    && training.handle().isAlive()
                    && System.nanoTime() < end) {
                Thread.sleep(200);
            }
            new ProcessBuilder("kill", "-INT", String.valueOf(training.handle().pid()))
                    .start()
                    .waitFor();
            ForkedProcess.Result result = training.await(LIMIT);
            assertEquals(130, result.exitCode(), result.toString());
            assertTrue(result.out().contains("round  2/"), result.toString());
            assertTrue(result.err().contains("interrupted; to go on after round"), result.toString());
            assertTrue(result.err().contains("starling train --resume file:" + folder), result.toString());
            assertFalse(result.err().contains("\tat "), result.toString());
        }
    }
}
