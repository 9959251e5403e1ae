package org.starling.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.InputException;
import org.starling.LocalSpark;
import org.starling.data.BadImage;
import org.starling.data.ImageSource;
import org.starling.data.augmentation.Views;
import org.starling.evaluation.PredictionAverage.Mean;

class EvaluatorTest {
    private static Evaluation onTestImages;

    @TempDir
    Path folder;

    /** Few tasks, each of which builds its networks. */
    private static Evaluator evaluator(Classifier classifier) {
        return new Evaluator(classifier, Evaluator.BATCH, 4);
    }

    private static Evaluation evaluate(JavaSparkContext spark, Path data, Path... models) {
        List<String> names = Stream.of(models).map(Path::toString).toList();
        return evaluator(Classifier.of(names)).evaluate(spark, ImageSource.open(spark, data.toString(), "auto"));
    }

    private static synchronized Evaluation onTestImages() throws IOException {
        if (onTestImages == null) {
            onTestImages = evaluate(LocalSpark.context("local[1]"), testImages(), FashionMnist.model());
        }
        return onTestImages;
    }

    private static Path testImages() {
        return FashionMnist.COMMITTED.resolve("t10k-images-idx3-ubyte.gz");
    }

    /** One image after another, read and normalized without Starling, through DL4J's own reader and network. */
    private static long correctByBruteForce(Path model, FashionMnist set) throws IOException {
        MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(model.toFile());
        long correct = 0;
        for (int i = 0; i < set.size(); i++) {
            if (stock.predict(set.features(i, 1))[0] == set.labels[i]) {
                correct++;
            }
        }
        return correct;
    }

    @Test
    void everyImageIsCountedOnceAndTop1IsThatOfBruteForce() throws IOException {
        Evaluation evaluation = onTestImages();
        FashionMnist set = FashionMnist.read(FashionMnist.COMMITTED, "t10k");
        long[] actual = new long[FashionMnist.CLASSES];
        for (int label : set.labels) {
            actual[label]++;
        }
        EvaluationResult result = evaluation.result();
        assertArrayEquals(
                actual, LongStream.range(0, 10).map(c -> result.actual((int) c)).toArray());
        assertEquals(correctByBruteForce(FashionMnist.model(), set), result.correct());
        assertTrue(result.top1Accuracy() > 0.6, evaluation.text());
        assertTrue(result.top5() > result.correct());
    }

    /** Debian's package dataset-fashion-mnist; its files name no classes, so that labels are matched by number. */
    @Test
    @Tag("soak")
    void everyImageOfTheFullTestSetIsCountedOnce() throws IOException {
        assumeTrue(Files.exists(FashionMnist.FULL), "the package dataset-fashion-mnist is not installed");
        Evaluation evaluation = evaluate(
                LocalSpark.context(), FashionMnist.FULL.resolve("t10k-images-idx3-ubyte.gz"), FashionMnist.model());
        FashionMnist set = FashionMnist.read(FashionMnist.FULL, "t10k");
        assertEquals(10_000, evaluation.result().images());
        for (int c = 0; c < FashionMnist.CLASSES; c++) {
            assertEquals(1000, evaluation.result().actual(c));
        }
        assertEquals(
                correctByBruteForce(FashionMnist.model(), set),
                evaluation.result().correct());
    }

    @Test
    void theResultIsTheSameOnAnyNumberOfThreads() throws IOException {
        Evaluation one = onTestImages();
        Evaluation three = evaluate(LocalSpark.context("local[3]"), testImages(), FashionMnist.model());
        assertArrayEquals(one.result().confusion(), three.result().confusion());
        assertEquals(one.result().top5(), three.result().top5());
        assertEquals(one.result().lossSum(), three.result().lossSum());
        assertEquals(
                one.mistakes().stream().map(Mistake::name).toList(),
                three.mistakes().stream().map(Mistake::name).toList());
    }

