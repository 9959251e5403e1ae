package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.starling.training.TinyRun.BATCH;
import static org.starling.training.TinyRun.LEARNING_RATE;
import static org.starling.training.TinyRun.PREPROCESSING;
import static org.starling.training.TinyRun.SEED;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.data.Minibatch;
import org.starling.data.Minibatches;
import org.starling.data.Normalization;
import org.starling.data.Preprocessing;
import org.starling.data.Shard;
import org.starling.data.augmentation.Augmentation;
import org.starling.evaluation.EvaluationResult;
import org.starling.evaluation.MistakeSample;
import org.starling.evaluation.NetworkEvaluation;
import org.starling.kernels.optimizer.Adam;
import org.starling.kernels.optimizer.Momentum;
import org.starling.kernels.optimizer.Sgd;
import org.starling.model.SlicePlan;
import org.starling.training.TrainingConfiguration.AdaptiveSettings;
import org.starling.training.TrainingConfiguration.AveragingSettings;
import org.starling.training.TrainingConfiguration.Kernels;
import org.starling.training.TrainingConfiguration.OuterOptimizerName;
import org.starling.training.TrainingConfiguration.OuterSettings;
import org.starling.training.TrainingConfiguration.Payload;
import org.starling.training.TrainingConfiguration.PostLocalSettings;
import org.starling.training.TrainingConfiguration.StateRule;

/** Training on Spark is the same arithmetic as training without it. */
class ExactnessTest {
    @TempDir
    Path folder;

    private static Iterator<Minibatch> epoch(Shard shard, ReplicaSettings settings, int epoch) {
        int steps = (shard.size() + BATCH - 1) / BATCH;
        return Minibatches.training(
                shard, settings.model().input(), PREPROCESSING, Augmentation.NONE, BATCH, SEED, epoch, 0, steps);
    }

    @ParameterizedTest
    @EnumSource(
            value = StateRule.class,
            names = {"AVERAGE", "LOCAL"})
    void oneReplicaOnSparkIsAPlainLoopBitForBitDropoutAndMomentumIncluded(StateRule rule) throws Exception {
        ReplicaSettings settings = TinyRun.settings(new Momentum(0.9), rule, true);
        List<Shard> shards = TinyRun.shards(18);
        ReplicaStates states = TinyRun.states(settings, shards);
        states.initialize();
        TinyRun.trainEpochs(states, shards, 3, 2);

        Replica plain = TinyRun.initialReplica(settings);
        long step = 0;
        for (int epoch = 0; epoch < 3; epoch++) {
            for (Iterator<Minibatch> batches = epoch(shards.get(0), settings, epoch); batches.hasNext(); step++) {
                plain.step(batches.next(), LEARNING_RATE, Seeds.dropout(SEED, 0, step), step + 1);
            }
        }
        assertEquals(15, step);
        assertArrayEquals(TinyRun.parameters(plain), TinyRun.parameters(states, settings, folder));
        assertFalse(Arrays.equals(TinyRun.initial(settings), TinyRun.parameters(plain)), "nothing was trained");
    }

    @Test
    void dropoutIsDrawnFromTheSeedOfItsStep() throws Exception {
        ReplicaSettings settings = TinyRun.settings(new Sgd(), StateRule.AVERAGE, true);
        Minibatch batch = epoch(TinyRun.shards(4).get(0), settings, 0).next();
        List<float[]> results = new ArrayList<>();
        for (long seed : new long[] {1, 1, 2}) {
            Replica replica = TinyRun.initialReplica(settings);
            replica.step(batch, LEARNING_RATE, seed, 1);
            results.add(TinyRun.parameters(replica));
        }
        assertArrayEquals(results.get(0), results.get(1));
        assertFalse(Arrays.equals(results.get(0), results.get(2)));
    }

