package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.cluster.Checkout;

/** {@code bin/starling prepare}, killed at random moments. */
class PrepareIT {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final String IMAGES = "data/fashion-mnist/train-images-idx3-ubyte.gz";
    private static final int SHARDS = 60;
    private static final int KILLS = 3;

    @TempDir
    Path folder;

    private ForkedProcess start(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(Checkout.ROOT.resolve("bin/starling").toString()));
        command.addAll(List.of(arguments));
        return ForkedProcess.start(
                Checkout.ROOT, folder, "prepare", Map.of("JAVA_HOME", System.getProperty("java.home")), command);
    }

    private ForkedProcess prepare(Path target) throws Exception {
        return start(
                "prepare",
                "--data=" + IMAGES,
                "--out=" + target,
                "--validation-fraction=0.1",
                "--shard-images=" + 12_000 / SHARDS);
    }

    private static ForkedProcess.Result succeeds(ForkedProcess started) throws Exception {
        try (ForkedProcess process = started) {
            ForkedProcess.Result result = process.await(LIMIT);
            assertEquals(0, result.exitCode(), result.toString());
            assertFalse(result.err().contains("\tat "), result.toString());
            return result;
        }
    }

    private static long noted(Path target) throws IOException {
        Path work = target.resolve("_work");
        if (!Files.isDirectory(work)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(work)) {
            return files.filter(file -> file.toString().endsWith(".note")).count();
        }
    }

    private static Map<String, byte[]> content(Path target) throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(target)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(target.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return content;
    }

    @Test
    void killedAtRandomMomentsItGoesOnAndEndsWithTheSameBytes() throws Exception {
        Path whole = folder.resolve("whole");
        ForkedProcess.Result result = succeeds(prepare(whole));
        assertTrue(result.out().contains("train     10,800 images"), result.toString());

        Path target = folder.resolve("killed");
        Random random = new Random(5);
        for (int kill = 0; kill < KILLS; kill++) {
            long until = noted(target) + 1 + random.nextInt(SHARDS / KILLS / 2);
            try (ForkedProcess process = prepare(target)) {
                long end = System.nanoTime() + LIMIT.toNanos();
                while (noted(target) < until) {
                    assertTrue(process.handle().isAlive() && System.nanoTime() < end);
                    Thread.sleep(1 + random.nextInt(20));
                }
                process.handle().descendants().forEach(ProcessHandle::destroyForcibly);
                process.handle().destroyForcibly();
                process.handle().onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            assertFalse(Files.exists(target.resolve("manifest.json")));
        }
        long before = noted(target);
        assertTrue(before >= KILLS && before < SHARDS, before + " shards");
        result = succeeds(prepare(target));
        assertTrue(result.out().contains("shards    %d of ".formatted(before)), result.toString());
        Map<String, byte[]> expected = content(whole);
        Map<String, byte[]> actual = content(target);
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, bytes) -> assertArrayEquals(bytes, actual.get(name), name));

        succeeds(start("prepare", "--check=" + target));
        assertEquals(
                SHARDS,
                expected.keySet().stream()
                        .filter(name -> name.matches("\\w+/shard.*"))
                        .count());
    }
}
