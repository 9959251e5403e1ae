package org.starling.kernels.conv;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.conv.Convolution.Algorithm;
import org.starling.kernels.epilogue.Epilogue;

/**
 * How far a convolution's passes, with bias and ReLU, are from the definition in double precision: the largest error, relative to the largest
 * value of the exact result.
 */
record ConvolutionErrors(double forward, double gate, double bias, double data, double filter) {

    static float[] random(int length, long seed) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** @param dy gradient of what ReLU puts out */
    static ConvolutionErrors of(ConvolutionShape s, Algorithm algorithm, float[] x, float[] w, float[] b, float[] dy) {
        double[] y = new double[dy.length];
        forEachTerm(s, (yi, xi, wi) -> y[yi] += (double) x[xi] * w[wi]);
        double[] dz = new double[dy.length];
        double[] db = new double[s.filters()];
        float[] exactY = new float[dy.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.max(0, y[i] + b[i % s.filters()]);
            exactY[i] = (float) y[i];
            dz[i] = y[i] > 0 ? dy[i] : 0;
            db[i % s.filters()] += dz[i];
        }
        double[] dx = new double[x.length];
        double[] dw = new double[w.length];
        forEachTerm(s, (yi, xi, wi) -> {
            dx[xi] += dz[yi] * w[wi];
            dw[wi] += dz[yi] * x[xi];
        });
        try (ComputeTeam team = new ComputeTeam(2)) {
            Convolution convolution = new Convolution(team, KernelProvider.get(), algorithm);
            // Results are full of other values first: every element must be written.
            float[] actualY = random(y.length, 9);
            convolution.forward(s, x, w, actualY, new Epilogue(b, true));
            float[] actualDz = dy.clone();
            float[] actualDb = random(s.filters(), 9);
            convolution.backwardEpilogue(s, exactY, actualDz, actualDb);
            float[] actualDx = random(x.length, 9);
            convolution.backwardData(s, actualDz, w, actualDx);
            float[] actualDw = random(w.length, 9);
            convolution.backwardFilter(s, x, actualDz, actualDw);
            return new ConvolutionErrors(
                    error(y, actualY),
                    error(dz, actualDz),
                    error(db, actualDb),
                    error(dx, actualDx),
                    error(dw, actualDw));
        }
    }

    private static double error(double[] exact, float[] actual) {
        double error = 0;
        for (int i = 0; i < exact.length; i++) {
            error = Math.max(error, Math.abs(exact[i] - actual[i]));
        }
        return error / Arrays.stream(exact).map(Math::abs).max().orElseThrow();
    }

    /** 1e-5 for the direct way, 1e-4 for Winograd's; ReLU's gate and the bias are neither's. */
    void assertWithinBounds(Algorithm algorithm) {
        double bound = algorithm == Algorithm.DIRECT ? 1e-5 : 1e-4;
        // Not >: an error that is not a number is one.
        assertTrue(forward <= bound && data <= bound && filter <= bound && gate <= 1e-5 && bias <= 1e-5, toString());
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
}
