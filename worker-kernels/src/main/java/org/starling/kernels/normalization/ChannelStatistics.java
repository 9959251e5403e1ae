package org.starling.kernels.normalization;

/** Mean and deviation of each channel, and {@code (float) ((x - mean) / deviation)}, divided in doubles, of each x. */
public final class ChannelStatistics {
    private static final int VALUES = 256;

    /** Of which a mean's first float is a multiple: what it leaves of an x then fits into a float. */
    private static final double GRAIN = Math.scalb(1.0, -15);

    final int channels;
    /** Means, and factors to multiply by, each a sum of two floats; {@code [PERIOD]}. */
    final float[] mean = new float[NormalizationKernel.PERIOD];

    final float[] meanRest = new float[NormalizationKernel.PERIOD];
    final float[] factor = new float[NormalizationKernel.PERIOD];
    final float[] factorRest = new float[NormalizationKernel.PERIOD];
    /** Whether {@link #computed} gives {@link #values}: with the statistics of a rare set one of these is another float. */
    final boolean computable;

    private final float[][] values;

    /**
     * @param mean of each channel
     * @param deviation of each channel
     */
    public ChannelStatistics(double[] mean, double[] deviation) {
        channels = mean.length;
        values = new float[channels][VALUES];
        for (int c = 0; c < channels; c++) {
            for (int x = 0; x < VALUES; x++) {
                values[c][x] = (float) ((x - mean[c]) / deviation[c]);
            }
        }
        for (int i = 0; i < NormalizationKernel.PERIOD; i++) {
            int channel = i % channels;
            this.mean[i] = (float) (Math.rint(mean[channel] / GRAIN) * GRAIN);
            meanRest[i] = (float) (mean[channel] - this.mean[i]);
            double inverse = 1 / deviation[channel];
            factor[i] = (float) inverse;
            factorRest[i] = (float) (inverse - factor[i]);
        }
        computable = valuesAreComputed();
    }

    private boolean valuesAreComputed() {
        for (int c = 0; c < channels; c++) {
            for (int x = 0; x < VALUES; x++) {
                if (computed(x, c) != values[c][x]) {
                    return false;
                }
            }
        }
        return true;
    }

    /** In floats as if in doubles: a product and what it was rounded by, with the rests. */
    private float computed(int x, int i) {
        float above = x - mean[i];
        float product = above * factor[i];
        float rest = Math.fma(above, factor[i], -product);
        rest = Math.fma(above, factorRest[i], rest);
        rest = Math.fma(-meanRest[i], factor[i], rest);
        return product + rest;
    }

    /** What becomes of each x of a channel, {@code [256]}. */
    public float[] values(int channel) {
        return values[channel];
    }
}
