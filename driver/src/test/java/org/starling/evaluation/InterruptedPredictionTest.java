package org.starling.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.starling.InputException;
import org.starling.LocalSpark;
import org.starling.data.ImageRecord;
import org.starling.data.ImageSource;
import org.starling.evaluation.PredictionTable.Format;
import org.starling.evaluation.Predictor.Predictions;

class InterruptedPredictionTest {
    private static final int IMAGES = 40;
    private static final int TASKS = 8;
    private static final int BATCH = 4;
    private static final int BREAKS_AT = 5;

    /** Partitions that were read. */
    private static final Set<Integer> READ = ConcurrentHashMap.newKeySet();

    @TempDir
    Path folder;

    private Path images;
    private Path table;

    /** A source whose storage fails from a partition on. */
    private record Breaking(ImageSource whole, int from) implements ImageSource {
        @Override
        public String folder() {
            return whole.folder();
        }

        @Override
        public String format() {
            return whole.format();
        }

        @Override
        public String state() {
            return whole.state();
        }

        @Override
        public List<String> classes() {
            return whole.classes();
        }

        @Override
        public boolean namesClasses() {
            return whole.namesClasses();
        }

        @Override
        public JavaRDD<ImageRecord> records(JavaSparkContext context, int partitions) {
            int breaksAt = from;
            return whole.records(context, partitions)
                    .mapPartitionsWithIndex(
                            (partition, records) -> {
                                if (partition >= breaksAt) {
                                    throw new IOException("the storage failed");
                                }
                                READ.add(partition);
                                return records;
                            },
                            false);
        }
    }

    @BeforeEach
    void draw() throws IOException {
        images = Files.createDirectories(folder.resolve("images"));
        table = folder.resolve("table");
        FashionMnist set = FashionMnist.read(FashionMnist.COMMITTED, "t10k");
        for (int i = 0; i < IMAGES; i++) {
            EvaluatorTest.writePng(set, i, images.resolve(i + ".png"));
        }
        Files.writeString(images.resolve("7.png"), "no picture");
        READ.clear();
    }

    private Predictions predict(Path to, Path model, Format format, int batch, int breaksAt, List<Integer> kept)
            throws IOException {
        JavaSparkContext spark = LocalSpark.context();
        ImageSource source = ImageSource.openUnlabelled(spark, images.toString(), "auto");
        return new Predictor(Classifier.of(List.of(model.toString())), batch, TASKS)
                .predict(
                        spark,
                        new Breaking(source, breaksAt),
                        new PredictionTable(to.toUri().toString(), format, 3),
                        (parts, of) -> kept.addAll(List.of(parts, of)));
    }

    private void interrupted(Format format) {
        assertThrows(
                Exception.class,
                () -> predict(table, FashionMnist.model(), format, BATCH, BREAKS_AT, new ArrayList<>()));
    }

