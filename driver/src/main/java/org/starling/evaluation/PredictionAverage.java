package org.starling.evaluation;

import java.io.Serializable;
import java.util.Arrays;

/**
 * How the predictions of several networks about one image become one. (Averaging parameters is another thing, which happens within a training.)
 *
 * @param mean of the probabilities
 * @param weights of the networks: none negative, not all 0; only their ratios count
 */
public record PredictionAverage(Mean mean, double[] weights) implements Serializable {
    /** How probabilities are averaged. */
    public enum Mean {
        /** Their weighted sum. */
        ARITHMETIC,
        /** Their weighted product, scaled to sum up to 1. A probability of 0 counts as the smallest float that is not, 2^-149. */
        GEOMETRIC
    }

    /** @throws IllegalArgumentException when a weight is negative or no number, or all are 0 */
    public PredictionAverage {
        weights = weights.clone();
        if (!(Arrays.stream(weights).sum() > 0)
                || Arrays.stream(weights).anyMatch(w -> !(w >= 0) || Double.isInfinite(w))) {
            throw new IllegalArgumentException("weights " + Arrays.toString(weights));
        }
    }

    /** All networks count the same. */
    public static PredictionAverage equal(Mean mean, int networks) {
        double[] weights = new double[networks];
        Arrays.fill(weights, 1);
        return new PredictionAverage(mean, weights);
    }

    /** The same with one network less; null where the others weigh nothing. */
    PredictionAverage without(int network) {
        double[] others = weights.clone();
        others[network] = 0;
        return Arrays.stream(others).sum() > 0 ? new PredictionAverage(mean, others) : null;
    }

    /**
     * The average.
     *
     * @param probabilities {@code [network][class]}
     * @return {@code [class]}; of one network alone its own, to the bit
     */
    float[] of(float[][] probabilities) {
        long counted = Arrays.stream(weights).filter(weight -> weight > 0).count();
        if (counted == 1) {
            for (int network = 0; network < weights.length; network++) {
                if (weights[network] > 0) {
                    return probabilities[network];
                }
            }
        }
        double[] means = mean == Mean.ARITHMETIC ? weightedSums(probabilities) : weightedProducts(probabilities);
        double sum = mean == Mean.ARITHMETIC
                ? Arrays.stream(weights).sum()
                : Arrays.stream(means).sum();
        float[] average = new float[means.length];
        for (int c = 0; c < average.length; c++) {
            average[c] = (float) (means[c] / sum);
        }
        return average;
    }

    private double[] weightedSums(float[][] probabilities) {
        double[] sums = new double[probabilities[0].length];
        for (int network = 0; network < weights.length; network++) {
            for (int c = 0; c < sums.length; c++) {
                sums[c] += weights[network] * probabilities[network][c];
            }
        }
        return sums;
    }

    /** Scaled so that the largest is 1. */
    private double[] weightedProducts(float[][] probabilities) {
        double all = Arrays.stream(weights).sum();
        double[] logarithms = new double[probabilities[0].length];
        for (int network = 0; network < weights.length; network++) {
            for (int c = 0; c < logarithms.length; c++) {
                // NaN stays NaN.
                double p = Math.max(probabilities[network][c], Float.MIN_VALUE);
                logarithms[c] += weights[network] / all * StrictMath.log(p);
            }
        }
        double largest = Arrays.stream(logarithms).max().orElseThrow();
        return Arrays.stream(logarithms)
                .map(logarithm -> StrictMath.exp(logarithm - largest))
                .toArray();
    }
}
