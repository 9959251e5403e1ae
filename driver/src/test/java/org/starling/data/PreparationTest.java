package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.InputException;
import org.starling.LocalSpark;

/** 24 images of three classes; those of class {@code large} have 40 x 30 pixels, the others 8 x 6. */
class PreparationTest {
    private static final int IMAGES = 24;
    private static final int SHORT_SIDE = 15;
    private static final PreparationSettings SETTINGS = new PreparationSettings(SHORT_SIDE, 0.95, 0.25, 7, 3, 0.2);

    @TempDir
    Path folder;

    private final JavaSparkContext spark = LocalSpark.context();
    private Path images;

    @BeforeEach
    void pictures() throws IOException {
        images = folder.resolve("images");
        for (int i = 0; i < IMAGES / 3; i++) {
            TestImages.writePicture(images.resolve("large/" + i + ".png"), 40, 30, i);
            TestImages.writePicture(images.resolve("one/" + i + ".png"), 8, 6, i + 50);
            TestImages.writePicture(images.resolve("two/" + i + ".bmp"), 6, 8, i + 90);
        }
    }

    private PreparedSet prepare(Path target, PreparationSettings settings) {
        return new Preparation(source(images), settings, target.toUri().toString()).run(spark, progress -> {});
    }

    private ImageSource source(Path path) {
        return ImageSource.open(spark, path.toString(), "auto");
    }

    private List<ImageRecord> records(Path path, int partitions) {
        return source(path).records(spark, partitions).collect();
    }

    /** Of all visible files, and of those that Hadoop keeps checksums in. */
    private static Map<String, byte[]> content(Path target) throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(target)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(target.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return content;
    }