    @Test
    void oneReplicaWithSgdOnStockKernelsIsMultiLayerNetworkFitBitForBit() throws Exception {
        ReplicaSettings settings = stockWithoutDecay(TinyRun.settings(new Sgd(), StateRule.AVERAGE, false));
        List<Shard> shards = TinyRun.shards(18);
        ReplicaStates states = TinyRun.states(settings, shards);
        states.initialize();
        TinyRun.trainEpochs(states, shards, 3, 2);

        MultiLayerNetwork stock = new MultiLayerNetwork(settings.model().toDl4j(SEED));
        stock.init();
        stock.setLearningRate(LEARNING_RATE);
        stock.params().data().asNioFloat().put(TinyRun.initial(settings));
        for (int epoch = 0; epoch < 3; epoch++) {
            epoch(shards.get(0), settings, epoch).forEachRemaining(batch -> {
                INDArray y = Nd4j.zeros(batch.size(), 3);
                for (int i = 0; i < batch.size(); i++) {
                    y.putScalar(i, batch.labels()[i], 1);
                }
                float[] x = Arrays.copyOf(batch.features(), batch.size() * 64);
                stock.fit(Nd4j.create(x, new long[] {batch.size(), 8, 8, 1}, 'c'), y);
            });
        }
        float[] expected = new float[(int) stock.numParams()];
        stock.params().data().asNioFloat().get(expected);
        assertArrayEquals(expected, TinyRun.parameters(states, settings, folder));
    }

    @Test
    void averagingEverySgdStepIsOneStepOnTheJoinedBatch() throws Exception {
        ReplicaSettings settings = TinyRun.settings(new Sgd(), StateRule.AVERAGE, false);
        List<Shard> shards = TinyRun.shards(4, 4, 3);
        ReplicaStates states = TinyRun.states(settings, shards);
        states.initialize();
        states.advance(TinyRun.plan(shards, 1, 0, 0, 1));

        List<Minibatch> batches = new ArrayList<>();
        shards.forEach(shard -> batches.add(epoch(shard, settings, 0).next()));
        Replica joined = TinyRun.initialReplica(settings);
        joined.step(join(batches), LEARNING_RATE, 0, 1);
        float[] expected = TinyRun.parameters(joined);
        float[] actual = TinyRun.parameters(states, settings, folder);
        double tolerance = 1e-6 * TinyRun.largestMagnitude(expected);
        assertArrayEquals(expected, actual, (float) tolerance);
        assertTrue(TinyRun.largestMagnitude(difference(expected, TinyRun.initial(settings))) > 100 * tolerance);
    }

    @Test
    void unequalShardsGiveTheMeanWeightedByExamples() throws Exception {
        ReplicaSettings settings = TinyRun.settings(new Momentum(0.9), StateRule.AVERAGE, true);
        List<Shard> shards = TinyRun.shards(12, 3, 0, 7);
        ReplicaStates states = TinyRun.states(settings, shards);
        states.initialize();
        states.advance(TinyRun.plan(shards, 1, 0, 0, 3));

        int[] weights = {12, 3, 0, 7};
        double[] expected = new double[TinyRun.initial(settings).length];
        for (int r = 0; r < weights.length; r++) {
            Replica replica = TinyRun.initialReplica(settings);
            int step = 0;
            for (Iterator<Minibatch> batches = epoch(shards.get(r), settings, 0); batches.hasNext(); step++) {
                replica.step(batches.next(), LEARNING_RATE, Seeds.dropout(SEED, r, step), step + 1);
            }
            float[] own = TinyRun.parameters(replica);
            for (int i = 0; i < expected.length; i++) {
                expected[i] += weights[r] / 22.0 * own[i];
            }
        }
        float[] actual = TinyRun.parameters(states, settings, folder);
        assertArrayEquals(expected, TinyRun.toDouble(actual), 1e-7);
    }

    @Test
    void moreReplicasThanRecordsIsTheSameAsWithoutTheEmptyOnes() throws Exception {
        ReplicaSettings settings = TinyRun.settings(new Adam(0.9, 0.999, 1e-7), StateRule.AVERAGE, false);
        List<float[]> results = new ArrayList<>();
        for (int[] sizes : new int[][] {{1, 1}, {1, 1, 0, 0, 0}}) {
            List<Shard> shards = TinyRun.shards(sizes);
            ReplicaStates states = TinyRun.states(settings, shards);
            states.initialize();
            TinyRun.trainEpochs(states, shards, 2, 1);
            results.add(TinyRun.parameters(states, settings, folder));
        }
        assertArrayEquals(results.get(0), results.get(1));
    }

    @Test
    void stateThatIsResetStartsEveryRoundAtZero() throws Exception {
        ReplicaSettings settings = TinyRun.settings(new Momentum(0.9), StateRule.RESET, false);
        List<Shard> shards = TinyRun.shards(16);
        ReplicaStates states = TinyRun.states(settings, shards);
        states.initialize();
        TinyRun.trainEpochs(states, shards, 1, 2);

        Replica plain = TinyRun.initialReplica(settings);
        int step = 0;
        for (Iterator<Minibatch> batches = epoch(shards.get(0), settings, 0); batches.hasNext(); step++) {
            if (step % 2 == 0) {
                plain.clear();
            }
            plain.step(batches.next(), LEARNING_RATE, 0, step % 2 + 1);
        }
        assertArrayEquals(TinyRun.parameters(plain), TinyRun.parameters(states, settings, folder));
    }

