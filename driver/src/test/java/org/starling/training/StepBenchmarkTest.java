package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.data.Minibatch;
import org.starling.layers.LayerClock;
import org.starling.model.LayerSummary;
import org.starling.model.ModelOptions;
import org.starling.model.ParameterTensor;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.Kernels;

class StepBenchmarkTest {
    private static final SequentialModel MODEL =
            SequentialModel.parse(TinyRun.modelJson(false), "tiny.json", ModelOptions.DEFAULT);

    private static StepBenchmark benchmark(Kernels kernels, Minibatch images, LayerClock clock) {
        return new StepBenchmark(MODEL, kernels, 2, images, TinyRun.SEED, clock);
    }

    @Test
    void bothKernelsComputeTheSameStep() {
        Minibatch images = StepBenchmark.images(MODEL, 6, 3);
        try (StepBenchmark starling = benchmark(Kernels.STARLING, images, LayerClock.NONE);
                StepBenchmark stock = benchmark(Kernels.STOCK, images, LayerClock.NONE)) {
            assertArrayEquals(starling.parameters(), stock.parameters());
            float[] initial = stock.parameters();
            assertEquals(stock.trainStep(), starling.trainStep(), 1e-5);
            assertArrayEquals(stock.parameters(), starling.parameters(), 1e-6f);
            assertTrue(largestDifference(initial, starling.parameters()) > 1e-4, "the step must change something");
        }
    }

    private static double largestDifference(float[] a, float[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    /** From the gradient that stock DL4J computes: v = 0.9 v + g / n + 5e-4 w, without decay for biases, then w - 0.01 v. */
    @Test
    void theStepIsMomentumWithWeightDecay() {
        Minibatch images = StepBenchmark.images(MODEL, 4, 5);
        try (StepBenchmark benchmark = benchmark(Kernels.STARLING, images, LayerClock.NONE)) {
            float[] expected = benchmark.parameters();
            double[] velocity = new double[expected.length];
            for (int step = 0; step < 2; step++) {
                float[] gradient = stockGradient(expected, images);
                for (ParameterTensor tensor : MODEL.parameters()) {
                    double decay = tensor.role() == ParameterTensor.Role.KERNEL ? 5e-4 : 0;
                    for (int i = (int) tensor.offset(); i < tensor.offset() + tensor.length(); i++) {
                        velocity[i] = 0.9 * velocity[i] + gradient[i] / 4 + decay * expected[i];
                        expected[i] -= (float) (0.01 * velocity[i]);
                    }
                }
                benchmark.trainStep();
            }
            assertArrayEquals(expected, benchmark.parameters(), 1e-6f);
        }
    }

    /** Of the summed loss. */
    private static float[] stockGradient(float[] parameters, Minibatch images) {
        MultiLayerNetwork stock = new MultiLayerNetwork(MODEL.toDl4j(1));
        stock.init();
        stock.initGradientsView();
        stock.params().data().asNioFloat().put(parameters);
        INDArray labels = Nd4j.zeros(images.size(), 3);
        for (int i = 0; i < images.size(); i++) {
            labels.putScalar(i, images.labels()[i], 1);
        }
        stock.setInput(Nd4j.create(images.features(), new long[] {images.size(), 8, 8, 1}, 'c'));
        stock.setLabels(labels);
        stock.computeGradientAndScore();
        float[] gradient = new float[parameters.length];
        stock.getFlattenedGradients().data().asNioFloat().get(gradient);
        return gradient;
    }

    @Test
    void inferenceLeavesTheParametersAlone() {
        Minibatch images = StepBenchmark.images(MODEL, 3, 1);
        try (StepBenchmark benchmark = benchmark(Kernels.STARLING, images, LayerClock.NONE)) {
            float[] before = benchmark.parameters();
            benchmark.infer();
            assertArrayEquals(before, benchmark.parameters());
        }
    }

    @Test
    void theClockNamesLayersAsTheModelFileDoes() {
        Set<String> timed = new TreeSet<>();
        Minibatch images = StepBenchmark.images(MODEL, 2, 1);
        try (StepBenchmark benchmark =
                benchmark(Kernels.STARLING, images, (layer, pass, nanos) -> timed.add(layer + " " + pass))) {
            benchmark.trainStep();
        }
        String convolution = MODEL.layers().stream()
                .filter(layer -> layer.type().equals("Conv2D"))
                .map(LayerSummary::name)
                .findFirst()
                .orElseThrow();
        assertTrue(
                timed.contains(convolution + " FORWARD") && timed.contains(convolution + " BACKWARD"), timed::toString);
    }

    @Test
    void imagesAreStandardNormalAndLabelsCoverTheClasses() {
        Minibatch images = StepBenchmark.images(MODEL, 1000, 9);
        double[] values = TinyRun.toDouble(images.features());
        double mean = Arrays.stream(values).average().orElseThrow();
        double variance = Arrays.stream(values)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow();
        // 64,000 values: standard errors of 0.004 and 0.006.
        assertEquals(0, mean, 0.02);
        assertEquals(1, variance, 0.03);
        for (int label = 0; label < 3; label++) {
            int wanted = label;
            long share = Arrays.stream(images.labels()).filter(l -> l == wanted).count();
            assertEquals(333, share, 75, "label " + label);
        }
        assertArrayEquals(
                images.features(), StepBenchmark.images(MODEL, 1000, 9).features());
    }
}