    private static Map<String, byte[]> content(Path folder) throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .toList()) {
                content.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return content;
    }

    @ParameterizedTest
    @EnumSource
    void goesOnWithWhatIsMissingAndEndsWithTheSameBytes(Format format) throws IOException {
        interrupted(format);
        assertTrue(READ.size() > 1 && READ.size() <= BREAKS_AT, READ.toString());
        assertEquals(
                Set.of("_work"),
                Set.copyOf(Stream.of(table.toFile().list()).toList()),
                "nothing is to be seen of a table under way");
        READ.clear();

        List<Integer> kept = new ArrayList<>();
        Predictions predictions = predict(table, FashionMnist.model(), format, BATCH, TASKS, kept);
        assertEquals(IMAGES, predictions.images());
        assertEquals(1, predictions.badImages());
        assertEquals(TASKS, kept.get(1));
        assertTrue(kept.get(0) > 0);
        assertEquals(TASKS - kept.get(0), READ.size(), "only what was missing is read");

        Path whole = folder.resolve("whole");
        predict(whole, FashionMnist.model(), format, BATCH, TASKS, new ArrayList<>());
        Map<String, byte[]> expected = content(whole);
        Map<String, byte[]> found = content(table);
        assertEquals(TASKS + 1, expected.size());
        assertEquals(expected.keySet(), found.keySet());
        expected.forEach((name, bytes) -> assertArrayEquals(bytes, found.get(name), name));
    }

    @Test
    void aPartThatWasCutIsMadeAgain() throws IOException {
        interrupted(Format.CSV);
        Path cut;
        try (Stream<Path> files = Files.list(table.resolve("_work"))) {
            cut = files.filter(file -> file.getFileName().toString().startsWith("part-00000")
                            && !file.toString().endsWith(".note"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.write(cut, new byte[3]);
        READ.clear();
        predict(table, FashionMnist.model(), Format.CSV, BATCH, TASKS, new ArrayList<>());
        assertTrue(READ.contains(0), READ.toString());
        Path whole = folder.resolve("whole");
        predict(whole, FashionMnist.model(), Format.CSV, BATCH, TASKS, new ArrayList<>());
        content(whole).forEach((name, bytes) -> {
            try {
                assertArrayEquals(bytes, Files.readAllBytes(table.resolve(name)), name);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private String refusal(Path model, Format format, int batch) {
        return assertThrows(InputException.class, () -> predict(table, model, format, batch, TASKS, new ArrayList<>()))
                .getMessage();
    }

    @Test
    void aTableOfAnotherModelOfOtherImagesOrSettingsIsRefusedWithWhatDiffers() throws IOException {
        interrupted(Format.CSV);
        Map<String, byte[]> before = content(table);
        Path other = folder.resolve("other.zip");
        FashionMnist.writeModel(other, 2);
        String models = refusal(other, Format.CSV, BATCH);
        assertTrue(models.contains("differs in models (then CRC32C"), models);
        String batch = refusal(FashionMnist.model(), Format.CSV, 5);
        assertTrue(batch.contains("differs in batch (then 4, now 5)."), batch);
        String format = refusal(FashionMnist.model(), Format.JSON, BATCH);
        assertTrue(format.contains("differs in format (then CSV, now JSON)."), format);
        Files.move(images.resolve("3.png"), images.resolve("3a.png"));
        String input = refusal(FashionMnist.model(), Format.CSV, BATCH);
        assertTrue(input.contains("differs in the input's files ("), input);
        assertEquals(before.keySet(), content(table).keySet());
    }

    @Test
    void aCompleteTableIsRefused() throws IOException {
        interrupted(Format.CSV);
        predict(table, FashionMnist.model(), Format.CSV, BATCH, TASKS, new ArrayList<>());
        assertFalse(Files.exists(table.resolve("_work")));
        String refusal = refusal(FashionMnist.model(), Format.CSV, BATCH);
        assertTrue(refusal.contains("exists already"), refusal);
    }

    @Test
    void aRunThatEndedWhenItsPartsWereInPlaceIsEndedWell() throws IOException {
        interrupted(Format.JSON);
        Map<String, byte[]> work = content(table);
        predict(table, FashionMnist.model(), Format.JSON, BATCH, TASKS, new ArrayList<>());
        Map<String, byte[]> whole = content(table);
        for (Map.Entry<String, byte[]> file : work.entrySet()) {
            Path to = table.resolve(file.getKey());
            Files.createDirectories(to.getParent());
            // The parts themselves have been moved.
            if (file.getKey().endsWith(".note") || file.getKey().endsWith("plan.json")) {
                Files.write(to, file.getValue());
            }
        }
        Files.delete(table.resolve("_SUCCESS"));
        READ.clear();
        List<Integer> kept = new ArrayList<>();
        predict(table, FashionMnist.model(), Format.JSON, BATCH, TASKS, kept);
        assertTrue(kept.get(0) > 0);
        assertEquals(TASKS - kept.get(0), READ.size());
        Map<String, byte[]> found = content(table);
        assertEquals(whole.keySet(), found.keySet());
        whole.forEach((name, bytes) -> assertArrayEquals(bytes, found.get(name), name));
    }
}
