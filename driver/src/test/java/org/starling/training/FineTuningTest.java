package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.InputException;
import org.starling.checkpoint.ModelFile;
import org.starling.checkpoint.SavedModel;
import org.starling.checkpoint.WeightFile;
import org.starling.checkpoint.WeightMatch;
import org.starling.data.Minibatch;
import org.starling.data.Minibatches;
import org.starling.data.augmentation.Augmentation;
import org.starling.kernels.optimizer.Momentum;
import org.starling.model.ModelOptions;
import org.starling.model.ParameterTensor;
import org.starling.model.SequentialModel;
import org.starling.training.TrainerTest.Variant;
import org.starling.training.TrainingConfiguration.AdaptiveSettings;
import org.starling.training.TrainingConfiguration.AveragingSettings;
import org.starling.training.TrainingConfiguration.ClippingSettings;
import org.starling.training.TrainingConfiguration.Kernels;
import org.starling.training.TrainingConfiguration.ModelSettings;
import org.starling.training.TrainingConfiguration.OuterOptimizerName;
import org.starling.training.TrainingConfiguration.OuterSettings;
import org.starling.training.TrainingConfiguration.Payload;
import org.starling.training.TrainingConfiguration.PostLocalSettings;
import org.starling.training.TrainingConfiguration.StateRule;
import org.starling.training.TrainingConfiguration.TrainingSettings;

class FineTuningTest {
    private static final Variant BASE = new Variant("base", 1, 2, 4, StateRule.AVERAGE, 0.02, 0);

    private static final AveragingSettings EVERYTHING = new AveragingSettings(
            new PostLocalSettings(0, 1),
            AdaptiveSettings.NONE,
            OuterSettings.of(OuterOptimizerName.NESTEROV),
            0.5,
            Payload.INT8);

    /** With batch normalization behind the convolution. */
    private static final String NORMALIZED = TinyRun.modelJson(false)
            .replace(
                    "{\"class_name\":\"MaxPooling2D\"",
                    "{\"class_name\":\"BatchNormalization\",\"config\":{\"name\":\"norm\"}},{\"class_name\":\"MaxPooling2D\"");

    @TempDir
    Path folder;

    private final List<TrainingEvent.FineTuning> told = new ArrayList<>();

    private void writeImages() throws IOException {
        Files.writeString(folder.resolve("model.json"), TinyRun.modelJson(true));
        TrainerTest.writeIdx(folder.resolve("train"), 50);
        TrainerTest.writeIdx(folder.resolve("validation"), 20);
    }

    private void train(
            Variant variant, Optional<String> weights, boolean replaceLast, boolean resume, String... frozen) {
        TrainingConfiguration c = TrainerTest.configuration(folder, variant);
        TrainingSettings t = c.training();
        ModelSettings m = c.model();
        TrainingConfiguration fineTuning = new TrainingConfiguration(
                c.run(),
                new ModelSettings(
                        m.file(), m.options(), m.kernels(), m.allowMixedCpus(), weights.map(this::path), replaceLast),
                c.data(),
                new TrainingSettings(
                        t.epochs(),
                        t.batch(),
                        t.replicas(),
                        t.stepsPerRound(),
                        t.averaging(),
                        t.optimizer(),
                        t.schedule(),
                        t.clipping(),
                        t.labelSmoothing(),
                        t.classWeights(),
                        t.validateEveryEpochs(),
                        t.earlyStopping(),
                        List.of(frozen)),
                c.checkpoint());
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onFineTuning(TrainingEvent.FineTuning fineTuning) {
                told.add(fineTuning);
            }
        };
        new Trainer(TinyRun.spark(), fineTuning, TrainerTest.settings(variant), List.of(listener)).run(resume);
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    /** The model's arrays, by their full names. */
    private Map<String, float[]> arrays(String run) {
        SavedModel saved = ModelFile.read(new org.apache.hadoop.fs.Path(path(run)), new Configuration());
        Map<String, float[]> arrays = new LinkedHashMap<>();
        for (ParameterTensor tensor : saved.model().parameters()) {
            float[] values = new float[(int) tensor.length()];
            saved.parameters().get((int) tensor.offset(), values);
            arrays.put(tensor.fullName(), values);
        }
        return arrays;
    }

    @Test
    void frozenLayersKeepTheirBitsWhateverTheAveraging() throws IOException {
        writeImages();
        train(BASE, Optional.empty(), false, false);
        Map<String, float[]> base = arrays("base");
        for (AveragingSettings averaging : List.of(AveragingSettings.PLAIN, EVERYTHING)) {
            String run = averaging == EVERYTHING ? "everything" : "plain";
            train(BASE.in(run).averaging(averaging), Optional.of("base"), false, false, "conv", "hidden");
            Map<String, float[]> tuned = arrays(run);
            for (String name : base.keySet()) {
                boolean frozen = !name.startsWith("out/");
                assertEquals(frozen, Arrays.equals(base.get(name), tuned.get(name)), run + ": " + name);
            }
        }
        TrainingEvent.FineTuning event = told.get(0);
        assertEquals(List.of("conv", "hidden", "out"), event.loaded());
        assertEquals(List.of(), event.initialized());
        assertEquals(List.of("conv", "hidden"), event.frozen());
        assertTrue(event.weights().orElseThrow().endsWith("base/model.zip"), event.weights()::get);
        assertEquals(2, told.size());
    }

