package org.starling.kernels.lrn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;

class LocalResponseNormalizationTest {
    /** Alpha is large, so that the sums weigh as much as k. */
    private static final double ALPHA = 0.3;

    static List<LrnShape> shapes() {
        List<LrnShape> shapes = new ArrayList<>();
        for (int channels : new int[] {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 48, 96}) {
            for (int n : new int[] {1, 3, 5, 7}) {
                for (double beta : new double[] {0.25, 0.5, 0.75, 1, 0.6}) {
                    shapes.add(new LrnShape(5, channels, n, 2, ALPHA, beta));
                }
            }
        }
        shapes.add(new LrnShape(1, 96, 5, 1, 1e-4, 0.75));
        // Several pieces of work, the last of them short.
        shapes.add(new LrnShape(150, 33, 5, 2, ALPHA, 0.75));
        shapes.add(new LrnShape(2, 3000, 5, 2, ALPHA, 0.75));
        return shapes;
    }

    private static float[] random(int length, long seed) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static double[] toDouble(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    /** The paper's formula. */
    private static double[] reference(LrnShape s, double[] x) {
        double[] y = new double[x.length];
        for (int at = 0; at < y.length; at++) {
            int channel = at % s.channels();
            int firstChannel = Math.max(0, channel - s.n() / 2);
            int lastChannel = Math.min(s.channels() - 1, channel + s.n() / 2);
            double sum = 0;
            for (int other = firstChannel; other <= lastChannel; other++) {
                sum += Math.pow(x[at - channel + other], 2);
            }
            y[at] = x[at] / Math.pow(s.k() + s.alpha() * sum, s.beta());
        }
        return y;
    }

    private static void assertClose(double[] expected, float[] actual, double tolerance) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            double error = Math.abs(expected[i] - actual[i]);
            assertTrue(error <= tolerance, "at " + i + ": " + actual[i] + ", expected " + expected[i]);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theForwardPassFollowsThePaper(LrnShape s) {
        float[] x = random(s.length(), 1);
        float[] y = random(s.length(), 9);
        try (ComputeTeam team = new ComputeTeam(2)) {
            new LocalResponseNormalization(team).forward(s, x, y);
        }
        assertClose(reference(s, toDouble(x)), y, 2e-6);
    }

    /** The loss of a pixel is {@code sum_i dy[i] y[i]}, by the paper's formula in double. */
    @ParameterizedTest
    @MethodSource("shapes")
    void theGradientIsThatOfFiniteDifferences(LrnShape s) {
        float[] x = random(s.length(), 1);
        float[] dy = random(s.length(), 2);
        float[] dx = random(s.length(), 9);
        try (ComputeTeam team = new ComputeTeam(2)) {
            new LocalResponseNormalization(team).backward(s, x, dy, dx);
        }
        double step = 1e-5;
        // Channel by channel, in all pixels at once: pixels do not meet.
        int channels = Math.min(s.channels(), 100);
        for (int channel = 0; channel < channels; channel++) {
            double[] above = toDouble(x);
            double[] below = toDouble(x);
            for (int at = channel; at < x.length; at += s.channels()) {
                above[at] += step;
                below[at] -= step;
            }
            double[] up = reference(s, above);
            double[] down = reference(s, below);
            for (int pixel = 0; pixel < s.pixels(); pixel++) {
                double slope = 0;
                for (int at = pixel * s.channels(); at < (pixel + 1) * s.channels(); at++) {
                    slope += dy[at] * (up[at] - down[at]) / (2 * step);
                }
                assertEquals(slope, dx[pixel * s.channels() + channel], 5e-6);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theBitsAreThoseOfTheScalarKernelOnOneThread(LrnShape s) {
        assertArrayEquals(
                passes(s, 1, LrnKernels.scalar()),
                passes(s, 3, KernelProvider.get().lrnKernel()));
    }

    private static int[] passes(LrnShape s, int threads, LrnKernel kernel) {
        float[] x = random(s.length(), 1);
        x[0] = -0f;
        x[x.length - 1] = Float.MAX_VALUE;
        float[] y = new float[x.length];
        float[] dx = new float[x.length];
        try (ComputeTeam team = new ComputeTeam(threads)) {
            LocalResponseNormalization normalization = new LocalResponseNormalization(team, kernel);
            normalization.forward(s, x, y);
            normalization.backward(s, x, random(s.length(), 2), dx);
        }
        int[] bits = new int[2 * x.length];
        for (int i = 0; i < x.length; i++) {
            bits[i] = Float.floatToIntBits(y[i]);
            bits[x.length + i] = Float.floatToIntBits(dx[i]);
        }
        return bits;
    }

    /** Rows of one network's layers have other lengths and other zeros between them. */
    @Test
    void scratchOfOneShapeDoesNotLeakIntoTheNext() {
        LrnShape wide = new LrnShape(3, 40, 7, 2, ALPHA, 0.75);
        LrnShape narrow = new LrnShape(4, 17, 5, 2, ALPHA, 0.75);
        float[] x = random(narrow.length(), 1);
        float[] y = new float[x.length];
        try (ComputeTeam team = new ComputeTeam(1)) {
            LocalResponseNormalization normalization = new LocalResponseNormalization(team);
            normalization.forward(wide, random(wide.length(), 3), new float[wide.length()]);
            normalization.forward(narrow, x, y);
        }
        assertClose(reference(narrow, toDouble(x)), y, 2e-6);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4, -1})
    void aWindowWithoutAMiddleIsRefused(int n) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> new LrnShape(1, 8, n, 2, 1e-4, 0.75));
        assertTrue(refused.getMessage().contains("n = " + n + ", expected an odd number"), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"0, 1e-4", "-1, 1e-4", "1e-60, 1e-4", "NaN, 1e-4", "2, -1e-4", "2, NaN"})
    void denominatorsThatCouldBeZeroAreRefused(double k, double alpha) {
        assertThrows(IllegalArgumentException.class, () -> new LrnShape(1, 8, 5, k, alpha, 0.75));
    }
}
