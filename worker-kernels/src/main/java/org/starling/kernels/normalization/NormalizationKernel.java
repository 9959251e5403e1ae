package org.starling.kernels.normalization;

/** Normalizes pixels whose channels lie side by side. Arguments are not checked. */
public interface NormalizationKernel {
    /** How many numbers are given for the channels, those of a pixel's 1 or 3 channels over and over: three vectors of floats. */
    int PERIOD = 48;

    /**
     * {@code y[yo + i]} becomes what {@link ChannelStatistics#values} says of {@code x[xo + i]} and its channel.
     *
     * @param x unsigned; at {@code xo} stands a pixel's first channel
     */
    void normalize(int n, byte[] x, int xo, ChannelStatistics statistics, float[] y, int yo);

    /**
     * {@code y[yo + i] = factor[i % PERIOD] * x[xo + i] + constant[i % PERIOD]}, rounded after each of the two.
     *
     * @param x unsigned; at {@code xo} stands a pixel's first channel
     * @param factor {@code [PERIOD]}
     * @param constant {@code [PERIOD]}
     */
    void scale(int n, byte[] x, int xo, float[] factor, float[] constant, float[] y, int yo);
}
