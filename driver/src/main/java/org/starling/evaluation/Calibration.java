package org.starling.evaluation;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Whether a network is right as often as it is sure: images by the probability of the class that they were taken for, in bins of equal width (Guo,
 * Pleiss, Sun and Weinberger, On calibration of modern neural networks, 2017).
 *
 * @param images of each bin; bin k has those above k / {@value #BINS} and up to (k + 1) / {@value #BINS}, the first one 0 too
 * @param correct those of them whose class is right
 * @param confidenceSum sum of the probabilities, each rounded to a multiple of 2^-24, so that the sum is exact in any order
 */
public record Calibration(long[] images, long[] correct, double[] confidenceSum) implements Serializable {
    /** As Guo et al. */
    public static final int BINS = 15;

    private static final double STEPS = 1 << 24;

    /** Of no images. */
    static Calibration empty() {
        return new Calibration(new long[BINS], new long[BINS], new double[BINS]);
    }

    /** Counts an image; a probability that is NaN counts as 0. */
    void add(float confidence, boolean right) {
        double p = Float.isNaN(confidence) ? 0 : confidence;
        int bin = 0;
        while (bin < BINS - 1 && p > (bin + 1) / (double) BINS) {
            bin++;
        }
        images[bin]++;
        correct[bin] += right ? 1 : 0;
        confidenceSum[bin] += Math.rint(p * STEPS) / STEPS;
    }

    /** Fraction of a bin's images whose class is right; NaN when it has none. */
    public double accuracy(int bin) {
        return (double) correct[bin] / images[bin];
    }

    /** Mean probability of a bin's images; NaN when it has none. */
    public double confidence(int bin) {
        return confidenceSum[bin] / images[bin];
    }

    /** Mean over images of the difference of their bin's accuracy and confidence; NaN without images. */
    public double expectedError() {
        double sum = 0;
        for (int bin = 0; bin < BINS; bin++) {
            sum += Math.abs(correct[bin] - confidenceSum[bin]);
        }
        return sum / Arrays.stream(images).sum();
    }

    /** The counts of both. */
    Calibration plus(Calibration other) {
        Calibration sum = empty();
        for (int bin = 0; bin < BINS; bin++) {
            sum.images[bin] = images[bin] + other.images[bin];
            sum.correct[bin] = correct[bin] + other.correct[bin];
            sum.confidenceSum[bin] = confidenceSum[bin] + other.confidenceSum[bin];
        }
        return sum;
    }
}
