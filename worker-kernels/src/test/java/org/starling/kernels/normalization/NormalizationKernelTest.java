package org.starling.kernels.normalization;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.kernels.KernelProvider;

class NormalizationKernelTest {
    private static final int SPARE = 5;
    private static final float UNTOUCHED = -7;

    /** Powers of two for factors, with which all is exact, and so the same by decimal fractions. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void everyValueIsNormalizedWithItsChannelAndNothingElseIsTouched(int channels) {
        NormalizationKernel kernel = KernelProvider.get().normalizationKernel();
        double[] mean = new double[NormalizationKernel.PERIOD];
        double[] factor = new double[NormalizationKernel.PERIOD];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = 100.25 + i % channels;
            factor[i] = Math.scalb(1, -3 - i % channels);
        }
        Random random = new Random(3);
        for (int n = 0; n <= 300; n += channels) {
            for (int behind : new int[] {0, SPARE}) {
                byte[] x = new byte[SPARE + n + behind];
                random.nextBytes(x);
                float[] y = new float[2 * SPARE + n];
                Arrays.fill(y, UNTOUCHED);
                kernel.normalize(n, x, SPARE, mean, factor, y, SPARE);
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

    /** Rounded twice, to a double and to a float. */
    @ParameterizedTest
    @ValueSource(doubles = {0.1, 58.395, 57.12})
    void theBitsAreThoseOfPlainJava(double deviation) {
        byte[] x = new byte[256];
        double[] mean = new double[NormalizationKernel.PERIOD];
        double[] factor = new double[NormalizationKernel.PERIOD];
        for (int i = 0; i < x.length; i++) {
            x[i] = (byte) i;
        }
        Arrays.fill(mean, 123.675);
        Arrays.fill(factor, 1 / deviation);
        float[] y = new float[x.length];
        KernelProvider.get().normalizationKernel().normalize(x.length, x, 0, mean, factor, y, 0);
        for (int i = 0; i < x.length; i++) {
            double rounded = (i - 123.675) * (1 / deviation);
            assertEquals((float) rounded, y[i], "value " + i);
        }
    }
}
