package org.starling.kernels.average;

import java.nio.FloatBuffer;

/**
 * The mean of vectors, weighted by whole numbers (examples), accumulated in double by a binary tree over the vectors' positions:
 * {@code sum_i n_i x_i / sum_i n_i}. The tree depends on the number of vectors alone, so the bits do not depend on who computes it or
 * in which order the vectors arrived. One vector comes back unchanged: {@code n x} is exact for a float and {@code n < 2^29}, and the
 * division then rounds to {@code x}.
 */
public final class WeightedMean {
    /** Elements taken at a time: what is in double stays in the first-level cache. */
    private static final int CHUNK = 1 << 10;

    private final long[] weights;
    private final long total;
    private final float[] values = new float[CHUNK];
    private final double[][] sums;

    /**
     * Holds scratch: one for each thread.
     *
     * @param weights one a vector, not negative, not all 0
     */
    public WeightedMean(long[] weights) {
        this.weights = weights.clone();
        long sum = 0;
        for (long weight : weights) {
            sum += weight;
        }
        if (sum <= 0) {
            throw new IllegalArgumentException("all weights are 0");
        }
        this.total = sum;
        // A node's left sum waits in the array of its depth while the right one is taken.
        int depth = Integer.SIZE - Integer.numberOfLeadingZeros(weights.length);
        this.sums = new double[depth + 1][CHUNK];
    }

    /**
     * @param vectors one a weight, as long as the mean; null where the weight is 0
     * @param mean filled from its position to its limit
     * @return whether it is finite everywhere
     */
    public boolean of(FloatBuffer[] vectors, FloatBuffer mean) {
        int length = mean.remaining();
        int to = mean.position();
        boolean finite = true;
        for (int from = 0; from < length; from += CHUNK) {
            int n = Math.min(CHUNK, length - from);
            sum(vectors, from, n, 0, vectors.length, 0);
            divide(n, sums[0]);
            finite &= FiniteNumbers.all(values, n);
            mean.put(to + from, values, 0, n);
        }
        return finite;
    }

    /** The weighted sum of vectors {@code [first, last)} into {@code sums[depth]}; false when all of their weights are 0. */
    private boolean sum(FloatBuffer[] vectors, int from, int n, int first, int last, int depth) {
        if (last - first == 1) {
            if (weights[first] == 0) {
                return false;
            }
            FloatBuffer vector = vectors[first];
            vector.get(vector.position() + from, values, 0, n);
            scale(n, weights[first], sums[depth]);
            return true;
        }
        int middle = (first + last) >>> 1;
        boolean left = sum(vectors, from, n, first, middle, depth);
        if (!left) {
            return sum(vectors, from, n, middle, last, depth);
        }
        if (sum(vectors, from, n, middle, last, depth + 1)) {
            add(n, sums[depth + 1], sums[depth]);
        }
        return true;
    }

    /** Two loops: the division runs in lanes, the conversion does not. */
    private void divide(int n, double[] sum) {
        double divisor = total;
        for (int i = 0; i < n; i++) {
            sum[i] /= divisor;
        }
        for (int i = 0; i < n; i++) {
            values[i] = (float) sum[i];
        }
    }

    private void scale(int n, double weight, double[] sum) {
        for (int i = 0; i < n; i++) {
            sum[i] = weight * values[i];
        }
    }

    private static void add(int n, double[] right, double[] sum) {
        for (int i = 0; i < n; i++) {
            sum[i] += right[i];
        }
    }
}
