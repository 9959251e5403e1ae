package org.starling.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.starling.InputException;
import org.starling.LocalSpark;
import org.starling.data.ImageSource;
import org.starling.evaluation.Classifier;
import org.starling.evaluation.PredictionTable;
import org.starling.evaluation.PredictionTable.Format;
import org.starling.evaluation.Predictor;

@TestInstance(Lifecycle.PER_CLASS)
class ImageClassifierTest {
    private static final Path FASHION = Path.of("..", "data", "fashion-mnist");
    private static final int SIDE = 28;
    private static final int IMAGES = 400;
    private static final String NETWORK =
            """
            {"class_name": "Sequential", "config": {"name": "fashion", "layers": [
              {"class_name": "Conv2D", "config": {"name": "conv", "batch_input_shape": [null, 28, 28, 1], "filters": 8,
                "kernel_size": [5, 5], "strides": [2, 2], "padding": "same", "activation": "relu"}},
              {"class_name": "MaxPooling2D", "config": {"name": "pool", "pool_size": [2, 2]}},
              {"class_name": "Flatten", "config": {"name": "flat"}},
              {"class_name": "Dense", "config": {"name": "scores", "units": 10, "activation": "softmax"}}]}}
            """;

    @TempDir
    static Path folder;

    private Path images;
    private SparkSession spark;
    private Dataset<Row> rows;
    private PipelineModel trained;
    private Map<String, String> names;

    private static byte[] content(String file, int skipped) throws IOException {
        try (DataInputStream in =
                new DataInputStream(new GZIPInputStream(Files.newInputStream(FASHION.resolve(file))))) {
            in.skipNBytes(skipped);
            return in.readAllBytes();
        }
    }

