package org.starling.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.evaluation.PredictionAverage.Mean;

class PredictionAverageTest {
    private static final float[][] P = {{0.5f, 0.25f, 0.25f}, {0.125f, 0.875f, 0}};

    @Test
    void theArithmeticMeanIsTheWeightedSum() {
        assertArrayEquals(
                new float[] {0.3125f, 0.5625f, 0.125f},
                PredictionAverage.equal(Mean.ARITHMETIC, 2).of(P));
        float[] weighted = new PredictionAverage(Mean.ARITHMETIC, new double[] {3, 1}).of(P);
        assertArrayEquals(new float[] {0.40625f, 0.40625f, 0.1875f}, weighted);
    }

    @Test
    void theGeometricMeanIsTheProductScaled() {
        float[] mean = PredictionAverage.equal(Mean.GEOMETRIC, 2).of(P);
        double first = Math.sqrt(0.5 * 0.125);
        double second = Math.sqrt(0.25 * 0.875);
        assertEquals(first / (first + second), mean[0], 1e-6);
        assertEquals(second / (first + second), mean[1], 1e-6);
        assertEquals(0, mean[2], 1e-20);
        float[] weighted = new PredictionAverage(Mean.GEOMETRIC, new double[] {6, 2}).of(P);
        double a = Math.pow(0.5, 0.75) * Math.pow(0.125, 0.25);
        double b = Math.pow(0.25, 0.75) * Math.pow(0.875, 0.25);
        double c = Math.pow(0.25, 0.75) * Math.pow(Float.MIN_VALUE, 0.25);
        assertEquals(a / (a + b + c), weighted[0], 1e-6);
    }

    @Test
    void oneNetworkAloneIsItselfToTheBit() {
        for (Mean mean : Mean.values()) {
            PredictionAverage both = PredictionAverage.equal(mean, 2);
            assertSame(P[1], both.without(0).of(P));
            assertNull(both.without(0).without(1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0,0", "-1,2", "NaN,1", "Infinity,1", ""})
    void weightsThatMeanNothingAreRefused(String text) {
        double[] weights = text.isEmpty()
                ? new double[0]
                : java.util.Arrays.stream(text.split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
        assertThrows(IllegalArgumentException.class, () -> new PredictionAverage(Mean.ARITHMETIC, weights));
    }

    /** Loss of a mixture, from its definition. */
    private static double loss(List<float[]> likelihoods, double first) {
        return likelihoods.stream()
                .mapToDouble(p -> -Math.log(first * p[0] + (1 - first) * p[1]))
                .sum();
    }

    @Test
    void fittedWeightsHaveTheLeastLoss() {
        Random random = new Random(5);
        List<float[]> likelihoods = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            float good = 0.3f + 0.7f * random.nextFloat();
            float bad = 0.3f * random.nextFloat();
            likelihoods.add(i % 4 == 0 ? new float[] {bad, good} : new float[] {good, bad});
        }
        double[] weights = WeightFit.mixture(likelihoods);
        assertEquals(1, weights[0] + weights[1], 1e-12);
        double best = 0;
        for (int i = 1; i < 1000; i++) {
            best = loss(likelihoods, i / 1000.0) < loss(likelihoods, best) ? i / 1000.0 : best;
        }
        assertEquals(best, weights[0], 1e-3);
    }

    @Test
    void aNetworkThatIsNeverBetterGetsNothing() {
        List<float[]> likelihoods = List.of(new float[] {0.5f, 0.25f}, new float[] {0.75f, 0.25f}, new float[2]);
        assertArrayEquals(new double[] {1, 0}, WeightFit.mixture(likelihoods), 1e-6);
    }
}
