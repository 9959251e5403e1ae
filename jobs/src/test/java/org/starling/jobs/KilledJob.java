package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.cluster.Checkout;

/**
 * A job of {@code bin/starling} that notes finished parts in a folder {@code _work}, killed while it does.
 *
 * @param logs where the process's output goes
 * @param output that it makes
 * @param arguments of bin/starling
 */
record KilledJob(Path logs, Path output, List<String> arguments) {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private ForkedProcess start() throws Exception {
        List<String> command =
                new ArrayList<>(List.of(Checkout.ROOT.resolve("bin/starling").toString()));
        command.addAll(arguments);
        return ForkedProcess.start(
                Checkout.ROOT, logs, arguments.get(0), Map.of("JAVA_HOME", System.getProperty("java.home")), command);
    }

    /** Runs to its end, which has to be a good one. */
    ForkedProcess.Result succeed() throws Exception {
        try (ForkedProcess process = start()) {
            ForkedProcess.Result result = process.await(LIMIT);
            assertEquals(0, result.exitCode(), result.toString());
            assertFalse(result.err().contains("\tat "), result.toString());
            return result;
        }
    }

    /** Runs until so many parts are noted, and is killed then. */
    void killAt(long parts, Random random) throws Exception {
        try (ForkedProcess process = start()) {
            long end = System.nanoTime() + LIMIT.toNanos();
            while (noted() < parts) {
                assertTrue(process.handle().isAlive() && System.nanoTime() < end);
                Thread.sleep(1 + random.nextInt(20));
            }
            process.handle().descendants().forEach(ProcessHandle::destroyForcibly);
            process.handle().destroyForcibly();
            process.handle().onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Parts that are noted. */
    long noted() throws IOException {
        Path work = output.resolve("_work");
        if (!Files.isDirectory(work)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(work)) {
            return files.filter(file -> file.toString().endsWith(".note")).count();
        }
    }

    /** The output's files. */
    Map<String, byte[]> content() throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(output)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(output.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return content;
    }
}