    @BeforeAll
    void train() throws IOException {
        images = Files.createDirectories(folder.resolve("images"));
        List<String> classes = Files.readAllLines(FASHION.resolve("classes.txt"));
        byte[] pixels = content("t10k-images-idx3-ubyte.gz", 16);
        byte[] labels = content("t10k-labels-idx1-ubyte.gz", 8);
        names = new TreeMap<>();
        List<Row> named = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
            for (int p = 0; p < SIDE * SIDE; p++) {
                image.getRaster().setSample(p % SIDE, p / SIDE, 0, pixels[i * SIDE * SIDE + p] & 0xFF);
            }
            ImageIO.write(image, "png", images.resolve(i + ".png").toFile());
            names.put(i + ".png", classes.get(labels[i]));
            named.add(RowFactory.create(i + ".png", classes.get(labels[i])));
        }
        spark = SparkSession.builder().sparkContext(LocalSpark.context().sc()).getOrCreate();
        Dataset<Row> label = spark.createDataFrame(
                named, new StructType().add("file", DataTypes.StringType).add("name", DataTypes.StringType));
        rows = files().join(label, "file").cache();
        trained = pipeline().fit(rows);
    }

    private Dataset<Row> files() {
        return spark.read()
                .format("binaryFile")
                .load(images.toString())
                .withColumn("file", functions.element_at(functions.split(functions.col("path"), "/"), -1))
                .select("file", "path", "content");
    }

    private ImageClassifier classifier() {
        return new ImageClassifier()
                .setInputCol("content")
                .setModelJson(NETWORK)
                .setRunDirectory(folder.resolve("runs").toString())
                .setEpochs(6)
                .setBatch(10)
                .setReplicas(2)
                .setStepsPerRound(10)
                .setLearningRate(0.02)
                .setSeed(3);
    }

    private Pipeline pipeline() {
        return new Pipeline().setStages(new PipelineStage[] {
            new StringIndexer().setInputCol("name").setOutputCol("label"),
            classifier(),
            new IndexToString().setInputCol("prediction").setOutputCol("predicted")
        });
    }

    private ImageClassifierModel model() {
        return (ImageClassifierModel) trained.stages()[1];
    }

    private static Map<String, Row> byFile(Dataset<Row> rows) {
        return rows.collectAsList().stream().collect(Collectors.toMap(row -> row.getAs("file"), Function.identity()));
    }

    private static Map<String, Vector> probabilities(Dataset<Row> rows) {
        Map<String, Vector> probabilities = new TreeMap<>();
        byFile(rows).forEach((file, row) -> probabilities.put(file, row.getAs("probability")));
        return probabilities;
    }

    @Test
    void aPipelineLearnsAndNamesTheClassesAsItsIndexerDid() {
        Map<String, Row> answers = byFile(trained.transform(rows));
        assertEquals(IMAGES, answers.size());
        long right = names.entrySet().stream()
                .filter(image ->
                        image.getValue().equals(answers.get(image.getKey()).getAs("predicted")))
                .count();
        assertTrue(right > 0.7 * IMAGES, right + " of " + IMAGES);
        for (Row row : answers.values()) {
            Vector p = row.getAs("probability");
            assertEquals(10, p.size());
            assertEquals(1, Arrays.stream(p.toArray()).sum(), 1e-5);
            assertEquals(p.argmax(), row.<Double>getAs("prediction"));
        }
        double accuracy = new MulticlassClassificationEvaluator()
                .setMetricName("accuracy")
                .evaluate(trained.transform(rows));
        assertEquals((double) right / IMAGES, accuracy, 1e-12);
    }

    @Test
    void aSavedPipelineSaysTheSameToTheBitAndHoldsNoSerializedObjects() throws IOException {
        String saved = folder.resolve("saved").toString();
        trained.write().save(saved);
        PipelineModel loaded = PipelineModel.load(saved);
        assertEquals(probabilities(trained.transform(rows)), probabilities(loaded.transform(rows.repartition(7))));
        ImageClassifierModel stage = (ImageClassifierModel) loaded.stages()[1];
        assertArrayEquals(model().labels(), stage.labels());
        assertEquals(model().uid(), stage.uid());
        assertEquals("content", stage.getOrDefault(stage.inputCol()));
        try (Stream<Path> files = Files.walk(Path.of(saved, "stages"))) {
            Set<String> found = files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains("imageClassifier"))
                    .map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(Set.of("_SUCCESS", "model.json", "model.zip", "part-00000"), found);
        }
        Exception refusal =
                assertThrows(IOException.class, () -> trained.write().save(saved));
        assertTrue(refusal.getMessage().contains("already exists"), refusal.getMessage());
    }

    @Test
    void aModelCanBeSavedOverItself() throws IOException {
        String saved = folder.resolve("over").toString();
        model().write().save(saved);
        ImageClassifierModel loaded = ImageClassifierModel.load(saved).setErrorCol("error");
        loaded.write().overwrite().save(saved);
        ImageClassifierModel again = ImageClassifierModel.load(saved);
        assertEquals("error", again.getOrDefault(again.errorCol()));
        assertEquals(probabilities(model().transform(rows)), probabilities(again.transform(rows)));
    }

    @Test
    void theBitsAreThoseOfPredict() throws IOException {
        String saved = folder.resolve("for-predict").toString();
        model().write().save(saved);
        Path table = folder.resolve("table");
        new Predictor(Classifier.of(List.of(saved)), 7, 3)
                .predict(
                        LocalSpark.context(),
                        ImageSource.openUnlabelled(LocalSpark.context(), images.toString(), "auto"),
                        new PredictionTable(table.toUri().toString(), Format.PARQUET, 10));
        List<Row> expected = spark.read().parquet(table.toString()).collectAsList();
        assertEquals(IMAGES, expected.size());
        Map<String, Row> found = byFile(trained.transform(rows));
        for (Row row : expected) {
            Row answer = found.get(row.<String>getAs("path").replaceFirst(".*/", ""));
            assertEquals(row.<String>getAs("label"), answer.getAs("predicted"));
            Vector p = answer.getAs("probability");
            for (int k = 1; k <= 10; k++) {
                String suffix = k == 1 ? "" : "_" + k;
                int label = List.of(model().labels()).indexOf(row.<String>getAs("label" + suffix));
                assertEquals((double) row.<Float>getAs("probability" + suffix), p.apply(label));
            }
        }
    }

    @Test
    void picturesOfSparksImageSourceAreWhatTheirFilesAre() {
        Dataset<Row> pictures = spark.read()
                .format("image")
                .load(images.toString())
                .withColumn("file", functions.element_at(functions.split(functions.col("image.origin"), "/"), -1));
        ImageClassifierModel model = model().copy(ParamMap.empty()).setInputCol("image");
        assertEquals(probabilities(model().transform(rows)), probabilities(model.transform(pictures)));
    }

    @Test
    void coloursOfPicturesAreTurnedAndGivenInTheirChannels() {
        StructType schema = new StructType().add("image", ImageSchema.columnSchema());
        byte[] blueGreenRed = {1, 2, 3, 4, 5, 6};
        Row picture = RowFactory.create("a", 1, 2, 3, 16, blueGreenRed);
        Dataset<Row> row = spark.createDataFrame(List.of(RowFactory.create(picture)), schema);
        ImageColumn column = ImageColumn.of(row.schema(), "image");
        assertArrayEquals(
                new byte[] {3, 2, 1, 6, 5, 4}, column.image(row.first()).bytes());
        assertEquals("a", column.image(row.first()).name());
        Row alpha = RowFactory.create(RowFactory.create("a", 1, 1, 4, 24, new byte[] {1, 2, 3, 4}));
        assertArrayEquals(
                new byte[] {3, 2, 1, 4},
                column.image(spark.createDataFrame(List.of(alpha), schema).first())
                        .bytes());
    }

    @Test
    void theOrderAndPartitionsOfTheRowsDoNotMatter() throws IOException {
        PipelineModel other =
                pipeline().fit(rows.orderBy(functions.col("file").desc()).repartition(3));
        assertEquals(probabilities(trained.transform(rows)), probabilities(other.transform(rows)));
    }

    private Dataset<Row> withBadImages() throws IOException {
        byte[] whole = Files.readAllBytes(images.resolve("0.png"));
        return spark.createDataFrame(
                List.of(
                        RowFactory.create("0.png", "/0.png", whole, 1),
                        RowFactory.create("null", "/null", null, 2),
                        RowFactory.create("cut", "/cut", Arrays.copyOf(whole, 60), 3),
                        RowFactory.create("1.png", "/1.png", Files.readAllBytes(images.resolve("1.png")), 4)),
                new StructType()
                        .add("file", DataTypes.StringType)
                        .add("path", DataTypes.StringType)
                        .add("content", DataTypes.BinaryType)
                        .add("more", DataTypes.IntegerType));
    }

    @Test
    void badImagesFailAreSkippedOrKept() throws IOException {
        ImageClassifierModel model = model().copy(ParamMap.empty()).setErrorCol("error");
        Exception failure = assertThrows(
                Exception.class,
                () -> model.transform(withBadImages().coalesce(1)).collectAsList());
        String message = InputException.within(failure).orElseThrow().getMessage();
        assertTrue(message.contains("/null cannot be read: the column is null"), message);

        Map<String, Row> skipped = byFile(model.setHandleInvalid("skip").transform(withBadImages()));
        assertEquals(Set.of("0.png", "1.png"), skipped.keySet());

        Map<String, Row> kept = byFile(model.setHandleInvalid("keep").transform(withBadImages()));
        assertEquals(4, kept.size());
        assertEquals("the column is null", kept.get("null").getAs("error"));
        assertNotNull(kept.get("cut").getAs("error"));
        assertNull(kept.get("cut").getAs("prediction"));
        assertNull(kept.get("cut").getAs("probability"));
        assertEquals(3, kept.get("cut").<Integer>getAs("more"));
        assertNull(kept.get("1.png").getAs("error"));
        Map<String, Vector> expected = probabilities(model().transform(rows));
        assertEquals(expected.get("0.png"), kept.get("0.png").getAs("probability"));
        assertEquals(expected.get("1.png"), kept.get("1.png").getAs("probability"));
        assertThrows(IllegalArgumentException.class, () -> model.setHandleInvalid("ignore"));
    }

    @Test
    void trainingFailsOnBadImagesOrLeavesThemOut() throws IOException {
        Dataset<Row> good = rows.limit(60).withColumn("label", functions.lit(0)).select("path", "content", "label");
        Dataset<Row> all = IntStream.range(1, 10)
                .mapToObj(c -> rows.filter(functions.col("file").startsWith(c + ""))
                        .limit(5)
                        .withColumn("label", functions.lit(c))
                        .select("path", "content", "label"))
                .reduce(good, Dataset::union)
                .union(withBadImages()
                        .filter("more = 2 or more = 3")
                        .withColumn("label", functions.lit(1))
                        .select("path", "content", "label"));
        InputException refusal = assertThrows(
                InputException.class, () -> classifier().setEpochs(1).fit(all));
        assertTrue(refusal.getMessage().contains("2 of 107 images"), refusal.getMessage());
        ImageClassifierModel model =
                classifier().setEpochs(1).setHandleInvalid("skip").fit(all);
        assertEquals(10, model.numClasses());
        assertEquals("skip", model.getOrDefault(model.handleInvalid()));
        assertEquals("0", model.labels()[0]);
    }

    private static void refuses(String part, Executable executable) {
        Exception failure = assertThrows(Exception.class, executable);
        String message = InputException.within(failure).orElseThrow().getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void whatCannotBeUsedIsSaidBeforeAnythingIsTrained() {
        Dataset<Row> labelled = rows.withColumn("label", functions.lit(11));
        refuses("no column 'image'", () -> new ImageClassifier().transformSchema(labelled.schema()));
        refuses("no column 'class'", () -> classifier().setLabelCol("class").fit(labelled));
        refuses(
                "StringIndexer makes them of names",
                () -> classifier().setLabelCol("name").fit(labelled));
        refuses("of the type string", () -> classifier().setInputCol("file").fit(labelled));
        refuses(
                "No network is given",
                () -> new ImageClassifier().setInputCol("content").fit(labelled));
        refuses("Two networks are given", () -> classifier().setModelFile("x").fit(labelled));
        refuses("No run directory is given", () -> new ImageClassifier()
                .setInputCol("content")
                .setModelJson(NETWORK)
                .fit(labelled));
        refuses("has the label 11. Expected the number of a class, from 0 to 9", () -> classifier()
                .fit(labelled));
        refuses("The column 'prediction' exists already", () -> model().transform(trained.transform(rows)));
        refuses(
                "there is no such model",
                () -> ImageClassifierModel.of(folder.resolve("nowhere").toString()));
        assertThrows(IllegalArgumentException.class, () -> classifier().setEpochs(0));
    }

    @Test
    void anEstimatorIsSavedAndLoaded() throws IOException {
        String saved = folder.resolve("estimator").toString();
        ImageClassifier estimator = classifier();
        estimator.write().save(saved);
        ImageClassifier loaded = ImageClassifier.load(saved);
        assertEquals(estimator.explainParams(), loaded.explainParams());
        assertEquals(estimator.uid(), loaded.uid());
        assertEquals(NETWORK, loaded.getOrDefault(loaded.modelJson()));
        assertFalse(loaded.explainParams().isEmpty());
    }

    @Test
    void crossValidationChoosesAmongSettings() {
        ImageClassifier estimator = classifier();
        ParamMap[] grid = new ParamGridBuilder()
                .addGrid(estimator.epochs(), new int[] {1, 5})
                .build();
        Dataset<Row> labelled = trained.stages()[0].transform(rows);
        CrossValidatorModel best = new CrossValidator()
                .setEstimator(estimator)
                .setEvaluator(new MulticlassClassificationEvaluator().setMetricName("accuracy"))
                .setEstimatorParamMaps(grid)
                .setNumFolds(2)
                .setSeed(5)
                .fit(labelled);
        assertTrue(best.avgMetrics()[1] > best.avgMetrics()[0], Arrays.toString(best.avgMetrics()));
    }
}
