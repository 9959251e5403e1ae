package org.starling.kernels.normalization;

/** Normalization in plain Java. */
final class ScalarNormalization implements NormalizationKernel {
    @Override
    public void normalize(int n, byte[] x, int xo, ChannelStatistics statistics, float[] y, int yo) {
        normalize(0, n, x, xo, statistics, y, yo);
    }

    /** Elements {@code [from, n)}. */
    static void normalize(int from, int n, byte[] x, int xo, ChannelStatistics statistics, float[] y, int yo) {
        int channels = statistics.channels;
        for (int first = from; first < Math.min(n, from + channels); first++) {
            float[] values = statistics.values(first % channels);
            for (int i = first; i < n; i += channels) {
                y[yo + i] = values[x[xo + i] & 0xFF];
            }
        }
    }

    @Override
    public void scale(int n, byte[] x, int xo, float[] factor, float[] constant, float[] y, int yo) {
        scale(0, n, x, xo, factor, constant, y, yo);
    }

    /** Elements {@code [from, n)}. */
    static void scale(int from, int n, byte[] x, int xo, float[] factor, float[] constant, float[] y, int yo) {
        int c = from % PERIOD;
        for (int i = from; i < n; i++) {
            y[yo + i] = factor[c] * (x[xo + i] & 0xFF) + constant[c];
            c = c == PERIOD - 1 ? 0 : c + 1;
        }
    }
}
