package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.bench.cluster.StandaloneCluster;

/** An executor trains on a prepared set of ten times its heap, and needs no more memory than for one of a tenth as much. */
@Tag("soak")
class LargeSetIT {
    private static final Duration LIMIT = Duration.ofMinutes(15);
    private static final int HEAP_MEGABYTES = 512;

    /** Of noise, which no format makes smaller. */
    private static final int PICTURE_SIDE = 591;

    private static final long PICTURE_BYTES = 3L * PICTURE_SIDE * PICTURE_SIDE;
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final String MODEL =
            """
            {"class_name": "Sequential", "config": {"name": "small", "layers": [
             {"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [null, 32, 32, 3], "dtype": "float32"}},
             {"class_name": "Conv2D", "config": {"name": "conv", "filters": 8, "kernel_size": [5, 5], "strides": [3, 3], "activation": "relu"}},
             {"class_name": "Flatten", "config": {"name": "flat"}},
             {"class_name": "Dense", "config": {"name": "out", "units": 2, "activation": "softmax"}}]}}
            """;

    @TempDir
    Path folder;

    /** @return the folder of a prepared set of so many bytes */
    private Path prepare(long bytes) throws Exception {
        Path images = folder.resolve("images-" + bytes);
        Random random = new Random(bytes);
        int[] line = new int[PICTURE_SIDE];
        BufferedImage picture = new BufferedImage(PICTURE_SIDE, PICTURE_SIDE, BufferedImage.TYPE_3BYTE_BGR);
        for (int i = 0; i < bytes / PICTURE_BYTES; i++) {
            for (int y = 0; y < PICTURE_SIDE; y++) {
                for (int x = 0; x < PICTURE_SIDE; x++) {
                    line[x] = random.nextInt();
                }
                picture.setRGB(0, y, PICTURE_SIDE, 1, line, 0, PICTURE_SIDE);
            }
            Path file = images.resolve(i % 2 + "/" + i + ".bmp");
            Files.createDirectories(file.getParent());
            ImageIO.write(picture, "bmp", file.toFile());
        }
        Path set = folder.resolve("set-" + bytes);
        List<String> command = List.of(
                Checkout.ROOT.resolve("bin/starling").toString(),
                "prepare",
                "--data=" + images,
                "--out=" + set,
                "--short-side=0",
                "--shard-images=128");
        try (ForkedProcess process = ForkedProcess.start(
                Checkout.ROOT,
                folder,
                "prepare-" + bytes,
                Map.of("JAVA_HOME", System.getProperty("java.home")),
                command)) {
            ForkedProcess.Result result = process.await(LIMIT);
            assertEquals(0, result.exitCode(), result.toString());
        }
        delete(images);
        return set;
    }

    private static void delete(Path tree) throws IOException {
        List<Path> files = new ArrayList<>();
        try (var walk = Files.walk(tree)) {
            walk.forEach(files::add);
        }
        for (int i = files.size() - 1; i >= 0; i--) {
            Files.delete(files.get(i));
        }
    }

    private static long resident(ProcessHandle process) {
        try {
            Matcher matcher = RESIDENT.matcher(Files.readString(Path.of("/proc", process.pid() + "", "status")));
            return matcher.find() ? 1024 * Long.parseLong(matcher.group(1)) : 0;
        } catch (IOException e) {
            // It has ended.
            return 0;
        }
    }

    /** @return the executor's largest resident size while it trained two epochs */
    private long train(StandaloneCluster cluster, Path set) throws Exception {
        Path run = folder.resolve("run-" + set.getFileName());
        Path model = Files.writeString(folder.resolve("model.json"), MODEL);
        Path conf = Files.writeString(
                folder.resolve(run.getFileName() + ".conf"),
                """
                model.file = "%s"
                data { train = "%s", validationFraction = 0, augmentation { crop = resized, mirror = true } }
                run.directory = "%s"
                training { epochs = 2, batch = 32, stepsPerRound = 20, schedule.learningRate = 1e-4 }
                """
                        .formatted(model, set.resolve("train"), run.toUri()));
        List<String> options = List.of(
                "--conf",
                "spark.driver.memory=512m",
                "--conf",
                "spark.executor.memory=" + HEAP_MEGABYTES + "m",
                "--conf",
                Checkout.javaOptions(
                        "spark.executor.extraJavaOptions", "-Xms" + HEAP_MEGABYTES + "m -XX:+AlwaysPreTouch"),
                "--conf",
                "spark.local.dir=" + folder.resolve("local"));
        long most = 0;
        try (ForkedProcess driver = cluster.start(options, "train", conf.toString())) {
            long end = System.nanoTime() + LIMIT.toNanos();
            while (driver.handle().isAlive() && System.nanoTime() < end) {
                for (ProcessHandle executor : cluster.executors()) {
                    most = Math.max(most, resident(executor));
                }
                Thread.sleep(200);
            }
            ForkedProcess.Result result = driver.await(LIMIT);
            assertEquals(0, result.exitCode(), result.toString());
        }
        return most;
    }

    @Test
    void aSetOfTenTimesTheHeapTakesNoMoreMemoryThanOneOfATenth() throws Exception {
        long heap = (long) HEAP_MEGABYTES << 20;
        try (StandaloneCluster cluster =
                new StandaloneCluster(Checkout.installation(), folder.resolve("cluster"), 1, 1, 1024)) {
            long small = train(cluster, prepare(heap));
            long large = train(cluster, prepare(10 * heap));
            System.out.printf(
                    "an executor with a heap of %d MB: %d MB resident with a set as large, %d MB with one ten times as large%n",
                    HEAP_MEGABYTES, small >> 20, large >> 20);
            assertTrue(small > heap, small + " bytes resident");
            assertTrue(large <= 1.1 * small, large + " bytes resident, " + small + " with a tenth of the images");
        }
    }
}
