package org.starling.kernels.normalization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.starling.kernels.KernelProvider;

/** Against the definitions, value by value, to the bit. */
class NormalizationKernelTest {
    private static final NormalizationKernel KERNEL = KernelProvider.get().normalizationKernel();
    /** ImageNet's, with which every step rounds. */
    private static final double[] MEAN = {123.675, 116.28, 103.53};

    private static final double[] DEVIATION = {58.395, 57.12, 57.375};
    private static final int SPARE = 5;
    private static final float UNTOUCHED = -7;

    private final Random random = new Random(3);

    @ParameterizedTest
    @CsvSource({"1, false", "3, false", "1, true", "3, true"})
    void everyValueIsOfItsChannelAndNothingElseIsTouched(int channels, boolean scaled) {
        ChannelStatistics statistics =
                new ChannelStatistics(Arrays.copyOf(MEAN, channels), Arrays.copyOf(DEVIATION, channels));
        float[] factor = new float[NormalizationKernel.PERIOD];
        float[] constant = new float[NormalizationKernel.PERIOD];
        for (int i = 0; i < factor.length; i++) {
            factor[i] = (float) (1 / DEVIATION[i % channels]);
            constant[i] = (float) (-MEAN[i % channels] / DEVIATION[i % channels]);
        }
        for (int n = 0; n <= 300; n += channels) {
            for (int behind : new int[] {0, SPARE}) {
                byte[] x = new byte[SPARE + n + behind];
                random.nextBytes(x);
                float[] y = new float[2 * SPARE + n];
                Arrays.fill(y, UNTOUCHED);
                if (scaled) {
                    KERNEL.scale(n, x, SPARE, factor, constant, y, SPARE);
                } else {
                    KERNEL.normalize(n, x, SPARE, statistics, y, SPARE);
                }
                for (int i = 0; i < y.length; i++) {
                    float expected = UNTOUCHED;
                    if (i >= SPARE && i < SPARE + n) {
                        int value = x[i] & 0xFF;
                        int c = (i - SPARE) % channels;
                        float product = factor[c] * value;
                        expected = scaled ? product + constant[c] : (float) ((value - MEAN[c]) / DEVIATION[c]);
                    }
                    assertEquals(expected, y[i], "value " + (i - SPARE) + " of " + n);
                }
            }
        }
    }

    /** Whatever the statistics are: of some sets a value lies between two floats, of others nothing can be computed. */
    @Test
    void theBitsAreThoseOfDividingInDoubles() {
        byte[] x = new byte[256];
        for (int i = 0; i < x.length; i++) {
            x[i] = (byte) i;
        }
        float[] y = new float[x.length];
        int computable = 0;
        int sets = 20_000;
        for (int set = 0; set < sets; set++) {
            double mean = random.nextDouble(-10, 300);
            double deviation = set == 0 ? 0 : random.nextDouble(1e-3, 130);
            ChannelStatistics statistics = new ChannelStatistics(new double[] {mean}, new double[] {deviation});
            computable += statistics.computable ? 1 : 0;
            KERNEL.normalize(x.length, x, 0, statistics, y, 0);
            for (int i = 0; i < x.length; i++) {
                assertEquals((float) ((i - mean) / deviation), y[i], i + " less " + mean + " by " + deviation);
            }
        }
        assertTrue(computable > 0.99 * sets && computable < sets, "computable: " + computable);
    }

    @Test
    void whatRoundsToAnotherFloatIsNotComputed() {
        assertTrue(new ChannelStatistics(MEAN, DEVIATION).computable);
        assertFalse(new ChannelStatistics(new double[] {1}, new double[] {0}).computable);
    }
}
