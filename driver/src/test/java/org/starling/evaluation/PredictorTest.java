package org.starling.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.InputException;
import org.starling.LocalSpark;
import org.starling.data.ImageSource;
import org.starling.data.augmentation.Views;
import org.starling.evaluation.PredictionAverage.Mean;
import org.starling.evaluation.PredictionTable.Content;
import org.starling.evaluation.PredictionTable.Format;
import org.starling.evaluation.Predictor.Predictions;

class PredictorTest {
    private static final int IMAGES = 12;

    @TempDir
    Path folder;

    private Path images;
    private Path table;
    private FashionMnist set;

    @BeforeEach
    void draw() throws IOException {
        images = folder.resolve("images");
        table = folder.resolve("table");
        Files.createDirectories(images.resolve("deeper/still, \"deeper\""));
        set = FashionMnist.read(FashionMnist.COMMITTED, "t10k");
        for (int i = 0; i < IMAGES; i++) {
            EvaluatorTest.writePng(set, i, file(i));
        }
    }

    private Path file(int image) {
        return images.resolve((image % 2 == 0 ? "" : "deeper/still, \"deeper\"/") + image + ".png");
    }

    private Predictions predict(Path input, int top, Format format) throws IOException {
        JavaSparkContext spark = LocalSpark.context();
        return new Predictor(Classifier.of(List.of(FashionMnist.model().toString())))
                .predict(
                        spark,
                        ImageSource.openUnlabelled(spark, input.toString(), "auto"),
                        new PredictionTable(table.toUri().toString(), format, top));
    }

    /** The rows by the last part of their paths; fails when two have the same. */
    private Map<String, Row> rows(Format format) {
        Dataset<Row> rows = SparkSession.builder()
                .sparkContext(LocalSpark.context().sc())
                .getOrCreate()
                .read()
                .option("header", true)
                .option("escape", "\"")
                .option("inferSchema", true)
                .format(format.name().toLowerCase())
                .load(table.toString());
        return rows.collectAsList().stream()
                .collect(Collectors.toMap(
                        row -> row.<String>getAs("path").replaceFirst(".*/", ""), Function.identity()));
    }

    @ParameterizedTest
    @EnumSource
    void everyImageOfAFolderHasItsRow(Format format) throws IOException {
        Files.writeString(images.resolve(".hidden.png"), "no");
        Files.writeString(images.resolve("_hidden.png"), "no");
        Files.write(images.resolve("cut.png"), Arrays.copyOf(Files.readAllBytes(file(0)), 100));
        Predictions predictions = predict(images, 3, format);
        assertEquals(IMAGES + 1, predictions.images());
        assertEquals(1, predictions.badImages());

        Map<String, Row> rows = rows(format);
        assertEquals(IMAGES + 1, rows.size());
        MultiLayerNetwork stock =
                ModelSerializer.restoreMultiLayerNetwork(FashionMnist.model().toFile());
        List<String> names = Files.readAllLines(FashionMnist.COMMITTED.resolve("classes.txt"));
        for (int i = 0; i < IMAGES; i++) {
            Row row = rows.get(i + ".png");
            assertEquals(
                    new org.apache.hadoop.fs.Path(file(i).toUri()),
                    new org.apache.hadoop.fs.Path(row.<String>getAs("path")));
            float[] p = stock.output(set.features(i, 1)).toFloatVector();
            int[] order = IntStream.range(0, 10)
                    .boxed()
                    .sorted((a, b) -> Float.compare(p[b], p[a]))
                    .mapToInt(c -> c)
                    .toArray();
            for (int k = 0; k < 3; k++) {
                String suffix = k == 0 ? "" : "_" + (k + 1);
                assertEquals(names.get(order[k]), row.getAs("label" + suffix));
                assertEquals(
                        p[order[k]], row.<Number>getAs("probability" + suffix).floatValue(), 1e-5f);
            }
            assertNull(row.getAs("error"));
        }
        Row bad = rows.get("cut.png");
        assertNull(bad.getAs("label"));
        assertNull(bad.getAs("probability_3"));
        assertFalse(bad.<String>getAs("error").isEmpty());
    }

    @Test
    void columnsSayWhatARowHolds() throws IOException {
        predict(images, 2, Format.PARQUET);
        assertArrayEquals(
                new String[] {"path", "label", "probability", "label_2", "probability_2", "error"},
                rows(Format.PARQUET).get("0.png").schema().fieldNames());
    }

    @Test
    void oneFileIsOneRow() throws IOException {
        assertEquals(1, predict(file(3), 1, Format.CSV).images());
        assertEquals(List.of("3.png"), List.copyOf(rows(Format.CSV).keySet()));
    }

