package org.starling.kernels.pool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;

class PoolingTest {
    private static final int[] CHANNELS = {1, 3, 7, 8, 15, 16, 17, 31, 33, 48, 96};

    /** Every whole window, none clipped. */
    private static PoolingShape valid(int n, int h, int w, int c, int kh, int kw, int sh, int sw) {
        return new PoolingShape(n, h, w, c, kh, kw, sh, sw, 0, 0, (h - kh) / sh + 1, (w - kw) / sw + 1);
    }

    /** As 'same' pads: {@code ceil(size / stride)} windows, the odd cell of padding at the end. */
    private static PoolingShape same(int n, int h, int w, int c, int kh, int kw, int sh, int sw) {
        int oh = (h + sh - 1) / sh;
        int ow = (w + sw - 1) / sw;
        int top = Math.max(0, (oh - 1) * sh + kh - h) / 2;
        int left = Math.max(0, (ow - 1) * sw + kw - w) / 2;
        return new PoolingShape(n, h, w, c, kh, kw, sh, sw, top, left, oh, ow);
    }

    static List<PoolingShape> shapes() {
        List<PoolingShape> shapes = new ArrayList<>();
        int[][] windows = {{2, 2}, {3, 3}, {3, 2}};
        for (int channels : CHANNELS) {
            for (int[] window : windows) {
                for (int stride = 1; stride <= 3; stride++) {
                    shapes.add(valid(1, 7, 8, channels, window[0], window[1], stride, stride));
                    shapes.add(same(3, 6, 5, channels, window[0], window[1], stride, stride));
                }
            }
            shapes.add(valid(2, 9, 10, channels, 2, 3, 4, 5));
            shapes.add(same(2, 5, 7, channels, 3, 3, 1, 2));
            shapes.add(same(1, 4, 3, channels, 5, 5, 1, 1));
            shapes.add(valid(2, 6, 7, channels, 6, 7, 1, 1));
        }
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

    /** Of a few values only, so that most windows have several maxima. */
    private static float[] withTies(int length) {
        Random random = new Random(5);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextInt(3) - 2;
        }
        return values;
    }

    private static float[] negative(int length) {
        float[] values = random(length, 6);
        for (int i = 0; i < length; i++) {
            values[i] = -1 - Math.abs(values[i]);
        }
        return values;
    }

    private interface Cell {
        void at(int y, int x, int position);
    }

    /** Every cell of every window that lies in the image, by the definition, window by window and row by row. */
    private static void forEachCell(PoolingShape s, Cell cell) {
        for (int y = 0; y < s.outputLength(); y++) {
            int c = y % s.channels();
            int q = y / s.channels() % s.outWidth();
            int p = y / s.channels() / s.outWidth() % s.outHeight();
            int n = y / s.channels() / s.outWidth() / s.outHeight();
            for (int position = 0; position < s.windowHeight() * s.windowWidth(); position++) {
                int row = p * s.strideHeight() + position / s.windowWidth() - s.padTop();
                int column = q * s.strideWidth() + position % s.windowWidth() - s.padLeft();
                if (row >= 0 && row < s.height() && column >= 0 && column < s.width()) {
                    cell.at(y, ((n * s.height() + row) * s.width() + column) * s.channels() + c, position);
                }
            }
        }
    }

    private static void assertMaxPoolingFollowsTheDefinition(PoolingShape s, float[] x) {
        float[] y = new float[s.outputLength()];
        float[] argmax = new float[y.length];
        int[] source = new int[y.length];
        Arrays.fill(argmax, -1);
        forEachCell(s, (yi, xi, position) -> {
            if (argmax[yi] < 0 || x[xi] > y[yi]) {
                y[yi] = x[xi];
                argmax[yi] = position;
                source[yi] = xi;
            }
        });
        float[] dy = random(y.length, 2);
        double[] dx = new double[x.length];
        for (int i = 0; i < dy.length; i++) {
            dx[source[i]] += dy[i];
        }
        try (ComputeTeam team = new ComputeTeam(2)) {
            MaxPooling pooling = new MaxPooling(team);
            float[] actualY = random(y.length, 9);
            float[] actualArgmax = random(y.length, 9);
            pooling.forward(s, x, actualY, actualArgmax);
            assertArrayEquals(y, actualY);
            assertArrayEquals(argmax, actualArgmax);
            float[] inference = random(y.length, 9);
            pooling.forward(s, x, inference, null);
            assertArrayEquals(y, inference);
            float[] actualDx = random(x.length, 9);
            pooling.backward(s, dy, actualArgmax, actualDx);
            assertClose(dx, actualDx);
        }
    }