    private static void assertSame(Map<String, byte[]> expected, Map<String, byte[]> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, bytes) -> assertArrayEquals(bytes, actual.get(name), name));
    }

    private static void assertRefused(Runnable action, String... parts) {
        String message = assertThrows(InputException.class, action::run).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), "'" + part + "' is missing in: " + message);
        }
    }

    @Test
    void everyImageIsInOneShardAndClassesAreSplitEvenly() throws Exception {
        Path target = folder.resolve("set");
        PreparedSet set = prepare(target, SETTINGS);
        assertEquals(List.of("large", "one", "two"), set.classes());
        assertEquals(Set.of("train", "validation"), set.splits().keySet());
        assertArrayEquals(new long[] {6, 6, 6}, set.splits().get("train").classCounts());
        assertArrayEquals(new long[] {2, 2, 2}, set.splits().get("validation").classCounts());
        assertEquals(
                List.of(6, 6, 6),
                set.splits().get("train").shards().stream()
                        .map(PreparedSet.Shard::images)
                        .toList());
        Map<String, ImageRecord> originals = new HashMap<>();
        records(images, 1).forEach(image -> originals.put(image.name(), image));
        Set<String> seen = new HashSet<>();
        for (String split : List.of("train", "validation")) {
            List<ImageRecord> stored = records(target.resolve(split), 2);
            // Sorted by hash, and not class by class.
            assertTrue(
                    stored.stream().limit(6).map(ImageRecord::label).distinct().count() > 1);
            for (ImageRecord image : stored) {
                assertTrue(seen.add(image.name()), image.name());
                ImageRecord original = originals.get(image.name());
                assertEquals(original.label(), image.label());
                Pixels pixels = ImageDecoder.pixels(image);
                if (image.name().startsWith("large")) {
                    assertEquals(SHORT_SIDE, pixels.width());
                    assertEquals(40 * SHORT_SIDE / 30, pixels.height());
                    assertEquals(
                            ImageFileFormat.JPEG,
                            ImageFileFormat.of(image.bytes()).orElseThrow());
                } else {
                    assertArrayEquals(original.bytes(), image.bytes());
                }
            }
        }
        assertEquals(originals.keySet(), seen);
    }

    @Test
    void twoRunsGiveTheSameBytesWhateverThePartitionsAndTheSource() throws Exception {
        prepare(folder.resolve("first"), SETTINGS);
        prepare(folder.resolve("second"), SETTINGS);
        assertSame(content(folder.resolve("first")), content(folder.resolve("second")));
        // A source that has to be shuffled: the shards of the first.
        Path again = folder.resolve("third");
        PreparationSettings once = new PreparationSettings(0, 1, 0, 100, 3, 0);
        new Preparation(
                        source(folder.resolve("first/train")),
                        once,
                        again.toUri().toString())
                .run(spark, progress -> {});
        Map<String, byte[]> before = new HashMap<>();
        records(folder.resolve("first/train"), 1).forEach(image -> before.put(image.name(), image.bytes()));
        List<ImageRecord> after = records(again, 1);
        assertEquals(before.size(), after.size());
        after.forEach(image -> assertArrayEquals(before.get(image.name()), image.bytes()));
    }

    @Test
    void badImagesAreInTheQuarantineAndARunThatEndedGoesOn() throws Exception {
        Files.writeString(images.resolve("one/\"bad\",1.png"), "no picture");
        Path whole = folder.resolve("whole");
        assertEquals(1, prepare(whole, SETTINGS).badImages());
        assertEquals(
                "{\"path\":\"one/\\\"bad\\\",1.png\",\"reason\":\"not an image file that can be read (JPEG, PNG, GIF, BMP, WEBP)\"}\n",
                Files.readString(whole.resolve("quarantine.jsonl")));

        Path target = folder.resolve("interrupted");
        PreparationSettings strict = new PreparationSettings(SHORT_SIDE, 0.95, 0.25, 7, 3, 0);
        assertRefused(() -> prepare(target, strict), "1 of 25 images", "bad", "raise the limit to go on");
        assertFalse(Files.exists(target.resolve("manifest.json")));
        // One was not noted yet, of it there is a piece of another attempt, too; another is noted and not there.
        Files.delete(one(target, "train-shard-00001", true));
        Files.write(target.resolve("_work/train-shard-00001.parquet.77"), new byte[100]);
        Files.delete(one(target, "train-shard-00002", false));
        // Of the first there are two attempts, one of which was ended while it noted itself.
        Path kept = one(target, "train-shard-00000", false);
        Files.write(target.resolve("_work/train-shard-00000.parquet.0.note"), new byte[0]);
        Object before = Files.readAttributes(kept, "unix:ino,lastModifiedTime");
        assertEquals(1, prepare(target, SETTINGS).badImages());
        kept = target.resolve("train/shard-00000.parquet");
        assertEquals(before, Files.readAttributes(kept, "unix:ino,lastModifiedTime"));
        assertSame(content(whole), content(target));
    }

    @Test
    void whatIsThereIsNotChanged() throws Exception {
        Path target = folder.resolve("set");
        prepare(target, SETTINGS);
        Map<String, byte[]> before = content(target);
        assertRefused(() -> prepare(target, SETTINGS), "holds a prepared set already");
        assertSame(before, content(target));

        Path other = folder.resolve("other");
        Files.createDirectory(other);
        Files.writeString(other.resolve("mine.txt"), "precious");
        assertRefused(() -> prepare(other, SETTINGS), "holds something else");
        Files.createDirectory(other.resolve("_work"));
        Files.writeString(other.resolve("_work/mine.txt"), "precious");
        assertRefused(() -> prepare(other, SETTINGS), "holds something else");
        assertEquals(
                List.of("_work/mine.txt", "mine.txt"),
                List.copyOf(content(other).keySet()));

        Files.writeString(images.resolve("one/bad.png"), "no picture");
        Path begun = folder.resolve("begun");
        PreparationSettings strict = new PreparationSettings(SHORT_SIDE, 0.95, 0.25, 7, 3, 0);
        assertThrows(InputException.class, () -> prepare(begun, strict));
        PreparationSettings otherSeed = new PreparationSettings(SHORT_SIDE, 0.95, 0.25, 7, 4, 0.2);
        assertRefused(() -> prepare(begun, otherSeed), "begun with other settings");
        Files.setLastModifiedTime(images.resolve("one/0.png"), FileTime.fromMillis(1_000_000));
        assertRefused(() -> prepare(begun, strict), "other images");
    }

    @Test
    void theManifestHasTheColoursOfTheTrainingImages() throws Exception {
        Path target = folder.resolve("set");
        ColourStatistics colours =
                prepare(target, new PreparationSettings(0, 1, 0.25, 7, 3, 0)).colours();
        double[] sum = new double[3];
        double[][] products = new double[3][3];
        long n = 0;
        for (ImageRecord image : records(target.resolve("train"), 1)) {
            byte[] values = ImageDecoder.pixels(image).withChannels(3).values();
            for (int i = 0; i < values.length; i += 3, n++) {
                for (int a = 0; a < 3; a++) {
                    sum[a] += values[i + a] & 0xFF;
                    for (int b = 0; b < 3; b++) {
                        products[a][b] += (values[i + a] & 0xFF) * (values[i + b] & 0xFF);
                    }
                }
            }
        }
        for (int a = 0; a < 3; a++) {
            assertEquals(sum[a] / n, colours.mean()[a], 1e-9);
            double variance = products[a][a] / n - sum[a] / n * sum[a] / n;
            assertEquals(Math.sqrt(variance), colours.deviation()[a], 1e-6);
            double length = 0;
            for (int b = 0; b < 3; b++) {
                double covarianceTimesAxis = 0;
                double dot = 0;
                for (int k = 0; k < 3; k++) {
                    double covariance = products[b][k] / n - sum[b] / n * sum[k] / n;
                    covarianceTimesAxis += covariance * colours.eigenvectors()[a][k];
                    dot += colours.eigenvectors()[a][k] * colours.eigenvectors()[b][k];
                }
                assertEquals(colours.eigenvalues()[a] * colours.eigenvectors()[a][b], covarianceTimesAxis, 1e-6);
                assertEquals(a == b ? 1 : 0, dot, 1e-12);
            }
        }
        assertTrue(colours.eigenvalues()[0] > colours.eigenvalues()[1]);
        assertTrue(colours.eigenvalues()[1] > colours.eigenvalues()[2]);
        assertTrue(colours.eigenvalues()[2] > 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void rawImagesStayRaw(int channels) throws Exception {
        byte[] values = new byte[30 * 5 * 4 * channels];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (i * 7);
        }
        byte[] labels = new byte[30];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) (i % 2);
        }
        TestImages.write(folder.resolve("idx/train-images-idx4-ubyte"), TestImages.idx(values, 30, 5, 4, channels));
        TestImages.write(folder.resolve("idx/train-labels-idx1-ubyte"), TestImages.idx(labels, 30));
        Path target = folder.resolve("set");
        new Preparation(source(folder.resolve("idx")), new PreparationSettings(256, 0.9, 0, 8, 1, 0), target.toString())
                .run(spark, progress -> {});
        ImageSource prepared = source(target);
        assertEquals(List.of("0", "1"), prepared.classes());
        assertFalse(prepared.namesClasses());
        Map<String, ImageRecord> originals = new HashMap<>();
        records(folder.resolve("idx"), 1).forEach(image -> originals.put(image.name(), image));
        List<ImageRecord> stored = prepared.records(spark, 3).collect();
        assertEquals(30, stored.size());
        for (ImageRecord image : stored) {
            ImageRecord original = originals.remove(image.name());
            assertArrayEquals(
                    ImageDecoder.pixels(original).values(),
                    ImageDecoder.pixels(image).values());
            assertEquals(original.encoding(), image.encoding());
            assertEquals(5, image.height());
            assertEquals(4, image.width());
            assertEquals(channels, image.channels());
            assertEquals(original.label(), image.label());
        }
        assertEquals(
                NamedImage.UNLABELLED,
                ImageSource.openUnlabelled(spark, target.toString(), "auto")
                        .records(spark, 1)
                        .first()
                        .label());
    }

    @Test
    void whatCannotBecomeASetIsRefusedBeforeTheWork() throws Exception {
        PreparationSettings little = new PreparationSettings(SHORT_SIDE, 0.95, 0.01, 7, 3, 0);
        assertRefused(() -> prepare(folder.resolve("set"), little), "0.01 of the 24 images", "no image at all");
        Path list = folder.resolve("list.txt");
        Files.writeString(list, "images/one/0.png 0\nimages/one/1.png 2\n");
        assertRefused(
                () -> new Preparation(
                                source(list), SETTINGS, folder.resolve("set").toString())
                        .run(spark, progress -> {}),
                "Class 1",
                "has no images");
        assertFalse(Files.exists(folder.resolve("set")));
    }

    /** A JPEG file holds at most 65,500 pixels in a line. */
    @Test
    void aPictureThatWouldBeTooLongIsABadImage() throws Exception {
        TestImages.write(
                images.resolve("one/long.png"),
                TestImages.encode(new BufferedImage(90_000, 20, BufferedImage.TYPE_BYTE_GRAY), "png"));
        Path target = folder.resolve("set");
        assertEquals(1, prepare(target, SETTINGS).badImages());
        assertTrue(Files.readString(target.resolve("quarantine.jsonl")).contains("longer than the 65500"));
    }

    @Test
    void splitsAreNamedByTheirFolders() {
        Path target = folder.resolve("set");
        prepare(target, SETTINGS);
        assertRefused(() -> source(target), "several splits: train, validation", "set/train");
        assertRefused(
                () -> ImageSource.open(spark, images.toString(), "prepared"), "No prepared set", "starling prepare");
    }

    /** The only attempt at a shard, or the note on it. */
    private static Path one(Path target, String shard, boolean note) throws IOException {
        try (Stream<Path> files = Files.list(target.resolve("_work"))) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().startsWith(shard)
                                    && file.toString().endsWith(".note") == note)
                    .toList();
            assertEquals(1, found.size(), shard);
            return found.get(0);
        }
    }

    /** Ended when all but its own traces, or all but the manifest, was done. */
    @Test
    void aRunThatWasAllButDoneIsEndedWell() throws Exception {
        Path whole = folder.resolve("whole");
        prepare(whole, SETTINGS);
        Map<String, byte[]> expected = content(whole);
        Path target = folder.resolve("set");
        PreparationSettings strict = new PreparationSettings(SHORT_SIDE, 0.95, 0.25, 7, 3, 0);
        Files.writeString(images.resolve("one/bad.png"), "no picture");
        assertThrows(InputException.class, () -> prepare(target, strict));
        Path work = folder.resolve("work");
        copy(target.resolve("_work"), work);
        prepare(target, SETTINGS);
        Map<String, byte[]> withBad = content(target);

        copy(work, target.resolve("_work"));
        prepare(target, SETTINGS);
        assertSame(withBad, content(target));

        copy(work, target.resolve("_work"));
        Files.delete(target.resolve("manifest.json"));
        Files.delete(target.resolve(".manifest.json.crc"));
        prepare(target, SETTINGS);
        assertSame(withBad, content(target));
        assertSame(expected, content(whole));
    }

    @Test
    void aRunThatEndedWhileItWroteItsPlanIsBegunAgain() throws Exception {
        prepare(folder.resolve("whole"), SETTINGS);
        Path target = folder.resolve("set");
        TestImages.write(target.resolve("_work/plan.json.0"), new byte[0]);
        prepare(target, SETTINGS);
        assertSame(content(folder.resolve("whole")), content(target));
        Path others = folder.resolve("others");
        TestImages.write(others.resolve("_work/mine.txt"), new byte[0]);
        assertRefused(() -> prepare(others, SETTINGS), "holds something else");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private List<String> defects(Path target) {
        return PreparedCheck.defects(spark, target.toUri().toString());
    }

    @Test
    void theCheckFindsEachDamage() throws Exception {
        Path target = folder.resolve("set");
        prepare(target, SETTINGS);
        assertEquals(List.of(), defects(target));
        Path shard = target.resolve("train/shard-00001.parquet");
        // Hadoop's own checksums would find it first.
        Files.delete(target.resolve("train/.shard-00001.parquet.crc"));
        byte[] whole = Files.readAllBytes(shard);
        for (int at = 10; at < whole.length; at += whole.length / 7) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 4;
            Files.write(shard, damaged);
            List<String> defects = defects(target);
            assertEquals(1, defects.size(), "byte " + at);
            assertTrue(defects.get(0).contains("shard-00001.parquet"), defects.get(0));
        }
        Files.write(shard, java.util.Arrays.copyOf(whole, whole.length - 1));
        assertEquals(1, defects(target).size());
        Files.delete(shard);
        assertEquals(1, defects(target).size());
        Files.write(shard, whole);
        assertEquals(List.of(), defects(target));

        Path manifest = target.resolve("manifest.json");
        Files.deleteIfExists(target.resolve(".manifest.json.crc"));
        String text = Files.readString(manifest);
        Files.writeString(manifest, text.replaceFirst("\"images\" : 6", "\"images\" : 7"), StandardCharsets.UTF_8);
        assertRefused(() -> defects(target), "manifest.json is damaged", "CRC32C");
        assertRefused(() -> source(target.resolve("train")), "manifest.json is damaged");
        Files.writeString(manifest, "");
        assertRefused(() -> defects(target), "is empty");
    }
}
