package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.cluster.Checkout;

/** Preparing ten times as many files takes little more memory. */
@Tag("soak")
class LargePreparationIT {
    private static final Duration LIMIT = Duration.ofMinutes(15);
    private static final int CLASSES = 100;
    private static final Pattern HEAP = Pattern.compile("(\\d+)M->(\\d+)M\\((\\d+)M\\)");
    private static final Pattern SECONDS = Pattern.compile("seconds +([\\d.]+)");

    @TempDir
    Path folder;

    private Path images(int count) throws IOException {
        BufferedImage picture = new BufferedImage(24, 24, BufferedImage.TYPE_INT_RGB);
        Path set = folder.resolve("images-" + count);
        for (int c = 0; c < CLASSES; c++) {
            picture.setRGB(c % 24, c / 24, 0xFF00 + c);
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            ImageIO.write(picture, "png", png);
            Path images = Files.createDirectories(set.resolve("class-" + c));
            for (int i = 0; i < count / CLASSES; i++) {
                Files.write(images.resolve("a-name-as-long-as-they-are-" + i + ".png"), png.toByteArray());
            }
        }
        return set;
    }

    /** @return the largest part of the heap that was used, in megabytes, garbage included */
    private int prepare(int count) throws Exception {
        Path images = images(count);
        Path collections = folder.resolve("gc-" + count + ".log");
        List<String> command = List.of(
                Checkout.ROOT.resolve("bin/starling").toString(),
                "prepare",
                "--master=local[2]",
                "--conf=spark.driver.memory=1g",
                "--conf=" + Checkout.javaOptions("spark.driver.extraJavaOptions", "-Xlog:gc:file=" + collections),
                "--data=" + images,
                "--out=" + folder.resolve("set-" + count));
        try (ForkedProcess process = ForkedProcess.start(
                Checkout.ROOT,
                folder,
                "prepare-" + count,
                Map.of("JAVA_HOME", System.getProperty("java.home")),
                command)) {
            ForkedProcess.Result result = process.await(LIMIT);
            assertEquals(0, result.exitCode(), result.toString());
            Matcher seconds = SECONDS.matcher(result.out());
            assertTrue(seconds.find(), result.toString());
            int most = 0;
            Matcher heap = HEAP.matcher(Files.readString(collections));
            while (heap.find()) {
                most = Math.max(most, Integer.parseInt(heap.group(1)));
            }
            System.out.printf(
                    "prepare of %,d files on local[2]: %,.0f files a second, %d MB of the heap%n",
                    count, count / Double.parseDouble(seconds.group(1)), most);
            assertTrue(most > 0, "no collections in " + collections);
            return most;
        }
    }

    @Test
    void aHundredThousandFilesTakeLittleMoreMemoryThanTenThousand() throws Exception {
        int few = prepare(10_000);
        int many = prepare(100_000);
        assertTrue(many <= 1.2 * few, many + " MB of the heap for 100,000 files, " + few + " MB for 10,000");
    }
}
