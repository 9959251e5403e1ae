package org.starling.kernels.normalization;

/** Normalizes pixels whose channels lie side by side. Arguments are not checked. */
public interface NormalizationKernel {
    /** How many numbers are given for the channels, those of a pixel's 1 or 3 channels over and over: three vectors of floats. */
    int PERIOD = 48;

    /**
     * {@code y[yo + i] = (x[xo + i] - mean[i % PERIOD]) * factor[i % PERIOD]}, computed in doubles and rounded to a float at the end.
     *
     * @param x unsigned; at {@code xo} stands a pixel's first channel
     * @param mean {@code [PERIOD]}
     * @param factor {@code [PERIOD]}
     */
    void normalize(int n, byte[] x, int xo, double[] mean, double[] factor, float[] y, int yo);

    /**
     * {@code y[yo + i] = factor[i % PERIOD] * x[xo + i] + constant[i % PERIOD]}, in floats, rounded after each of the two.
     *
     * @param x unsigned; at {@code xo} stands a pixel's first channel
     * @param factor {@code [PERIOD]}
     * @param constant {@code [PERIOD]}
     */
    void scale(int n, byte[] x, int xo, float[] factor, float[] constant, float[] y, int yo);
}
