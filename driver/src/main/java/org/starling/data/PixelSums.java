package org.starling.data;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * Sums over the pixels of decoded images, a pair for each channel. They are integers, so the statistics that follow from
 * them do not depend on the order in which images were added: 2^47 pixels fit before a sum of squares overflows.
 */
final class PixelSums implements Serializable {
    private static final long serialVersionUID = 1L;

    private long pixels;
    private final long[] sum;
    private final long[] squares;

    PixelSums(int channels) {
        sum = new long[channels];
        squares = new long[channels];
    }

    /** Adds an image of unsigned values, {@code [h, w, c]}. */
    void add(byte[] image) {
        int channels = sum.length;
        for (int c = 0; c < channels; c++) {
            long s = 0;
            long q = 0;
            for (int i = c; i < image.length; i += channels) {
                int value = image[i] & 0xFF;
                s += value;
                q += (long) value * value;
            }
            sum[c] += s;
            squares[c] += q;
        }
        pixels += image.length / channels;
    }

    void add(PixelSums other) {
        pixels += other.pixels;
        for (int c = 0; c < sum.length; c++) {
            sum[c] += other.sum[c];
            squares[c] += other.squares[c];
        }
    }

    /** Mean and population standard deviation of each channel; the deviation of a constant channel is 1. */
    Normalization normalization() {
        double[] mean = new double[sum.length];
        double[] deviation = new double[sum.length];
        for (int c = 0; c < sum.length; c++) {
            mean[c] = (double) sum[c] / pixels;
            // n^2 variance = n sum(x^2) - sum(x)^2, exact: in floating point the difference would lose digits.
            BigInteger n = BigInteger.valueOf(pixels);
            BigInteger scaled = n.multiply(BigInteger.valueOf(squares[c]))
                    .subtract(BigInteger.valueOf(sum[c]).pow(2));
            double variance = new BigDecimal(scaled)
                    .divide(new BigDecimal(n.multiply(n)), MathContext.DECIMAL128)
                    .doubleValue();
            deviation[c] = variance > 0 ? Math.sqrt(variance) : 1;
        }
        return new Normalization(mean, deviation);
    }
}
