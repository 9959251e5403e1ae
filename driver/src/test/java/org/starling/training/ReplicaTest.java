package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.data.Minibatch;
import org.starling.data.Minibatches;
import org.starling.data.augmentation.Augmentation;
import org.starling.kernels.optimizer.Sgd;
import org.starling.model.ModelOptions;
import org.starling.model.Slice;
import org.starling.training.TrainingConfiguration.ClassWeights;
import org.starling.training.TrainingConfiguration.ClippingSettings;
import org.starling.training.TrainingConfiguration.Kernels;
import org.starling.training.TrainingConfiguration.StateRule;

class ReplicaTest {
    private static ReplicaSettings settings(double smoothing, double[] classWeights) {
        return new ReplicaSettings(
                TinyRun.modelJson(false),
                "tiny.json",
                ModelOptions.DEFAULT,
                Kernels.STARLING,
                1,
                TinyRun.SEED,
                TinyRun.BATCH,
                new Sgd(),
                StateRule.AVERAGE,
                0,
                new ClippingSettings(0, 0),
                smoothing,
                classWeights,
                TinyRun.PREPROCESSING,
                Augmentation.NONE,
                List.of());
    }

    private static Minibatch batch(int images) {
        return Minibatches.training(
                        TinyRun.shards(images).get(0),
                        settings(0, null).model().input(),
                        TinyRun.PREPROCESSING,
                        Augmentation.NONE,
                        images,
                        1,
                        0,
                        0,
                        1)
                .next();
    }

    private static float[] change(ReplicaSettings settings, Minibatch batch) {
        Replica replica = TinyRun.initialReplica(settings);
        replica.step(batch, 1, 0, 1);
        float[] change = TinyRun.parameters(replica);
        float[] initial = TinyRun.initial(settings);
        for (int i = 0; i < change.length; i++) {
            change[i] -= initial[i];
        }
        return change;
    }

    /** The gradient of sum_i w_i L_i / N from single images, each a step of its own. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void classWeightsWeighTheLossOfEachImage(int images) {
        double[] weights = {2, 0.5, 3};
        Minibatch batch = batch(images);
        double[] expected = new double[TinyRun.initial(settings(0, null)).length];
        for (int i = 0; i < images; i++) {
            float[] features = Arrays.copyOfRange(batch.features(), i * 64, (i + 1) * 64);
            float[] one = change(settings(0, null), new Minibatch(features, new int[] {batch.labels()[i]}, 1));
            for (int p = 0; p < expected.length; p++) {
                expected[p] += weights[batch.labels()[i]] * one[p] / images;
            }
        }
        assertArrayEquals(expected, TinyRun.toDouble(change(settings(0, weights), batch)), 1e-5);
    }

    @Test
    void labelSmoothingIsKerasFormula() {
        Minibatch batch = batch(5);
        MultiLayerNetwork stock =
                new MultiLayerNetwork(settings(0, null).model().toDl4j(1));
        stock.init();
        stock.setLearningRate(1.0);
        stock.params().data().asNioFloat().put(TinyRun.initial(settings(0, null)));
        INDArray y = Nd4j.valueArrayOf(new long[] {5, 3}, 0.3 / 3);
        for (int i = 0; i < 5; i++) {
            y.putScalar(i, batch.labels()[i], 0.7 + 0.3 / 3);
        }
        INDArray x = Nd4j.create(batch.features(), new long[] {5, 8, 8, 1}, 'c');
        Replica replica = TinyRun.initialReplica(settings(0.3, null));
        Replica.StepResult result = replica.step(batch, 1, 0, 1);
        stock.fit(x, y);
        assertEquals(stock.score(), result.lossSum() / 5, 1e-5);
        float[] expected = new float[(int) stock.numParams()];
        stock.params().data().asNioFloat().get(expected);
        assertArrayEquals(expected, TinyRun.parameters(replica), 1e-6f);
    }

    @Test
    void lossAndAccuracyAreThoseOfTheParametersBeforeTheStep() {
        Minibatch batch = batch(7);
        Replica replica = TinyRun.initialReplica(settings(0, null));
        INDArray p = replica.network().output(Nd4j.create(batch.features(), new long[] {7, 8, 8, 1}, 'c'));
        double loss = 0;
        int correct = 0;
        for (int i = 0; i < 7; i++) {
            loss -= Math.log(p.getDouble(i, batch.labels()[i]));
            correct += p.getRow(i).argMax().getInt(0) == batch.labels()[i] ? 1 : 0;
        }
        Replica.StepResult result = replica.step(batch, 0.1, 0, 1);
        assertEquals(loss, result.lossSum(), 1e-5);
        assertEquals(correct, result.correct());
        assertEquals(7, result.examples());
    }

    @Test
    void slicesPutTogetherAreTheParameters() {
        Replica from = TinyRun.initialReplica(settings(0, null));
        Replica to = new Replica(settings(0, null));
        assertTrue(from.slices().slices() > 1, "the network must not fit one slice");
        for (int index = 0; index < from.slices().slices(); index++) {
            to.load(from.slice(Slice.PARAMETERS, index, 0));
        }
        assertArrayEquals(TinyRun.parameters(from), TinyRun.parameters(to));
    }

    @Test
    void balancedWeightsGiveEachClassAsMuchInAllAsAnyOther() {
        List<String> classes = List.of("few", "many", "none", "some");
        double[] weights = ReplicaSettings.weights(ClassWeights.BALANCED, classes, new long[] {2, 24, 0, 6});
        assertArrayEquals(new double[] {4, 1 / 3.0, 1, 4 / 3.0}, weights, 1e-12);
        assertNull(ReplicaSettings.weights(ClassWeights.EQUAL, classes, new long[4]));
        ClassWeights named = new ClassWeights(false, Map.of("many", 0.5));
        assertArrayEquals(new double[] {1, 0.5, 1, 1}, ReplicaSettings.weights(named, classes, new long[4]));
    }
}