    private static void assertClose(double[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            double error = Math.abs(expected[i] - actual[i]);
            assertTrue(error <= 1e-5, "at " + i + ": " + actual[i] + ", expected " + expected[i]);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void maxPoolingFollowsTheDefinition(PoolingShape s) {
        assertMaxPoolingFollowsTheDefinition(s, random(s.inputLength(), 1));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theFirstOfEqualMaximaIsTheMaximum(PoolingShape s) {
        assertMaxPoolingFollowsTheDefinition(s, withTies(s.inputLength()));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void paddingIsNeverTheMaximumOfNegativeValues(PoolingShape s) {
        assertMaxPoolingFollowsTheDefinition(s, negative(s.inputLength()));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void averagePoolingFollowsTheDefinition(PoolingShape s) {
        float[] x = random(s.inputLength(), 1);
        float[] dy = random(s.outputLength(), 2);
        double[] y = new double[dy.length];
        int[] cells = new int[dy.length];
        forEachCell(s, (yi, xi, position) -> {
            y[yi] += x[xi];
            cells[yi]++;
        });
        for (int i = 0; i < y.length; i++) {
            y[i] /= cells[i];
        }
        double[] dx = new double[x.length];
        forEachCell(s, (yi, xi, position) -> dx[xi] += (double) dy[yi] / cells[yi]);
        try (ComputeTeam team = new ComputeTeam(2)) {
            AveragePooling pooling = new AveragePooling(team);
            float[] actualY = random(y.length, 9);
            pooling.forward(s, x, actualY);
            assertClose(y, actualY);
            float[] actualDx = random(x.length, 9);
            pooling.backward(s, dy, actualDx);
            assertClose(dx, actualDx);
        }
    }

    /** The loss is {@code sum_i dy[i] y[i]}, in double; it is linear in x, so that a difference of any width is exact. */
    @Test
    void averagePoolingsGradientIsThatOfFiniteDifferences() {
        PoolingShape s = same(2, 5, 4, 17, 3, 2, 2, 1);
        float[] x = random(s.inputLength(), 1);
        float[] dy = random(s.outputLength(), 2);
        float[] dx = new float[x.length];
        try (ComputeTeam team = new ComputeTeam(1)) {
            new AveragePooling(team).backward(s, dy, dx);
        }
        for (int i = 0; i < x.length; i++) {
            assertEquals(averageLoss(s, x, i, 1, dy) - averageLoss(s, x, i, 0, dy), dx[i], 1e-5);
        }
    }

    private static double averageLoss(PoolingShape s, float[] x, int moved, double by, float[] dy) {
        double[] y = new double[dy.length];
        int[] cells = new int[dy.length];
        forEachCell(s, (yi, xi, position) -> {
            y[yi] += x[xi] + (xi == moved ? by : 0);
            cells[yi]++;
        });
        double loss = 0;
        for (int i = 0; i < y.length; i++) {
            loss += dy[i] * y[i] / cells[i];
        }
        return loss;
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theBitsAreThoseOfTheScalarKernelOnOneThread(PoolingShape s) {
        List<float[]> expected = passes(s, 1, PoolingKernels.scalar());
        List<float[]> actual = passes(s, 3, KernelProvider.get().poolingKernel());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(bits(expected.get(i)), bits(actual.get(i)), "result " + i);
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToIntBits(values[i]);
        }
        return bits;
    }

    /** Zeros of both signs, infinities and NaN among the values. */
    private static float[] withSpecialValues(int length, long seed) {
        float[] special = {0f, -0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN};
        float[] values = random(length, seed);
        for (int i = 0; i < length; i += 3) {
            values[i] = special[i / 3 % special.length];
        }
        return values;
    }

    private static List<float[]> passes(PoolingShape s, int threads, PoolingKernel kernel) {
        float[] x = withSpecialValues(s.inputLength(), 1);
        float[] dy = withSpecialValues(s.outputLength(), 2);
        float[] largest = new float[dy.length];
        float[] argmax = new float[dy.length];
        float[] inference = new float[dy.length];
        float[] mean = new float[dy.length];
        float[] largestGradient = new float[x.length];
        float[] meanGradient = new float[x.length];
        try (ComputeTeam team = new ComputeTeam(threads)) {
            MaxPooling max = new MaxPooling(team, kernel);
            max.forward(s, x, largest, argmax);
            max.forward(s, x, inference, null);
            max.backward(s, dy, argmax, largestGradient);
            AveragePooling average = new AveragePooling(team, kernel);
            average.forward(s, x, mean);
            average.backward(s, dy, meanGradient);
        }
        return List.of(largest, argmax, inference, largestGradient, mean, meanGradient);
    }

    /** One window of two cells, 17 channels. */
    private static float maximumOf(float first, float second) {
        PoolingShape s = valid(1, 1, 2, 17, 1, 2, 1, 1);
        float[] x = new float[34];
        Arrays.fill(x, 0, 17, first);
        Arrays.fill(x, 17, 34, second);
        float[] y = new float[17];
        try (ComputeTeam team = new ComputeTeam(1)) {
            new MaxPooling(team).forward(s, x, y, null);
        }
        assertEquals(y[0], y[16]);
        return y[0];
    }

    @Test
    void nanLosesToEveryNumber() {
        assertEquals(-3, maximumOf(Float.NaN, -3));
        assertEquals(-3, maximumOf(-3, Float.NaN));
        assertEquals(Float.NEGATIVE_INFINITY, maximumOf(Float.NaN, Float.NaN));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 0, 2, window 0",
        "2, 0, 0, 2, stride 0",
        "2, 1, 2, 4, padding 2 before a window of 2",
        "2, 1, -1, 2, padding -1",
        "2, 2, 0, 3, 3 windows at stride 2"
    })
    void aWindowOutsideOfTheImageIsRefused(int window, int stride, int pad, int out, String message) {
        IllegalArgumentException tall = assertThrows(
                IllegalArgumentException.class,
                () -> new PoolingShape(1, 4, 4, 1, window, 1, stride, 1, pad, 0, out, 4));
        assertTrue(tall.getMessage().startsWith("pooling height: "), tall.getMessage());
        assertTrue(tall.getMessage().contains(message), tall.getMessage());
        IllegalArgumentException wide = assertThrows(
                IllegalArgumentException.class,
                () -> new PoolingShape(1, 4, 4, 1, 1, window, 1, stride, 0, pad, 4, out));
        assertTrue(wide.getMessage().startsWith("pooling width: "), wide.getMessage());
    }
}