    @Test
    void localStateStaysWithItsReplica() throws Exception {
        ReplicaSettings settings = TinyRun.settings(new Momentum(0.9), StateRule.LOCAL, false);
        List<Shard> shards = TinyRun.shards(8, 8);
        ReplicaStates states = TinyRun.states(settings, shards);
        states.initialize();
        TinyRun.trainEpochs(states, shards, 1, 1);

        List<Replica> plain = List.of(TinyRun.initialReplica(settings), TinyRun.initialReplica(settings));
        List<Iterator<Minibatch>> batches =
                List.of(epoch(shards.get(0), settings, 0), epoch(shards.get(1), settings, 0));
        for (int step = 0; step < 2; step++) {
            for (int r = 0; r < 2; r++) {
                plain.get(r).step(batches.get(r).next(), LEARNING_RATE, 0, step + 1);
            }
            float[] first = TinyRun.parameters(plain.get(0));
            float[] second = TinyRun.parameters(plain.get(1));
            for (int i = 0; i < first.length; i++) {
                first[i] = (float) ((4.0 * first[i] + 4.0 * second[i]) / 8);
            }
            plain.forEach(replica -> TinyRun.load(replica, first));
        }
        assertArrayEquals(TinyRun.parameters(plain.get(0)), TinyRun.parameters(states, settings, folder));
    }

