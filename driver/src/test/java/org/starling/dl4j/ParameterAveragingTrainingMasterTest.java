package org.starling.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.starling.InputException;
import org.starling.LocalSpark;

/** A fit with this master is dl4j-spark's arithmetic, with a mean by examples. */
class ParameterAveragingTrainingMasterTest {
    private static final int BATCH = 4;
    private static final int FREQUENCY = 3;

    @TempDir
    Path folder;

    private static MultiLayerNetwork network(IUpdater updater, double retain) {
        return network(updater, retain, DataType.FLOAT);
    }

    private static MultiLayerNetwork network(IUpdater updater, double retain, DataType type) {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(type)
                .updater(updater)
                .activation(Activation.RELU)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
                .layer(new SubsamplingLayer.Builder()
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(new DenseLayer.Builder().nOut(10).dropOut(retain).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    /** Single examples; the first pixel is the example's number. */
    private static List<DataSet> examples(int count) {
        Random random = new Random(5);
        List<DataSet> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            INDArray x = Nd4j.zeros(DataType.FLOAT, 1, 1, 8, 8);
            int label = random.nextInt(3);
            for (int p = 1; p < 64; p++) {
                x.putScalar(p, random.nextGaussian() + (p % 3 == label ? 1 : 0));
            }
            x.putScalar(0, i / 1000.0);
            INDArray y = Nd4j.zeros(DataType.FLOAT, 1, 3);
            y.putScalar(label, 1);
            examples.add(new DataSet(x, y));
        }
        return examples;
    }

    private static List<DataSet> merged(List<DataSet> examples, int size) {
        List<DataSet> merged = new ArrayList<>();
        for (int from = 0; from < examples.size(); from += size) {
            merged.add(DataSet.merge(examples.subList(from, Math.min(examples.size(), from + size))));
        }
        return merged;
    }

    private static ParameterAveragingTrainingMaster.Builder builder(int workers, int dataSetSize) {
        return new ParameterAveragingTrainingMaster.Builder(workers, dataSetSize)
                .batchSizePerWorker(BATCH)
                .averagingFrequency(FREQUENCY);
    }

    private static float[] floats(INDArray array) {
        return array.dup('c').toFloatVector();
    }

    private static double norm(float[] a, float[] b) {
        double square = 0;
        for (int i = 0; i < a.length; i++) {
            square += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        }
        return Math.sqrt(square);
    }

    private static void assertClose(float[] expected, float[] actual, float[] start) {
        double moved = norm(expected, start);
        assertTrue(moved > 0.01, "nothing was trained");
        double difference = norm(expected, actual);
        assertTrue(difference <= 1e-5 * moved, "off by " + difference + " after a way of " + moved);
    }

    /** What averaging rounds of minibatches comes to, on stock networks: {@code rounds[round][worker]} are minibatches. */
    private static MultiLayerNetwork plainLoop(MultiLayerNetwork start, List<List<List<DataSet>>> rounds) {
        MultiLayerNetwork result = start.clone();
        for (List<List<DataSet>> round : rounds) {
            double total = round.stream()
                    .flatMap(List::stream)
                    .mapToInt(DataSet::numExamples)
                    .sum();
            INDArray parameters = Nd4j.zeros(DataType.DOUBLE, result.params().shape());
            INDArray state = result.getUpdater().getStateViewArray();
            INDArray stateMean = state == null ? null : Nd4j.zeros(DataType.DOUBLE, state.shape());
            for (List<DataSet> minibatches : round) {
                MultiLayerNetwork worker = result.clone();
                worker.setIterationCount(result.getIterationCount());
                minibatches.forEach(worker::fit);
                double weight =
                        minibatches.stream().mapToInt(DataSet::numExamples).sum() / total;
                parameters.addi(worker.params().castTo(DataType.DOUBLE).mul(weight));
                if (state != null) {
                    stateMean.addi(worker.getUpdater()
                            .getStateViewArray()
                            .castTo(DataType.DOUBLE)
                            .mul(weight));
                }
            }
            result.params().assign(parameters.castTo(DataType.FLOAT));
            if (state != null) {
                state.assign(stateMean.castTo(DataType.FLOAT));
            }
            result.setIterationCount(result.getIterationCount() + FREQUENCY);
        }
        return result;
    }

    private static MultiLayerNetwork fit(
            TrainingMaster<?, ?> master, MultiLayerNetwork start, JavaRDD<DataSet> data, int fits) {
        SparkDl4jMultiLayer spark =
                new SparkDl4jMultiLayer(JavaSparkContext.fromSparkContext(data.context()), start.clone(), master);
        for (int i = 0; i < fits; i++) {
            spark.fit(data);
        }
        return spark.getNetwork();
    }

    @Test
    void roundsAreStockFitsAndAMeanOfParametersAndUpdaterStateByExamples() {
        MultiLayerNetwork start = network(new Nesterovs(0.1, 0.9), 1);
        List<DataSet> examples = examples(19);
        JavaRDD<DataSet> data = LocalSpark.context().parallelize(examples, 3);
        MultiLayerNetwork actual = fit(builder(2, 1).build(), start, data, 2);

        // 19 examples are one round of at most 2 workers x 3 minibatches x 4: 10 and 9 of them.
        List<List<DataSet>> round =
                List.of(merged(examples.subList(0, 10), BATCH), merged(examples.subList(10, 19), BATCH));
        MultiLayerNetwork expected = plainLoop(start, List.of(round, round));
        assertClose(floats(expected.params()), floats(actual.params()), floats(start.params()));
        float[] state = floats(expected.getUpdater().getStateViewArray());
        assertClose(state, floats(actual.getUpdater().getStateViewArray()), new float[state.length]);
        assertEquals(2 * FREQUENCY, actual.getIterationCount());
        assertEquals(2, actual.getEpochCount());
    }

    @Test
    void equalSharesAreWhatDl4jSparkComputes() {
        MultiLayerNetwork start = network(new Nesterovs(0.1, 0.9), 1);
        List<DataSet> examples = examples(2 * BATCH * FREQUENCY);
        JavaSparkContext spark = LocalSpark.context();
        MultiLayerNetwork actual = fit(builder(2, 1).build(), start, spark.parallelize(examples, 2), 3);
        MultiLayerNetwork expected = fit(
                new org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster.Builder(2, 1)
                        .batchSizePerWorker(BATCH)
                        .averagingFrequency(FREQUENCY)
                        .saveUpdater(true)
                        .rddTrainingApproach(RDDTrainingApproach.Direct)
                        .build(),
                start,
                spark.parallelize(examples, 2),
                3);
        assertClose(floats(expected.params()), floats(actual.params()), floats(start.params()));
        assertEquals(expected.getIterationCount(), actual.getIterationCount());
        assertEquals(expected.getEpochCount(), actual.getEpochCount());
    }

    /** Remembers the examples that each worker trained, in order, minibatch by minibatch. */
    private static final class Recorder implements TrainingHook {
        static final Map<Integer, List<List<Integer>>> MINIBATCHES = new ConcurrentHashMap<>();

        @Override
        public void preUpdate(org.nd4j.linalg.dataset.api.DataSet minibatch, Model model) {
            List<Integer> numbers = IntStream.range(0, minibatch.numExamples())
                    .mapToObj(i -> Math.round(1000 * minibatch.getFeatures().getFloat(i, 0, 0, 0)))
                    .toList();
            MINIBATCHES
                    .computeIfAbsent(TaskContext.getPartitionId(), w -> Collections.synchronizedList(new ArrayList<>()))
                    .add(numbers);
        }

        @Override
        public void postUpdate(org.nd4j.linalg.dataset.api.DataSet minibatch, Model model) {}

        @Override
        public void preUpdate(MultiDataSet minibatch, Model model) {}

        @Override
        public void postUpdate(MultiDataSet minibatch, Model model) {}
    }

    @Test
    void severalRoundsTrainEveryExampleOnceAndAreTheLoopOverTheirMinibatches() {
        MultiLayerNetwork start = network(new Adam(0.003), 1);
        List<DataSet> examples = examples(103);
        JavaRDD<DataSet> data = LocalSpark.context().parallelize(merged(examples, 2), 3);
        Recorder.MINIBATCHES.clear();
        MultiLayerNetwork actual = fit(
                builder(2, 2)
                        .trainingHooks(new Recorder())
                        .workerPrefetchNumBatches(2)
                        .build(),
                start,
                data,
                1);

        Map<Integer, List<List<Integer>>> byWorker = new TreeMap<>(Recorder.MINIBATCHES);
        List<Integer> all = byWorker.values().stream()
                .flatMap(List::stream)
                .flatMap(List::stream)
                .sorted()
                .toList();
        assertEquals(IntStream.range(0, 103).boxed().toList(), all);
        // 52 DataSets of 2, at most 6 a worker and round: 26 a worker in 5 rounds, so 5 or 6 each.
        List<List<List<DataSet>>> rounds = new ArrayList<>();
        for (int r = 0; r < 5; r++) {
            int round = r;
            rounds.add(byWorker.values().stream()
                    .map(minibatches -> minibatches.subList(round * FREQUENCY, (round + 1) * FREQUENCY).stream()
                            .map(numbers -> DataSet.merge(
                                    numbers.stream().map(examples::get).toList()))
                            .toList())
                    .toList());
        }
        assertTrue(byWorker.values().stream().allMatch(m -> m.size() == 5 * FREQUENCY), byWorker.toString());
        MultiLayerNetwork expected = plainLoop(start, rounds);
        assertClose(floats(expected.params()), floats(actual.params()), floats(start.params()));
        assertEquals(5 * FREQUENCY, actual.getIterationCount());
    }

    @Test
    void theBitsAreTheSameTwiceAndWithAnyNumberOfThreadsButNotWithAnotherSeed() {
        MultiLayerNetwork start = network(new Nesterovs(0.1, 0.9), 0.5);
        List<DataSet> examples = examples(70);
        List<float[]> results = new ArrayList<>();
        for (String master : List.of("local[2]", "local[2]", "local[1]")) {
            JavaRDD<DataSet> data = LocalSpark.context(master).parallelize(examples, 4);
            results.add(floats(fit(builder(3, 1).build(), start, data, 2).params()));
        }
        assertArrayEquals(results.get(0), results.get(1));
        assertArrayEquals(results.get(0), results.get(2));
        JavaRDD<DataSet> data = LocalSpark.context().parallelize(examples, 4);
        float[] other =
                floats(fit(builder(3, 1).rngSeed(2).build(), start, data, 2).params());
        assertFalse(Arrays.equals(results.get(0), other));
    }

    @Test
    void withoutSaveUpdaterEveryRoundStartsWithANewUpdater() {
        // AdaGrad's state does not start at zero.
        MultiLayerNetwork start = network(new AdaGrad(0.05), 1);
        List<DataSet> examples = examples(2 * BATCH * FREQUENCY);
        JavaRDD<DataSet> data = LocalSpark.context().parallelize(examples, 2);
        MultiLayerNetwork actual = fit(builder(2, 1).saveUpdater(false).build(), start, data, 2);

        List<List<DataSet>> round =
                List.of(merged(examples.subList(0, 12), BATCH), merged(examples.subList(12, 24), BATCH));
        MultiLayerNetwork first = plainLoop(start, List.of(round));
        MultiLayerNetwork second = start.clone();
        second.params().assign(first.params());
        assertClose(
                floats(plainLoop(second, List.of(round)).params()), floats(actual.params()), floats(start.params()));
        assertArrayEquals(
                floats(start.getUpdater().getStateViewArray()),
                floats(actual.getUpdater().getStateViewArray()));
    }

    @Test
    void withRepartitionNeverThePartitionsAreTheWorkers() {
        MultiLayerNetwork start = network(new Sgd(0.1), 1);
        List<DataSet> examples = examples(12);
        JavaRDD<DataSet> data = LocalSpark.context()
                .parallelize(examples, 1)
                .union(LocalSpark.context().parallelize(examples.subList(0, 5), 1));
        MultiLayerNetwork actual =
                fit(builder(7, 1).repartionData(Repartition.Never).build(), start, data, 1);
        MultiLayerNetwork expected =
                plainLoop(start, List.of(List.of(merged(examples, BATCH), merged(examples.subList(0, 5), BATCH))));
        assertClose(floats(expected.params()), floats(actual.params()), floats(start.params()));
    }

    @Test
    void moreWorkersThanExamplesIsTheSameAsWithoutTheIdleOnes() {
        MultiLayerNetwork start = network(new Nesterovs(0.1, 0.9), 1);
        List<DataSet> examples = examples(2);
        JavaRDD<DataSet> data = LocalSpark.context().parallelize(examples, 2);
        assertArrayEquals(
                floats(fit(builder(2, 1).build(), start, data, 1).params()),
                floats(fit(builder(5, 1).build(), start, data, 1).params()));
    }

    @Test
    void oneWorkerAndFilesOfDataSetsWork() throws IOException {
        MultiLayerNetwork start = network(new Nesterovs(0.1, 0.9), 1);
        List<DataSet> minibatches = merged(examples(BATCH * FREQUENCY), BATCH);
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < minibatches.size(); i++) {
            Path file = folder.resolve(i + ".bin");
            minibatches.get(i).save(file.toFile());
            paths.add(file.toUri().toString());
        }
        SparkDl4jMultiLayer spark = new SparkDl4jMultiLayer(
                LocalSpark.context(), start.clone(), builder(1, BATCH).build());
        MultiLayerNetwork actual = spark.fitPaths(LocalSpark.context().parallelize(paths, 1));
        MultiLayerNetwork expected = plainLoop(start, List.of(List.of(minibatches)));
        assertClose(floats(expected.params()), floats(actual.params()), floats(start.params()));
    }

    @Test
    void aFileThatHoldsNoDataSetIsNamedAndTheNetworkStaysAsItWas() throws IOException {
        MultiLayerNetwork start = network(new Nesterovs(0.1, 0.9), 1);
        Path file = Files.writeString(folder.resolve("notes.txt"), "no data");
        SparkDl4jMultiLayer spark = new SparkDl4jMultiLayer(
                LocalSpark.context(), start.clone(), builder(1, 1).build());
        JavaRDD<String> paths =
                LocalSpark.context().parallelize(List.of(file.toUri().toString()), 1);
        InputException refused = assertThrows(InputException.class, () -> spark.fitPaths(paths));
        assertTrue(refused.getMessage().contains("notes.txt"), refused.getMessage());
        assertArrayEquals(floats(start.params()), floats(spark.getNetwork().params()));
        assertEquals(0, spark.getNetwork().getIterationCount());
    }

    /** Fails in the second round, when the first has been averaged. */
    private static final class FailingHook implements TrainingHook {
        @Override
        public void preUpdate(org.nd4j.linalg.dataset.api.DataSet minibatch, Model model) {
            if (((MultiLayerNetwork) model).getIterationCount() == FREQUENCY) {
                throw new IllegalStateException("told to fail");
            }
        }

        @Override
        public void postUpdate(org.nd4j.linalg.dataset.api.DataSet minibatch, Model model) {}

        @Override
        public void preUpdate(MultiDataSet minibatch, Model model) {}

        @Override
        public void postUpdate(MultiDataSet minibatch, Model model) {}
    }

    @Test
    void aFitThatFailsLeavesTheNetworkAsItWasAndNothingCachedButTheData() {
        MultiLayerNetwork start = network(new Nesterovs(0.1, 0.9), 1);
        JavaSparkContext context = LocalSpark.context();
        Set<Integer> cached = Set.copyOf(context.getPersistentRDDs().keySet());
        ParameterAveragingTrainingMaster master =
                builder(2, 1).trainingHooks(new FailingHook()).build();
        SparkDl4jMultiLayer spark = new SparkDl4jMultiLayer(context, start.clone(), master);
        JavaRDD<DataSet> data = context.parallelize(examples(60), 2);
        assertThrows(Exception.class, () -> spark.fit(data));
        assertArrayEquals(floats(start.params()), floats(spark.getNetwork().params()));
        assertEquals(1, newlyCached(context, cached).size());
        assertTrue(master.deleteTempFiles(context));
        assertEquals(Set.of(), newlyCached(context, cached));
    }

    private static Set<Integer> newlyCached(JavaSparkContext context, Set<Integer> before) {
        Set<Integer> now = new TreeSet<>(context.getPersistentRDDs().keySet());
        now.removeAll(before);
        return now;
    }

    @Test
    void theLinesOfTheDocumentationTrainAModel() throws IOException {
        JavaSparkContext context = LocalSpark.context();
        MultiLayerConfiguration configuration =
                network(new Nesterovs(0.1, 0.9), 1).getLayerWiseConfigurations();
        JavaRDD<DataSet> data = context.parallelize(examples(150), 2);
        File file = folder.resolve("model.zip").toFile();

        TrainingMaster<?, ?> master = new ParameterAveragingTrainingMaster.Builder(4, 1)
                .batchSizePerWorker(32)
                .averagingFrequency(8)
                .workerPrefetchNumBatches(2)
                .build();
        SparkDl4jMultiLayer spark = new SparkDl4jMultiLayer(context, configuration, master);
        for (int epoch = 0; epoch < 5; epoch++) {
            spark.fit(data);
        }
        spark.getNetwork().save(file);

        MultiLayerNetwork saved = MultiLayerNetwork.load(file, true);
        assertEquals(spark.getNetwork().params(), saved.params());
        List<String> documented = documentedLines();
        assertTrue(documented.size() > 8, documented.toString());
        String here = Files.readString(
                        Path.of("src/test/java", getClass().getName().replace('.', '/') + ".java"))
                .replaceAll("\\s", "");
        assertTrue(here.contains(String.join("", documented).replaceAll("\\s", "")));
    }

    /** The indented lines of docs/dl4j.md that are a program and no import. */
    private static List<String> documentedLines() throws IOException {
        return Files.readAllLines(Path.of("../docs/dl4j.md")).stream()
                .filter(line -> line.startsWith("    ") && !line.contains("import "))
                .toList();
    }

    @Test
    void itIsWhatItsJsonSaysAndTravelsInAClosure() {
        ParameterAveragingTrainingMaster master = builder(2, 5)
                .storageLevel(StorageLevel.DISK_ONLY())
                .saveUpdater(false)
                .trainingHooks(new Recorder())
                .build();
        master.setListeners(List.of(new ScoreIterationListener(10)));
        String json = master.toJson();
        assertEquals(json, ParameterAveragingTrainingMaster.fromJson(json).toJson());
        assertTrue(json.contains("\"batchSizePerWorker\" : 4") && json.contains("DISK_ONLY"), json);
        List<String> inTasks = LocalSpark.context()
                .parallelize(List.of(1, 2), 2)
                .map(i -> master.toJson())
                .collect();
        assertEquals(List.of(json, json), inTasks);
        InputException refused =
                assertThrows(InputException.class, () -> ParameterAveragingTrainingMaster.fromJson("{\"a\": 1}"));
        assertTrue(refused.getMessage().contains("toJson"), refused.getMessage());
    }

    @Test
    void statisticsNameThePartsOfAFitInDl4jSparksWords() {
        JavaRDD<DataSet> data = LocalSpark.context().parallelize(examples(60), 2);
        ParameterAveragingTrainingMaster master = builder(2, 1).build();
        assertNull(master.getTrainingStats());
        master.setCollectTrainingStats(true);
        fit(master, network(new Sgd(0.1), 1), data, 2);
        assertEquals(
                2,
                master.getTrainingStats()
                        .getValue("ParameterAveragingMasterFitTimesMs")
                        .size());
        assertEquals(
                1,
                master.getTrainingStats()
                        .getValue("ParameterAveragingMasterSplitTimesMs")
                        .size());
        assertEquals(
                2 * 3,
                master.getTrainingStats()
                        .getValue("ParameterAveragingMasterMapPartitionsTimesMs")
                        .size());
        assertTrue(master.getTrainingStats().statsAsString().contains("ParameterAveragingMasterFitTimesMs"));
    }

    @Test
    void whatCannotBeTrainedIsRefusedWithWhatToDo() {
        JavaRDD<DataSet> none = LocalSpark.context().parallelize(List.of(), 2);
        MultiLayerNetwork start = network(new Sgd(0.1), 1);
        String empty = assertThrows(
                        InputException.class, () -> fit(builder(2, 1).build(), start, none, 1))
                .getMessage();
        assertTrue(empty.contains("no DataSet"), empty);
        MultiLayerNetwork doubles = network(new Sgd(0.1), 1, DataType.DOUBLE);
        JavaRDD<DataSet> data = LocalSpark.context().parallelize(examples(4), 2);
        String type = assertThrows(InputException.class, () -> fit(builder(2, 1).build(), doubles, data, 1))
                .getMessage();
        assertTrue(type.contains("DOUBLE") && type.contains("dataType"), type);
        ParameterAveragingTrainingMaster master = builder(2, 1).build();
        String graph = assertThrows(UnsupportedOperationException.class, () -> master.executeTrainingMDS(null, null))
                .getMessage();
        assertTrue(graph.contains("SparkDl4jMultiLayer"), graph);
        Stream.<Runnable>of(
                        () -> builder(0, 1).build(),
                        () -> builder(1, 0).build(),
                        () -> builder(1, 1).averagingFrequency(0).build(),
                        () -> builder(1, 1).workerPrefetchNumBatches(-1).build())
                .forEach(wrong -> assertThrows(IllegalArgumentException.class, wrong::run));
    }
}
