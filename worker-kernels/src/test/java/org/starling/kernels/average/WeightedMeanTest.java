package org.starling.kernels.average;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.FloatBuffer;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WeightedMeanTest {
    private static float[] mean(float[][] vectors, long[] weights) {
        FloatBuffer[] buffers = Stream.of(vectors)
                .map(vector -> vector == null ? null : FloatBuffer.wrap(vector))
                .toArray(FloatBuffer[]::new);
        int length = Stream.of(vectors).filter(Objects::nonNull).findFirst().orElseThrow().length;
        FloatBuffer mean = FloatBuffer.allocate(length);
        new WeightedMean(weights).of(buffers, mean);
        return mean.array();
    }

    @Test
    void weighsByExamplesAsComputedByHand() {
        float[][] vectors = {{1, 2}, {4, -2}, {7, 0.5f}};
        // (2*1 + 1*4 + 3*7) / 6, (2*2 - 1*2 + 3*0.5) / 6
        assertArrayEquals(new float[] {27f / 6, 3.5f / 6}, mean(vectors, new long[] {2, 1, 3}));
    }

    @Test
    void isWithinHalfAnUlpOfTheExactMean() {
        Random random = new Random(5);
        for (int n : new int[] {1, 2, 3, 5, 8, 13}) {
            float[][] vectors = new float[n][2100];
            long[] weights = new long[n];
            for (int i = 0; i < n; i++) {
                weights[i] = 1 + random.nextInt(100_000);
                for (int j = 0; j < 2100; j++) {
                    vectors[i][j] = (float) random.nextGaussian();
                }
            }
            float[] mean = mean(vectors, weights);
            for (int j = 0; j < 2100; j++) {
                BigDecimal sum = BigDecimal.ZERO;
                long total = 0;
                for (int i = 0; i < n; i++) {
                    sum = sum.add(new BigDecimal(vectors[i][j]).multiply(BigDecimal.valueOf(weights[i])));
                    total += weights[i];
                }
                float exact = sum.divide(BigDecimal.valueOf(total), MathContext.DECIMAL128)
                        .floatValue();
                assertEquals(exact, mean[j], Math.ulp(exact) / 2);
            }
        }
    }

    @Test
    void returnsASingleVectorUnchanged() {
        Random random = new Random(6);
        float[] vector = new float[10_000];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = Float.intBitsToFloat(random.nextInt() & 0xBFFFFFFF);
        }
        float[] mean = mean(new float[][] {null, vector, null}, new long[] {0, 123_457, 0});
        assertArrayEquals(vector, mean);
    }

    @Test
    void refusesWeightsThatAreAllZero() {
        assertThrows(IllegalArgumentException.class, () -> mean(new float[][] {{1}, {2}}, new long[] {0, 0}));
    }
}