    @Test
    void aFineTunedRunGoesOnWithTheSameBitsWhenTheModelItStartedFromIsGone() throws IOException {
        writeImages();
        train(BASE, Optional.empty(), false, false);
        train(BASE.in("straight").epochs(4), Optional.of("base"), false, false, "conv");
        train(BASE.in("interrupted"), Optional.of("base"), false, false, "conv");
        try (Stream<Path> files = Files.walk(folder.resolve("base"))) {
            files.sorted((a, b) -> b.compareTo(a))
                    .forEach(file -> assertTrue(file.toFile().delete()));
        }
        train(BASE.in("interrupted").epochs(4), Optional.of("base"), false, true, "conv");
        Map<String, float[]> straight = arrays("straight");
        arrays("interrupted").forEach((name, values) -> assertArrayEquals(straight.get(name), values, name));
        assertEquals(Optional.empty(), told.get(2).weights());
        assertEquals(List.of("conv"), told.get(2).frozen());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void theStartIsTheTrainedModelOnAnyNumberOfReplicas(int replicas) throws Exception {
        writeImages();
        train(BASE, Optional.empty(), false, false);
        Map<String, float[]> trained = arrays("base");
        ReplicaSettings settings = settings(TinyRun.modelJson(true), List.of());
        for (boolean replaceLast : new boolean[] {false, true}) {
            StartWeights start = new StartWeights(weightFile(), replaceLast);
            ReplicaStates states = TinyRun.states(settings, TinyRun.shards(new int[replicas]));
            states.initialize(Optional.of(start));
            float[] found = TinyRun.parameters(states, settings, folder.resolve("checkpoint-" + replaceLast));
            float[] fresh = TinyRun.initial(settings);
            for (ParameterTensor tensor : settings.model().parameters()) {
                int from = (int) tensor.offset();
                int to = (int) (from + tensor.length());
                boolean replaced = replaceLast && tensor.layer().equals("out");
                assertArrayEquals(
                        replaced ? Arrays.copyOfRange(fresh, from, to) : trained.get(tensor.fullName()),
                        Arrays.copyOfRange(found, from, to),
                        tensor.fullName());
            }
        }
    }

    private WeightFile weightFile() {
        return WeightFile.at(new org.apache.hadoop.fs.Path(path("base")), new Configuration());
    }

    private WeightMatch match(String json) {
        return new StartWeights(weightFile(), false)
                .match(SequentialModel.parse(json, "second.json", ModelOptions.DEFAULT), new Configuration());
    }

    @Test
    void layersAreMatchedByNameAndTheLastIsReplacedWhereTheClassesDiffer() throws IOException {
        writeImages();
        train(BASE, Optional.empty(), false, false);
        String json = TinyRun.modelJson(false);
        WeightMatch four = match(json.replace("\"units\":3", "\"units\":4"));
        assertEquals(List.of("conv", "hidden"), four.loaded());
        assertEquals(List.of("out"), four.initialized());
        WeightMatch renamed = match(json.replace("\"hidden\",\"units\":96", "\"other\",\"units\":96"));
        assertEquals(List.of("conv", "out"), renamed.loaded());
        assertEquals(List.of("other"), renamed.initialized());

        refusesMatch(json.replace("\"units\":96", "\"units\":90"), "\"hidden\"", "[54, 96]", "[54, 90]", "second.json");
        refusesMatch(json.replace("[3,3]", "[5,5]"), "\"conv\"", "[3, 3, 1, 6]", "[5, 5, 1, 6]");
        refusesMatch(
                json.replace("\"filters\":6,", "\"filters\":6,\"use_bias\":false,"),
                "\"conv\"",
                "has bias [6], kernel",
                "and kernel [3, 3, 1, 6] in");
        refusesMatch(
                json.replace("\"conv\"", "\"a\"").replace("\"hidden\"", "\"b\"").replace("\"out\"", "\"c\""),
                "no layer",
                "\"hidden\"",
                "\"b\"");
    }

    private void refusesMatch(String json, String... parts) {
        String message = assertThrows(InputException.class, () -> match(json)).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void aFileThatWasExchangedIsNotRead() throws IOException {
        writeImages();
        train(BASE, Optional.empty(), false, false);
        StartWeights start = new StartWeights(weightFile(), false);
        Files.write(folder.resolve("base/model.zip"), new byte[100]);
        SequentialModel model = SequentialModel.parse(TinyRun.modelJson(true), "tiny.json", ModelOptions.DEFAULT);
        String message = assertThrows(InputException.class, () -> start.match(model, new Configuration()))
                .getMessage();
        assertTrue(message.contains("100 now"), message);
    }

    @ParameterizedTest
    @CsvSource({
        "nowhere, no such layer",
        "pool, a layer without parameters",
        "conv norm hidden out, nothing is left to train",
        "norm, Freeze conv too"
    })
    void whatCannotBeFrozenIsRefused(String names, String expected) {
        SequentialModel model = SequentialModel.parse(NORMALIZED, "tiny.json", ModelOptions.DEFAULT);
        String message = assertThrows(
                        InputException.class, () -> FrozenLayers.require(model, List.of(names.split(" "))))
                .getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void whatStartsAnewBesideTrainedLayersIsNotFrozen() throws IOException {
        writeImages();
        train(BASE, Optional.empty(), false, false);
        String message = assertThrows(
                        InputException.class, () -> train(BASE.in("other"), Optional.of("base"), true, false, "out"))
                .getMessage();
        assertTrue(message.contains("training.frozenLayers names out"), message);
        assertFalse(Files.exists(folder.resolve("other/checkpoints")));
    }

    private static ReplicaSettings settings(String json, List<String> frozen) {
        return settings(json, frozen, Kernels.STARLING);
    }

    private static ReplicaSettings settings(String json, List<String> frozen, Kernels kernels) {
        return new ReplicaSettings(
                json,
                "tiny.json",
                ModelOptions.DEFAULT,
                kernels,
                1,
                TinyRun.SEED,
                TinyRun.BATCH,
                new Momentum(0.9),
                StateRule.AVERAGE,
                0.01,
                new ClippingSettings(0, 0),
                0,
                null,
                TinyRun.PREPROCESSING,
                Augmentation.NONE,
                frozen);
    }

    private static List<Minibatch> batches(ReplicaSettings settings) {
        List<Minibatch> batches = new ArrayList<>();
        Minibatches.training(
                        TinyRun.shards(12).get(0),
                        settings.model().input(),
                        settings.preprocessing(),
                        settings.augmentation(),
                        settings.batch(),
                        settings.seed(),
                        0,
                        0,
                        3,
                        new org.starling.data.Decoders())
                .forEachRemaining(batches::add);
        return batches;
    }

    /** Gradients that are not computed below frozen layers were of no use: the others' are what they are without freezing. */
    @ParameterizedTest
    @EnumSource(Kernels.class)
    void aStepMovesTheOtherLayersAsIfNothingWereFrozen(Kernels kernels) {
        String json = TinyRun.modelJson(false);
        for (List<String> frozen : List.of(List.of("conv"), List.of("conv", "hidden"), List.of("hidden"))) {
            ReplicaSettings all = settings(json, List.of(), kernels);
            Replica plain = TinyRun.initialReplica(all);
            Replica partly = TinyRun.initialReplica(settings(json, frozen, kernels));
            Minibatch batch = batches(all).get(0);
            assertEquals(plain.step(batch, 0.05, 1, 1), partly.step(batch, 0.05, 1, 1));
            float[] initial = TinyRun.initial(all);
            float[] free = TinyRun.parameters(plain);
            float[] found = TinyRun.parameters(partly);
            for (ParameterTensor tensor : all.model().parameters()) {
                int from = (int) tensor.offset();
                int to = (int) (from + tensor.length());
                assertArrayEquals(
                        Arrays.copyOfRange(frozen.contains(tensor.layer()) ? initial : free, from, to),
                        Arrays.copyOfRange(found, from, to),
                        tensor.fullName());
            }
        }
    }

    /** As Keras has it: what is frozen infers. The loss of a step is then that of the network's output. */
    @ParameterizedTest
    @EnumSource(Kernels.class)
    void frozenBatchNormalizationGoesByItsMovingStatistics(Kernels kernels) {
        ReplicaSettings frozen = settings(NORMALIZED, List.of("conv", "norm"), kernels);
        Replica replica = TinyRun.initialReplica(frozen);
        for (Minibatch batch : batches(frozen)) {
            float[] before = TinyRun.parameters(replica);
            INDArray probabilities = replica.network()
                    .output(org.nd4j.linalg.factory.Nd4j.create(
                            batch.features(), new long[] {batch.size(), 8, 8, 1}, 'c'));
            double loss = 0;
            for (int i = 0; i < batch.size(); i++) {
                loss -= Math.log(probabilities.getDouble(i, batch.labels()[i]));
            }
            assertEquals(loss, replica.step(batch, 0.05, 1, 1).lossSum(), 1e-5 * loss);
            float[] after = TinyRun.parameters(replica);
            for (ParameterTensor tensor : frozen.model().parameters()) {
                int from = (int) tensor.offset();
                int to = (int) (from + tensor.length());
                assertEquals(
                        frozen.frozenLayers().contains(tensor.layer()),
                        Arrays.equals(Arrays.copyOfRange(before, from, to), Arrays.copyOfRange(after, from, to)),
                        tensor.fullName());
            }
        }
        Replica free = TinyRun.initialReplica(settings(NORMALIZED, List.of(), kernels));
        Replica again = TinyRun.initialReplica(frozen);
        Minibatch first = batches(frozen).get(0);
        double difference = free.step(first, 0.05, 1, 1).lossSum()
                - again.step(first, 0.05, 1, 1).lossSum();
        assertTrue(Math.abs(difference) > 1e-3, "moving statistics are not the minibatch's: " + difference);
    }
}
