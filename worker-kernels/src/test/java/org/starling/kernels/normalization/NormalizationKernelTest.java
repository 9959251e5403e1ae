package org.starling.kernels.normalization;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.starling.kernels.KernelProvider;

class NormalizationKernelTest {
    private static final NormalizationKernel KERNEL = KernelProvider.get().normalizationKernel();
    private static final int SPARE = 5;
    private static final float UNTOUCHED = -7;

    /** Powers of two for factors, with which all is exact, and so the same by decimal fractions. */
    @ParameterizedTest
    @CsvSource({"1, false", "3, false", "1, true", "3, true"})
    void everyValueIsOfItsChannelAndNothingElseIsTouched(int channels, boolean scaled) {
        double[] mean = new double[NormalizationKernel.PERIOD];
        double[] factor = new double[NormalizationKernel.PERIOD];
        float[] floatFactor = new float[NormalizationKernel.PERIOD];
        float[] constant = new float[NormalizationKernel.PERIOD];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = 100.25 + i % channels;
            factor[i] = Math.scalb(1, -3 - i % channels);
            floatFactor[i] = (float) factor[i];
            constant[i] = (float) (-mean[i] * factor[i]);
        }
        Random random = new Random(3);
        for (int n = 0; n <= 300; n += channels) {
            for (int behind : new int[] {0, SPARE}) {
                byte[] x = new byte[SPARE + n + behind];
                random.nextBytes(x);
                float[] y = new float[2 * SPARE + n];
                Arrays.fill(y, UNTOUCHED);
                if (scaled) {
                    KERNEL.scale(n, x, SPARE, floatFactor, constant, y, SPARE);
                } else {
                    KERNEL.normalize(n, x, SPARE, mean, factor, y, SPARE);
                }
                for (int i = 0; i < y.length; i++) {
                    boolean inside = i >= SPARE && i < SPARE + n;
                    float expected = inside ? expected(x[i], (i - SPARE) % channels) : UNTOUCHED;
                    assertEquals(expected, y[i], "value " + (i - SPARE) + " of " + n);
                }
            }
        }
    }

    private static float expected(byte value, int channel) {
        return new BigDecimal(Byte.toUnsignedInt(value))
                .subtract(new BigDecimal("100.25").add(new BigDecimal(channel)))
                .divide(new BigDecimal(1 << 3 + channel))
                .floatValue();
    }

    /** Of ImageNet's statistics, with which each step rounds. */
    @Test
    void theBitsAreThoseOfPlainJava() {
        double[] means = {123.675, 116.28, 103.53};
        double[] deviations = {58.395, 57.12, 57.375};
        byte[] x = new byte[3 * 256];
        for (int i = 0; i < x.length; i++) {
            x[i] = (byte) (i / 3);
        }
        double[] mean = new double[NormalizationKernel.PERIOD];
        double[] factor = new double[NormalizationKernel.PERIOD];
        float[] floatFactor = new float[NormalizationKernel.PERIOD];
        float[] constant = new float[NormalizationKernel.PERIOD];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = means[i % 3];
            factor[i] = 1 / deviations[i % 3];
            floatFactor[i] = (float) factor[i];
            constant[i] = (float) (-mean[i] * factor[i]);
        }
        float[] normalized = new float[x.length];
        float[] scaled = new float[x.length];
        KERNEL.normalize(x.length, x, 0, mean, factor, normalized, 0);
        KERNEL.scale(x.length, x, 0, floatFactor, constant, scaled, 0);
        for (int i = 0; i < x.length; i++) {
            double inDoubles = (i / 3 - means[i % 3]) * (1 / deviations[i % 3]);
            assertEquals((float) inDoubles, normalized[i], "value " + i);
            float product = (float) (1 / deviations[i % 3]) * (i / 3);
            assertEquals(product + (float) (-means[i % 3] * (1 / deviations[i % 3])), scaled[i], "value " + i);
        }
    }
}
