package org.starling.kernels.average;

/**
 * The mean of vectors, weighted by whole numbers (examples), accumulated in double by a binary tree over the vectors' positions:
 * {@code sum_i n_i x_i / sum_i n_i}. The tree depends on the number of vectors alone, so the bits do not depend on who computes it or
 * in which order the vectors arrived. One vector comes back unchanged: {@code n x} is exact for a float and {@code n < 2^29}, and the
 * division then rounds to {@code x}.
 */
public final class WeightedMean {
    private WeightedMean() {}

    /**
     * @param vectors {@code [n][length]}; null where the weight is 0
     * @param weights one a vector, not negative, not all 0
     * @return the mean, {@code [length]}
     */
    public static float[] of(float[][] vectors, long[] weights) {
        long total = 0;
        for (long weight : weights) {
            total += weight;
        }
        if (total <= 0) {
            throw new IllegalArgumentException("all weights are 0");
        }
        double[] sum = sum(vectors, weights, 0, vectors.length);
        float[] mean = new float[sum.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sum[i] / total);
        }
        return mean;
    }

    /** The weighted sum of vectors {@code [from, to)}; null when all of their weights are 0. */
    private static double[] sum(float[][] vectors, long[] weights, int from, int to) {
        if (to - from == 1) {
            return weights[from] == 0 ? null : scaled(vectors[from], weights[from]);
        }
        int middle = (from + to) >>> 1;
        double[] left = sum(vectors, weights, from, middle);
        double[] right = sum(vectors, weights, middle, to);
        if (left == null || right == null) {
            return left == null ? right : left;
        }
        for (int i = 0; i < left.length; i++) {
            left[i] += right[i];
        }
        return left;
    }

    private static double[] scaled(float[] vector, long weight) {
        double[] scaled = new double[vector.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (double) weight * vector[i];
        }
        return scaled;
    }
}
