package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.bench.cluster.ForkedProcess;

/** {@code bin/starling predict}, killed at random moments. */
class PredictIT {
    private static final String IMAGES = "data/fashion-mnist/train-images-idx3-ubyte.gz";
    private static final int COUNT = 12_000;
    private static final int TASKS = 60;
    private static final int KILLS = 3;

    @TempDir
    Path folder;

    private KilledJob predict(Path target, String... more) {
        List<String> arguments = Stream.concat(
                        Stream.of(
                                "predict",
                                "--model=" + folder.resolve("run"),
                                "--input=" + IMAGES,
                                "--out=" + target,
                                "--tasks=" + TASKS),
                        Stream.of(more))
                .toList();
        return new KilledJob(folder, target, arguments);
    }

    @Test
    void killedAtRandomMomentsItGoesOnAndEndsWithTheSameRows() throws Exception {
        new KilledJob(
                        folder,
                        folder,
                        List.of(
                                "train",
                                "conf/quickstart.conf",
                                "run.directory=" + folder.resolve("run"),
                                "training.epochs=1"))
                .succeed();
        KilledJob whole = predict(folder.resolve("whole"), "--layer=FC7", "--format=json");
        ForkedProcess.Result result = whole.succeed();
        assertTrue(result.out().contains("12,000 images in"), result.toString());
        assertFalse(result.out().contains("going on"), result.toString());

        Path target = folder.resolve("killed");
        KilledJob job = predict(target, "--layer=FC7", "--format=json");
        Random random = new Random(6);
        for (int kill = 0; kill < KILLS; kill++) {
            job.killAt(job.noted() + 1 + random.nextInt(TASKS / KILLS / 2), random);
            assertFalse(Files.exists(target.resolve("_SUCCESS")));
        }
        long before = job.noted();
        assertTrue(before >= KILLS && before < TASKS, before + " parts");
        result = job.succeed();
        assertTrue(result.out().contains("going on: %d of 60 parts".formatted(before)), result.toString());
        assertTrue(result.out().contains("12,000 images in"), result.toString());

        Map<String, byte[]> expected = whole.content();
        Map<String, byte[]> actual = job.content();
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, bytes) -> assertArrayEquals(bytes, actual.get(name), name));
        Set<String> paths = new HashSet<>();
        long rows = 0;
        try (Stream<Path> files = Files.list(target)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".json")).toList()) {
                for (String line : Files.readAllLines(file)) {
                    rows++;
                    paths.add(line.substring(0, line.indexOf(",\"features\"")));
                }
            }
        }
        assertEquals(COUNT, rows);
        assertEquals(COUNT, paths.size());
    }
}