    @Test
    void imagesOfAnIdxFileAreNamedByTheirNumber() throws IOException {
        Path idx = FashionMnist.COMMITTED.resolve("t10k-images-idx3-ubyte.gz");
        assertEquals(2000, predict(idx, 1, Format.PARQUET).images());
        Map<String, Row> rows = rows(Format.PARQUET);
        assertEquals(2000, rows.size());
        assertTrue(
                rows.containsKey("t10k-images-idx3-ubyte#1999"),
                () -> rows.keySet().iterator().next());
    }

    @Test
    void anExistingTableIsLeftAlone() throws IOException {
        Files.createDirectories(table);
        Files.writeString(table.resolve("precious"), "x");
        InputException refusal = assertThrows(InputException.class, () -> predict(images, 1, Format.CSV));
        assertTrue(refusal.getMessage().contains("exists already"));
        assertEquals("x", Files.readString(table.resolve("precious")));
    }

    @Test
    void moreClassesThanTheModelHasAreRefused() {
        InputException refusal = assertThrows(InputException.class, () -> predict(images, 11, Format.CSV));
        assertTrue(refusal.getMessage().contains("at most 10"), refusal.getMessage());
        assertFalse(Files.exists(table));
    }

    /** Of rows with their probabilities' bits, whatever their order. */
    private static Set<String> bits(Path table) {
        return SparkSession.builder()
                .sparkContext(LocalSpark.context().sc())
                .getOrCreate()
                .read()
                .parquet(table.toString())
                .collectAsList()
                .stream()
                .map(row -> IntStream.range(0, row.size())
                        .mapToObj(i -> row.get(i) instanceof Float p
                                ? Integer.toHexString(Float.floatToRawIntBits(p))
                                : String.valueOf(row.get(i)))
                        .collect(Collectors.joining("|")))
                .collect(Collectors.toSet());
    }

    @Test
    void aPredictionHasTheSameBitsWhateverItsBatchItsPlaceInItAndThePartitions() throws IOException {
        JavaSparkContext spark = LocalSpark.context();
        Path second = folder.resolve("second.zip");
        FashionMnist.writeModel(second, 2);
        ImageSource all = ImageSource.openUnlabelled(
                spark,
                FashionMnist.COMMITTED.resolve("t10k-images-idx3-ubyte.gz").toString(),
                "auto");
        for (Views views : Views.values()) {
            Classifier classifier = new Classifier(
                    List.of(FashionMnist.model().toString(), second.toString()),
                    PredictionAverage.equal(Mean.GEOMETRIC, 2),
                    views);
            Set<Set<String>> tables = new HashSet<>();
            for (int[] cut : new int[][] {{64, 64}, {1, 3}, {7, 5}, {333, 1}}) {
                Path to = folder.resolve(views + "-" + cut[0]);
                new Predictor(classifier, cut[0], cut[1])
                        .predict(spark, all, new PredictionTable(to.toUri().toString(), Format.PARQUET, 10));
                tables.add(bits(to));
            }
            assertEquals(1, tables.size(), views + ": predictions that differ");
            assertEquals(2000, tables.iterator().next().size());
        }
    }

    private Predictions predict(Path input, Content content, Format format) throws IOException {
        JavaSparkContext spark = LocalSpark.context();
        return new Predictor(Classifier.of(List.of(FashionMnist.model().toString())))
                .predict(
                        spark,
                        ImageSource.openUnlabelled(spark, input.toString(), "auto"),
                        new PredictionTable(table.toUri().toString(), format, content));
    }

    /** Activations of the stock network's layers, {@code [layer][value]}; of the pooling twice, which Flatten leaves in its order. */
    private float[][] activations(int image) throws IOException {
        MultiLayerNetwork stock =
                ModelSerializer.restoreMultiLayerNetwork(FashionMnist.model().toFile());
        List<INDArray> all = stock.feedForward(set.features(image, 1));
        float[] pooled = all.get(2).dup('c').ravel().toFloatVector();
        return new float[][] {
            all.get(1).dup('c').ravel().toFloatVector(),
            pooled,
            pooled,
            all.get(4).ravel().toFloatVector()
        };
    }