    @ParameterizedTest
    @CsvSource({"SLOWMO, 1", "SLOWMO, 2", "NESTEROV, 1", "NESTEROV, 2"})
    void anOuterOptimizerMakesItsStepFromTheMeanAfterEveryRound(OuterOptimizerName name, int replicas)
            throws Exception {
        ReplicaSettings settings = TinyRun.settings(new Momentum(0.9), StateRule.LOCAL, false);
        List<Shard> shards = TinyRun.shards(replicas == 1 ? new int[] {8} : new int[] {8, 8});
        AveragingSettings averaging = new AveragingSettings(
                new PostLocalSettings(0, 1), AdaptiveSettings.NONE, OuterSettings.of(name), 0, Payload.FLOAT32);
        ReplicaStates states = TinyRun.states(settings, averaging, shards);
        states.initialize();
        TinyRun.trainEpochs(states, shards, 2, 1);

        List<Replica> plain =
                shards.stream().map(shard -> TinyRun.initialReplica(settings)).toList();
        double[] x = TinyRun.toDouble(TinyRun.initial(settings));
        double[] u = new double[x.length];
        for (int step = 0; step < 4; step++) {
            double[] mean = new double[x.length];
            for (int r = 0; r < replicas; r++) {
                Iterator<Minibatch> batches = epoch(shards.get(r), settings, step / 2);
                if (step % 2 == 1) {
                    batches.next();
                }
                plain.get(r).step(batches.next(), LEARNING_RATE, 0, step + 1);
                double[] own = TinyRun.toDouble(TinyRun.parameters(plain.get(r)));
                Arrays.setAll(mean, i -> mean[i] + own[i] / replicas);
            }
            for (int i = 0; i < x.length; i++) {
                if (name == OuterOptimizerName.SLOWMO) {
                    u[i] = 0.5 * u[i] + (x[i] - mean[i]) / LEARNING_RATE;
                    x[i] = x[i] - 1 * LEARNING_RATE * u[i];
                } else {
                    u[i] = 0.9 * u[i] + (x[i] - mean[i]);
                    x[i] = x[i] - 0.7 * ((x[i] - mean[i]) + 0.9 * u[i]);
                }
            }
            float[] next = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                next[i] = (float) x[i];
            }
            plain.forEach(replica -> TinyRun.load(replica, next));
        }
        float[] actual = TinyRun.parameters(states, settings, folder);
        assertArrayEquals(x, TinyRun.toDouble(actual), 1e-5 * TinyRun.largestMagnitude(actual));
        ReplicaStates without = TinyRun.states(settings, shards);
        without.initialize();
        TinyRun.trainEpochs(without, shards, 2, 1);
        float[] mean = TinyRun.parameters(without, settings, folder);
        assertTrue(TinyRun.largestMagnitude(difference(actual, mean)) > 1e-3 * TinyRun.largestMagnitude(actual));
    }

    /** Decay 0.5 is below (1 + k) / (10 + k) from round 8 on. */
    @Test
    void theMovingAverageOfTheRoundsIsWhatIsEvaluated() throws Exception {
        ReplicaSettings settings = TinyRun.settings(new Momentum(0.9), StateRule.AVERAGE, false);
        List<Shard> shards = TinyRun.shards(20, 18);
        AveragingSettings averaging = new AveragingSettings(
                new PostLocalSettings(0, 1), AdaptiveSettings.NONE, OuterSettings.NONE, 0.5, Payload.FLOAT32);
        ReplicaStates states = TinyRun.states(settings, averaging, shards);
        states.initialize();
        double[] average = TinyRun.toDouble(TinyRun.initial(settings));
        float[] parameters = null;
        for (int round = 1; round <= 10; round++) {
            states.advance(TinyRun.plan(shards, round, (round - 1) / 5, (round - 1) % 5, 1));
            parameters = TinyRun.parameters(states, settings, folder);
            double decay = round < 8 ? (1.0 + round) / (10.0 + round) : 0.5;
            for (int i = 0; i < average.length; i++) {
                average[i] = decay * average[i] + (1 - decay) * parameters[i];
            }
        }
        float[] kept = TinyRun.vector(states.evaluatedVector(), states, settings, folder);
        assertArrayEquals(average, TinyRun.toDouble(kept), 1e-6 * TinyRun.largestMagnitude(kept));
        assertTrue(TinyRun.largestMagnitude(difference(kept, parameters)) > 1e-4);

        ReplicaStates plain = TinyRun.states(settings, shards);
        plain.initialize();
        TinyRun.trainEpochs(plain, shards, 2, 1);
        assertArrayEquals(parameters, TinyRun.parameters(plain, settings, folder), "the average changes no training");

        Replica evaluated = TinyRun.initialReplica(settings);
        TinyRun.load(evaluated, kept);
        EvaluationResult expected = EvaluationResult.empty(3);
        for (Shard shard : shards) {
            expected = expected.plus(NetworkEvaluation.evaluate(
                    evaluated.network(),
                    settings.model().input(),
                    Minibatches.inOrder(
                            shard.images(), settings.model().input(), PREPROCESSING, BATCH, evaluated.decoders()),
                    evaluated.decoders(),
                    3,
                    new MistakeSample(1),
                    evaluated.input()));
        }
        EvaluationResult actual = states.validate(TinyRun.sharded(shards)).result();
        assertEquals(expected.loss(), actual.loss());
        assertNotEquals(plain.validate(TinyRun.sharded(shards)).result().loss(), actual.loss());
    }

    /** The second shard is empty in the second round of an epoch: its residual waits. */
    @ParameterizedTest
    @EnumSource(
            value = Payload.class,
            names = {"BFLOAT16", "INT8"})
    void changesTravelInTheirFormatAndWhatItLosesIsAddedToTheNext(Payload payload) throws Exception {
        ReplicaSettings settings = TinyRun.settings(new Momentum(0.9), StateRule.LOCAL, false);
        List<Shard> shards = TinyRun.shards(8, 4);
        AveragingSettings averaging = new AveragingSettings(
                new PostLocalSettings(0, 1), AdaptiveSettings.NONE, OuterSettings.NONE, 0, payload);
        ReplicaStates states = TinyRun.states(settings, averaging, shards);
        states.initialize();
        TinyRun.trainEpochs(states, shards, 2, 1);

        List<Replica> plain =
                shards.stream().map(shard -> TinyRun.initialReplica(settings)).toList();
        float[] x = TinyRun.initial(settings);
        float[][] residual = new float[2][x.length];
        SlicePlan slices = SlicePlan.of(x.length);
        for (int round = 0; round < 4; round++) {
            int replicas = round % 2 == 0 ? 2 : 1;
            double[] change = new double[x.length];
            for (int r = 0; r < replicas; r++) {
                Iterator<Minibatch> batches = epoch(shards.get(r), settings, round / 2);
                if (round % 2 == 1) {
                    batches.next();
                }
                plain.get(r).step(batches.next(), LEARNING_RATE, 0, round + 1);
                float[] own = TinyRun.parameters(plain.get(r));
                for (int s = 0; s < slices.slices(); s++) {
                    int from = (int) slices.offset(s);
                    int to = from + slices.lengthOf(s);
                    float largest = 0;
                    for (int i = from; i < to; i++) {
                        largest = Math.max(largest, Math.abs(own[i] - x[i] + residual[r][i]));
                    }
                    for (int i = from; i < to; i++) {
                        float whole = own[i] - x[i] + residual[r][i];
                        float sent = payload == Payload.INT8
                                ? (float) Math.rint((double) whole / (largest / 127)) * (largest / 127)
                                : nearestBfloat16(whole);
                        residual[r][i] = whole - sent;
                        change[i] += (double) sent / replicas;
                    }
                }
            }
            for (int i = 0; i < x.length; i++) {
                x[i] = x[i] + (float) change[i];
            }
            for (Replica replica : plain) {
                TinyRun.load(replica, x);
            }
        }
        assertArrayEquals(x, TinyRun.parameters(states, settings, folder));
        assertTrue(TinyRun.largestMagnitude(residual[1]) > 0);
    }

    /** By looking at both neighbours that have 16 bits. */
    private static float nearestBfloat16(float value) {
        int toZero = Float.floatToIntBits(value) & 0xFFFF0000;
        double below = Math.abs((double) value - Float.intBitsToFloat(toZero));
        double above = Math.abs((double) value - Float.intBitsToFloat(toZero + 0x10000));
        boolean odd = (toZero & 0x10000) != 0;
        return Float.intBitsToFloat(below < above || below == above && !odd ? toZero : toZero + 0x10000);
    }

    @Test
    void theBitsDoNotDependOnTheThreads() throws Exception {
        ReplicaSettings one = TinyRun.settings(new Momentum(0.9), StateRule.AVERAGE, true);
        ReplicaSettings three = with(one, Kernels.STARLING, 3, one.weightDecay(), one.preprocessing());
        List<Shard> shards = TinyRun.shards(12, 10);
        List<float[]> results = new ArrayList<>();
        for (ReplicaSettings settings : List.of(one, three)) {
            ReplicaStates states = TinyRun.states(settings, shards);
            states.initialize();
            TinyRun.trainEpochs(states, shards, 2, 2);
            results.add(TinyRun.parameters(states, settings, folder));
        }
        assertArrayEquals(results.get(0), results.get(1));
    }

    @Test
    void aSecondRunInTheSameJvmTakesNothingFromTheFirst() throws Exception {
        ReplicaSettings first = TinyRun.settings(new Sgd(), StateRule.AVERAGE, false);
        ReplicaSettings second = with(
                first, Kernels.STARLING, 1, 0, new Preprocessing(0, new Normalization(new double[] {10}, new double[] {
                    200
                })));
        List<Shard> shards = TinyRun.shards(8);
        List<float[]> results = new ArrayList<>();
        for (ReplicaSettings settings : List.of(second, first, second)) {
            ReplicaStates states = TinyRun.states(settings, shards);
            states.initialize();
            TinyRun.trainEpochs(states, shards, 1, 2);
            results.add(TinyRun.parameters(states, settings, folder));
        }
        assertArrayEquals(results.get(0), results.get(2));
        assertFalse(Arrays.equals(results.get(0), results.get(1)));
    }

    private static ReplicaSettings stockWithoutDecay(ReplicaSettings s) {
        return with(s, Kernels.STOCK, 1, 0, s.preprocessing());
    }

    private static ReplicaSettings with(
            ReplicaSettings s, Kernels kernels, int threads, double weightDecay, Preprocessing preprocessing) {
        return new ReplicaSettings(
                s.modelJson(),
                s.modelSource(),
                s.modelOptions(),
                kernels,
                threads,
                s.seed(),
                s.batch(),
                s.optimizer(),
                s.stateRule(),
                weightDecay,
                s.clipping(),
                s.labelSmoothing(),
                s.classWeights(),
                preprocessing,
                s.augmentation(),
                s.frozenLayers());
    }

    private static Minibatch join(List<Minibatch> batches) {
        int size = batches.stream().mapToInt(Minibatch::size).sum();
        float[] features = new float[size * 64];
        int[] labels = new int[size];
        int at = 0;
        for (Minibatch batch : batches) {
            System.arraycopy(batch.features(), 0, features, at * 64, batch.size() * 64);
            System.arraycopy(batch.labels(), 0, labels, at, batch.size());
            at += batch.size();
        }
        return new Minibatch(features, labels, size);
    }

    private static float[] difference(float[] a, float[] b) {
        float[] difference = new float[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }
}
