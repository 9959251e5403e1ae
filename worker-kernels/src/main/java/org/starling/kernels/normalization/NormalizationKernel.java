package org.starling.kernels.normalization;

/** Normalizes pixels whose channels lie side by side. Arguments are not checked. */
public interface NormalizationKernel {
    /** How many means and factors are given, those of a pixel's 1 or 3 channels over and over: three vectors of doubles. */
    int PERIOD = 24;

    /**
     * {@code y[yo + i] = (x[xo + i] - mean[i % PERIOD]) * factor[i % PERIOD]}, computed in doubles and rounded to a float at the end.
     * What stands at {@code xo} is a pixel's first channel.
     *
     * @param x unsigned
     * @param mean {@code [PERIOD]}
     * @param factor {@code [PERIOD]}
     */
    void normalize(int n, byte[] x, int xo, double[] mean, double[] factor, float[] y, int yo);
}