    @ParameterizedTest
    @EnumSource
    void everyLayerGivesItsActivations(Format format) throws IOException {
        Files.write(images.resolve("cut.png"), Arrays.copyOf(Files.readAllBytes(file(0)), 100));
        List<String> layers = List.of("conv", "pool", "flat", "scores");
        List<Integer> lengths = List.of(14 * 14 * 8, 7 * 7 * 8, 7 * 7 * 8, 10);
        for (int layer = 0; layer < layers.size(); layer++) {
            table = folder.resolve(layers.get(layer));
            assertEquals(
                    IMAGES + 1,
                    predict(images, new PredictionTable.Layer(layers.get(layer)), format)
                            .images());
            Map<String, Row> rows = rows(format);
            assertEquals(IMAGES + 1, rows.size());
            for (int i = 0; i < IMAGES; i++) {
                float[] found = features(rows.get(i + ".png"), format, lengths.get(layer));
                assertArrayEquals(activations(i)[layer], found, 1e-4f, layers.get(layer));
                assertNull(rows.get(i + ".png").getAs("error"));
            }
            Row bad = rows.get("cut.png");
            assertNull(bad.getAs(format == Format.CSV ? "feature_0" : "features"));
            assertFalse(bad.<String>getAs("error").isEmpty());
        }
    }

    private static float[] features(Row row, Format format, int length) {
        float[] features = new float[length];
        List<Number> array = format == Format.CSV ? null : row.getList(row.fieldIndex("features"));
        assertEquals(length, array == null ? row.size() - 2 : array.size());
        for (int i = 0; i < length; i++) {
            features[i] = (array == null ? row.<Number>getAs("feature_" + i) : array.get(i)).floatValue();
        }
        return features;
    }

    @Test
    void activationsHaveTheSameBitsWhateverTheBatchAndThePartitions() throws IOException {
        JavaSparkContext spark = LocalSpark.context();
        ImageSource all = ImageSource.openUnlabelled(
                spark,
                FashionMnist.COMMITTED.resolve("t10k-images-idx3-ubyte.gz").toString(),
                "auto");
        Set<Set<String>> tables = new HashSet<>();
        for (int[] cut : new int[][] {{64, 64}, {1, 3}, {7, 5}, {333, 1}}) {
            Path to = folder.resolve("cut-" + cut[0]);
            new Predictor(Classifier.of(List.of(FashionMnist.model().toString())), cut[0], cut[1])
                    .predict(
                            spark,
                            all,
                            new PredictionTable(
                                    to.toUri().toString(), Format.PARQUET, new PredictionTable.Layer("pool")));
            tables.add(
                    SparkSession.builder()
                            .sparkContext(spark.sc())
                            .getOrCreate()
                            .read()
                            .parquet(to.toString())
                            .collectAsList()
                            .stream()
                            .map(row -> row.getString(0)
                                    + row.<Float>getList(1).stream()
                                            .map(value -> Integer.toHexString(Float.floatToRawIntBits(value)))
                                            .collect(Collectors.joining("|")))
                            .collect(Collectors.toSet()));
        }
        assertEquals(1, tables.size());
        assertEquals(2000, tables.iterator().next().size());
    }

    @Test
    void anUnknownLayerIsRefusedWithThoseThereAre() {
        InputException refusal = assertThrows(
                InputException.class, () -> predict(images, new PredictionTable.Layer("fc7"), Format.PARQUET));
        assertTrue(
                refusal.getMessage().contains("'fc7'. Expected one of conv 14x14x8, pool 7x7x8, flat 392, scores 10."),
                refusal.getMessage());
        assertFalse(Files.exists(table));
    }

    @Test
    void activationsOfSeveralModelsAreRefused() throws IOException {
        String model = FashionMnist.model().toString();
        JavaSparkContext spark = LocalSpark.context();
        ImageSource source = ImageSource.openUnlabelled(spark, images.toString(), "auto");
        PredictionTable wanted =
                new PredictionTable(table.toUri().toString(), Format.CSV, new PredictionTable.Layer("pool"));
        InputException refusal =
                assertThrows(InputException.class, () -> new Predictor(Classifier.of(List.of(model, model)))
                        .predict(spark, source, wanted));
        assertTrue(refusal.getMessage().contains("Name one model"), refusal.getMessage());
    }

    @Test
    void aFailureLeavesNoTable() throws IOException {
        Path broken = Files.createDirectories(folder.resolve("broken"));
        Path zip = broken.resolve("model.zip");
        byte[] bytes = Files.readAllBytes(FashionMnist.model());
        bytes[bytes.length / 2] ^= 1;
        Files.write(zip, bytes);
        Files.copy(FashionMnist.model().resolveSibling("model.json"), broken.resolve("model.json"));
        JavaSparkContext spark = LocalSpark.context();
        ImageSource input = ImageSource.openUnlabelled(spark, images.toString(), "auto");
        Exception failure = assertThrows(Exception.class, () -> new Predictor(Classifier.of(List.of(zip.toString())))
                .predict(spark, input, new PredictionTable(table.toUri().toString(), Format.CSV, 1)));
        assertTrue(InputException.within(failure).orElseThrow().getMessage().contains("cannot be used as a model"));
        assertFalse(Files.exists(table));
    }
}
