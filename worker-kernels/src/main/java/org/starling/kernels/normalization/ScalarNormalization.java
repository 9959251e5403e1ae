package org.starling.kernels.normalization;

/** Normalization in plain Java. */
final class ScalarNormalization implements NormalizationKernel {
    @Override
    public void normalize(int n, byte[] x, int xo, double[] mean, double[] factor, float[] y, int yo) {
        normalize(0, n, x, xo, mean, factor, y, yo);
    }

    /** Elements {@code [from, n)}; {@code from} is the first of a pixel. */
    static void normalize(int from, int n, byte[] x, int xo, double[] mean, double[] factor, float[] y, int yo) {
        for (int begin = from; begin < n; begin += PERIOD) {
            int count = Math.min(PERIOD, n - begin);
            for (int i = 0; i < count; i++) {
                y[yo + begin + i] = (float) (((x[xo + begin + i] & 0xFF) - mean[i]) * factor[i]);
            }
        }
    }

    @Override
    public void scale(int n, byte[] x, int xo, float[] factor, float[] constant, float[] y, int yo) {
        scale(0, n, x, xo, factor, constant, y, yo);
    }

    /** Elements {@code [from, n)}; {@code from} is the first of a pixel. */
    static void scale(int from, int n, byte[] x, int xo, float[] factor, float[] constant, float[] y, int yo) {
        for (int begin = from; begin < n; begin += PERIOD) {
            int count = Math.min(PERIOD, n - begin);
            for (int i = 0; i < count; i++) {
                y[yo + begin + i] = factor[i] * (x[xo + begin + i] & 0xFF) + constant[i];
            }
        }
    }
}