    @Test
    void classesOfAFolderAreMatchedByNameAndBadImagesAreListed() throws IOException {
        // Code point order of the folders is not the order of the model's classes, and one file is no image.
        FashionMnist set = FashionMnist.read(FashionMnist.COMMITTED, "t10k");
        List<String> names = Files.readAllLines(FashionMnist.COMMITTED.resolve("classes.txt"));
        for (int c = 0; c < names.size(); c++) {
            Files.createDirectories(folder.resolve(names.get(c).replace("/", "-")));
        }
        // A folder cannot be called T-shirt/top.
        Path model = renamedModel("T-shirt/top", "T-shirt-top");
        for (int i = 0; i < 60; i++) {
            writePng(
                    set,
                    i,
                    folder.resolve(names.get(set.labels[i]).replace("/", "-")).resolve(i + ".png"));
        }
        Files.writeString(folder.resolve("Coat").resolve("notes.txt"), "not an image");
        Evaluation evaluation = evaluate(LocalSpark.context(), folder, model);
        MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(model.toFile());
        long[][] expected = new long[10][10];
        for (int i = 0; i < 60; i++) {
            expected[set.labels[i]][stock.predict(set.features(i, 1))[0]]++;
        }
        assertArrayEquals(expected, evaluation.result().confusion());
        assertEquals(
                List.of("Coat/notes.txt"),
                evaluation.badImages().stream().map(BadImage::name).toList());
        assertTrue(evaluation.text().contains("1 images could not be read"), evaluation.text());
    }

    private Path renamedModel(String from, String to) throws IOException {
        Path renamed = Files.createDirectories(folder.resolveSibling(folder.getFileName() + "-model"));
        Path zip = renamed.resolve("model.zip");
        Files.copy(FashionMnist.model(), zip);
        String json = Files.readString(FashionMnist.model().resolveSibling("model.json"));
        Files.writeString(renamed.resolve("model.json"), json.replace(from, to));
        return zip;
    }

