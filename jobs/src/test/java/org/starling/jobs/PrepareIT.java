package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.bench.cluster.ForkedProcess;

/** {@code bin/starling prepare}, killed at random moments. */
class PrepareIT {
    private static final String IMAGES = "data/fashion-mnist/train-images-idx3-ubyte.gz";
    private static final int SHARDS = 60;
    private static final int KILLS = 3;

    @TempDir
    Path folder;

    private KilledJob prepare(Path target) {
        return new KilledJob(
                folder,
                target,
                List.of(
                        "prepare",
                        "--data=" + IMAGES,
                        "--out=" + target,
                        "--validation-fraction=0.1",
                        "--shard-images=" + 12_000 / SHARDS));
    }

    @Test
    void killedAtRandomMomentsItGoesOnAndEndsWithTheSameBytes() throws Exception {
        KilledJob whole = prepare(folder.resolve("whole"));
        ForkedProcess.Result result = whole.succeed();
        assertTrue(result.out().contains("train     10,800 images"), result.toString());

        Path target = folder.resolve("killed");
        KilledJob job = prepare(target);
        Random random = new Random(5);
        for (int kill = 0; kill < KILLS; kill++) {
            job.killAt(job.noted() + 1 + random.nextInt(SHARDS / KILLS / 2), random);
            assertFalse(Files.exists(target.resolve("manifest.json")));
        }
        long before = job.noted();
        assertTrue(before >= KILLS && before < SHARDS, before + " shards");
        result = job.succeed();
        assertTrue(result.out().contains("shards    %d of ".formatted(before)), result.toString());
        Map<String, byte[]> expected = whole.content();
        Map<String, byte[]> actual = job.content();
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, bytes) -> assertArrayEquals(bytes, actual.get(name), name));

        new KilledJob(folder, target, List.of("prepare", "--check=" + target)).succeed();
        assertEquals(
                SHARDS,
                expected.keySet().stream()
                        .filter(name -> name.matches("\\w+/shard.*"))
                        .count());
    }
}
