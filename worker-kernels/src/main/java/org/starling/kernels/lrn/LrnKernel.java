package org.starling.kernels.lrn;

/**
 * The steps of local response normalization over runs of values, for i below {@code length}. Windows reach over neighbouring values, so what they
 * sum lies in rows with zeros on both sides. Arguments are not checked.
 */
public interface LrnKernel {
    /** {@code row[ro + i] = x[xo + i]^2}. */
    void square(int length, float[] x, int xo, float[] row, int ro);

    /** {@code sums[at + i] = sum_j row[ro + i + j]} over j below n, rising from zero. */
    void windowSums(int length, int n, float[] row, int ro, float[] sums, int at);

    /** {@code d[i] = k + alpha d[i]}, by fused multiply-add. */
    void denominators(int length, float k, float alpha, float[] d);

    /** {@code p[i] = d[i]^(quarters / 4)} for 1 to 4 quarters, by square roots and a product of them. */
    void power(int length, int quarters, float[] d, float[] p);

    /** {@code y[yo + i] = x[xo + i] / p[i]}. */
    void divide(int length, float[] x, int xo, float[] p, float[] y, int yo);

    /** {@code row[ro + i] = r[at + i] x[at + i] / d[from + i]}, the product first. */
    void terms(int length, float[] r, float[] x, int at, float[] d, int from, float[] row, int ro);

    /** {@code dx[at + i] = dx[at + i] - factor (x[at + i] sums[i])}, by fused multiply-add. */
    void subtract(int length, float factor, float[] x, float[] sums, float[] dx, int at);
}