    static void writePng(FashionMnist set, int index, Path file) throws IOException {
        BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 28 * 28; i++) {
            image.getRaster().setSample(i % 28, i / 28, 0, set.pixels[index * 28 * 28 + i] & 0xFF);
        }
        ImageIO.write(image, "png", file.toFile());
    }

    @Test
    void anEnsembleAveragesProbabilities() throws IOException {
        Path other = folder.resolve("other.zip");
        FashionMnist.writeModel(other, 2);
        Evaluation both = evaluate(LocalSpark.context(), testImages(), FashionMnist.model(), other);
        FashionMnist set = FashionMnist.read(FashionMnist.COMMITTED, "t10k");
        MultiLayerNetwork first =
                ModelSerializer.restoreMultiLayerNetwork(FashionMnist.model().toFile());
        MultiLayerNetwork second = ModelSerializer.restoreMultiLayerNetwork(other.toFile());
        int[] sums = first.output(set.features(0, set.size()))
                .add(second.output(set.features(0, set.size())))
                .argMax(1)
                .toIntVector();
        long correct = 0;
        for (int i = 0; i < sums.length; i++) {
            correct += sums[i] == set.labels[i] ? 1 : 0;
        }
        assertEquals(correct, both.result().correct());
        assertEquals(2000, both.result().images());
    }

    @Test
    void anEnsembleShowsItsMembersAndWhatEachAdds() throws IOException {
        List<Path> models = new ArrayList<>(List.of(FashionMnist.model()));
        for (int seed = 2; seed <= 3; seed++) {
            models.add(folder.resolve(seed + ".zip"));
            FashionMnist.writeModel(folder.resolve(seed + ".zip"), seed);
        }
        JavaSparkContext spark = LocalSpark.context();
        ImageSource data = ImageSource.open(spark, testImages().toString(), "auto");
        double[] weights = {3, 1, 2};
        for (Mean mean : Mean.values()) {
            Evaluation whole = evaluator(new Classifier(
                            models.stream().map(Path::toString).toList(),
                            new PredictionAverage(mean, weights),
                            Views.CENTRE))
                    .evaluate(spark, data);
            double sum = 0;
            for (int m = 0; m < 3; m++) {
                int left = m;
                MemberResult member = whole.members().get(m);
                sum += member.weight();
                assertEquals(weights[m] / 6, member.weight(), 1e-15);
                // Each by a pass of its own.
                assertScores(evaluate(spark, testImages(), models.get(m)), member.alone());
                int[] others = IntStream.range(0, 3).filter(i -> i != left).toArray();
                Classifier rest = new Classifier(
                        IntStream.of(others)
                                .mapToObj(i -> models.get(i).toString())
                                .toList(),
                        new PredictionAverage(
                                mean,
                                IntStream.of(others)
                                        .mapToDouble(i -> weights[i])
                                        .toArray()),
                        Views.CENTRE);
                assertScores(evaluator(rest).evaluate(spark, data), member.without());
            }
            assertEquals(1, sum, 1e-15);
        }
    }

    private static void assertScores(Evaluation expected, Score actual) {
        assertEquals(expected.result().images(), actual.images());
        assertEquals(expected.result().correct(), actual.correct());
        assertEquals(expected.result().top5(), actual.top5());
        assertEquals(expected.result().lossSum(), actual.lossSum());
    }

    @Test
    void aMemberThatWeighsNothingChangesNothing() throws IOException {
        Path other = folder.resolve("other.zip");
        FashionMnist.writeModel(other, 2);
        JavaSparkContext spark = LocalSpark.context();
        Evaluation evaluation = evaluator(new Classifier(
                        List.of(FashionMnist.model().toString(), other.toString()),
                        new PredictionAverage(Mean.ARITHMETIC, new double[] {1, 0}),
                        Views.CENTRE))
                .evaluate(spark, ImageSource.open(spark, testImages().toString(), "auto"));
        assertEquals(onTestImages().result().lossSum(), evaluation.result().lossSum());
        assertNull(evaluation.members().get(0).without());
        assertEquals(
                evaluation.result().correct(),
                evaluation.members().get(1).without().correct());
    }

    @Test
    void theTableOfAnEvaluationHasEveryImageWithItsClass() throws IOException {
        Path table = folder.resolve("table");
        JavaSparkContext spark = LocalSpark.context();
        Evaluation evaluation = evaluator(
                        Classifier.of(List.of(FashionMnist.model().toString())))
                .evaluate(
                        spark,
                        ImageSource.open(spark, testImages().toString(), "auto"),
                        Optional.of(new PredictionTable(table.toUri().toString(), PredictionTable.Format.PARQUET, 1)));
        Dataset<Row> rows = SparkSession.builder()
                .sparkContext(spark.sc())
                .getOrCreate()
                .read()
                .parquet(table.toString());
        assertEquals(2000, rows.select("path").distinct().count());
        assertEquals(evaluation.result().correct(), rows.where("actual = label").count());
        assertEquals(onTestImages().result().lossSum(), evaluation.result().lossSum());
    }

    @Test
    void classesThatDifferAreNamed() throws IOException {
        for (String name : List.of("cat", "dog")) {
            Files.createDirectories(folder.resolve(name));
            Files.writeString(folder.resolve(name).resolve("x.png"), "");
        }
        InputException refusal =
                assertThrows(InputException.class, () -> evaluate(LocalSpark.context(), folder, FashionMnist.model()));
        assertTrue(refusal.getMessage().contains("only the first has cat, dog"), refusal.getMessage());
    }

    @Test
    void theReportIsWrittenOnceAndNeverOverwritten() throws IOException {
        Evaluation evaluation = onTestImages();
        org.apache.hadoop.fs.Path out = new org.apache.hadoop.fs.Path(folder.toUri());
        Evaluation.requireAbsent(out, new Configuration());
        evaluation.write(out, new Configuration());
        JsonNode json =
                new ObjectMapper().readTree(folder.resolve("evaluation.json").toFile());
        assertEquals(2000, json.get("images").asLong());
        assertTrue(json.get("data").asText().endsWith("/data/fashion-mnist/t10k-images-idx3-ubyte.gz"));
        assertEquals(evaluation.result().top1Accuracy(), json.get("top1").asDouble());
        assertEquals(evaluation.result().recall(3), json.at("/classes/3/recall").asDouble());
        assertEquals(
                evaluation.result().confusion()[6][0], json.at("/confusion/6/0").asLong());
        assertFalse(json.get("mistakes").isEmpty());
        assertThrows(InputException.class, () -> Evaluation.requireAbsent(out, new Configuration()));
        assertThrows(InputException.class, () -> evaluation.write(out, new Configuration()));
    }

    @Test
    void manyClassesAreShownByTheWorst() {
        int classes = 30;
        EvaluationResult result = EvaluationResult.empty(classes);
        List<String> labels = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            labels.add("class-" + c);
            result.confusion()[c][c] = 10 + c;
            result.confusion()[c][0] += 3;
        }
        result.confusion()[29][7] = 99;
        String text = new Evaluation(
                        Classifier.of(List.of("m")), "d", labels, result, List.of(), List.of(), List.of(), 1)
                .text();
        assertTrue(text.contains("The 20 classes of 30 with the lowest F1"), text);
        assertTrue(text.contains("    99  class-29  taken for class-7\n"), text);
    }
}
