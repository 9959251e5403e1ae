package org.starling.kernels.conv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.gemm.MicroKernels;

class ConvolutionTest {
    private static ConvolutionShape shape(
            int n, int h, int w, int c, int o, int kh, int kw, int sh, int sw, int pad, int dilation) {
        int outHeight = (h + 2 * pad - (dilation * (kh - 1) + 1)) / sh + 1;
        int outWidth = (w + 2 * pad - (dilation * (kw - 1) + 1)) / sw + 1;
        return new ConvolutionShape(n, h, w, c, o, kh, kw, sh, sw, pad, pad, dilation, dilation, outHeight, outWidth);
    }

    static Stream<ConvolutionShape> shapes() {
        return Stream.of(
                shape(1, 5, 5, 1, 1, 3, 3, 1, 1, 0, 1),
                shape(2, 7, 6, 3, 5, 3, 2, 1, 1, 1, 1),
                shape(1, 23, 23, 3, 17, 11, 11, 4, 4, 0, 1),
                shape(3, 13, 13, 16, 49, 3, 3, 1, 1, 1, 1),
                shape(2, 9, 11, 47, 48, 5, 5, 1, 1, 2, 1),
                shape(1, 11, 11, 4, 3, 3, 3, 1, 1, 2, 2),
                shape(2, 9, 9, 2, 7, 2, 2, 3, 3, 0, 1),
                shape(1, 8, 8, 31, 33, 1, 1, 1, 1, 0, 1),
                shape(1, 10, 7, 5, 4, 3, 3, 2, 3, 1, 1),
                shape(5, 4, 4, 97, 13, 3, 3, 1, 1, 1, 1));
    }

    private static float[] random(int length, long seed) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private interface Term {
        void at(int y, int x, int w);
    }

    /** Every product of the definition, by the positions of its three factors. */
    private static void forEachTerm(ConvolutionShape s, Term term) {
        for (int n = 0; n < s.images(); n++) {
            for (int p = 0; p < s.outHeight(); p++) {
                for (int q = 0; q < s.outWidth(); q++) {
                    for (int i = 0; i < s.kernelHeight(); i++) {
                        for (int j = 0; j < s.kernelWidth(); j++) {
                            int row = p * s.strideHeight() + i * s.dilationHeight() - s.padTop();
                            int column = q * s.strideWidth() + j * s.dilationWidth() - s.padLeft();
                            if (row < 0 || row >= s.height() || column < 0 || column >= s.width()) {
                                continue;
                            }
                            for (int c = 0; c < s.channels(); c++) {
                                for (int o = 0; o < s.filters(); o++) {
                                    term.at(
                                            ((n * s.outHeight() + p) * s.outWidth() + q) * s.filters() + o,
                                            ((n * s.height() + row) * s.width() + column) * s.channels() + c,
                                            ((o * s.channels() + c) * s.kernelHeight() + i) * s.kernelWidth() + j);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private static void assertClose(double[] expected, float[] actual) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        double error = 0;
        for (int i = 0; i < expected.length; i++) {
            error = Math.max(error, Math.abs(expected[i] - actual[i]));
        }
        assertTrue(error <= 1e-5 * largest, "error " + error / largest + " of the largest value");
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void allThreePassesFollowTheDefinition(ConvolutionShape s) {
        int xs = s.images() * s.height() * s.width() * s.channels();
        int ys = s.pixels() * s.filters();
        int ws = s.patch() * s.filters();
        float[] x = random(xs, 1);
        float[] w = random(ws, 2);
        float[] b = random(s.filters(), 3);
        float[] dy = random(ys, 4);
        double[] y = new double[ys];
        double[] dx = new double[xs];
        double[] dw = new double[ws];
        double[] db = new double[s.filters()];
        for (int i = 0; i < ys; i++) {
            y[i] = b[i % s.filters()];
            db[i % s.filters()] += dy[i];
        }
        forEachTerm(s, (yi, xi, wi) -> {
            y[yi] += (double) x[xi] * w[wi];
            dx[xi] += (double) dy[yi] * w[wi];
            dw[wi] += (double) dy[yi] * x[xi];
        });
        try (ComputeTeam team = new ComputeTeam(2)) {
            Convolution convolution = new Convolution(team, KernelProvider.get().microKernel());
            float[] actualY = random(ys, 9);
            convolution.forward(s, x, w, b, actualY);
            assertClose(y, actualY);
            float[] actualDx = random(xs, 9);
            convolution.backwardData(s, dy, w, actualDx);
            assertClose(dx, actualDx);
            float[] actualDw = random(ws, 9);
            float[] actualDb = random(s.filters(), 9);
            convolution.backwardFilter(s, x, dy, actualDw, actualDb);
            assertClose(dw, actualDw);
            assertClose(db, actualDb);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theBitsAreThoseOfTheScalarKernelOnOneThread(ConvolutionShape s) {
        assertArrayEquals(passes(s, 1, true), passes(s, 3, false));
    }

    private static float[] passes(ConvolutionShape s, int threads, boolean scalar) {
        float[] x = random(s.images() * s.height() * s.width() * s.channels(), 1);
        float[] w = random(s.patch() * s.filters(), 2);
        float[] dy = random(s.pixels() * s.filters(), 4);
        float[] y = new float[dy.length];
        float[] dx = new float[x.length];
        float[] dw = new float[w.length];
        try (ComputeTeam team = new ComputeTeam(threads)) {
            Convolution convolution = new Convolution(
                    team, scalar ? MicroKernels.scalar() : KernelProvider.get().microKernel());
            convolution.forward(s, x, w, random(s.filters(), 3), y);
            convolution.backwardData(s, dy, w, dx);
            convolution.backwardFilter(s, x, dy, dw, null);
        }
        float[] all = Arrays.copyOf(y, y.length + dx.length + dw.length);
        System.arraycopy(dx, 0, all, y.length, dx.length);
        System.arraycopy(dw, 0, all, y.length + dx.length, dw.length);
        return all;
    }

    @Test
    void anImagesOutputDoesNotDependOnItsNeighbours() {
        ConvolutionShape five = shape(5, 9, 9, 7, 10, 3, 3, 1, 1, 1, 1);
        ConvolutionShape one = shape(1, 9, 9, 7, 10, 3, 3, 1, 1, 1, 1);
        float[] x = random(5 * 9 * 9 * 7, 1);
        float[] w = random(five.patch() * 10, 2);
        float[] together = new float[5 * 9 * 9 * 10];
        try (ComputeTeam team = new ComputeTeam(2)) {
            Convolution convolution = new Convolution(team, KernelProvider.get().microKernel());
            convolution.forward(five, x, w, null, together);
            for (int n = 0; n < 5; n++) {
                float[] alone = new float[9 * 9 * 10];
                convolution.forward(one, Arrays.copyOfRange(x, n * 567, (n + 1) * 567), w, null, alone);
                assertArrayEquals(alone, Arrays.copyOfRange(together, n * 810, (n + 1) * 810));
            }
        }
    }
}
