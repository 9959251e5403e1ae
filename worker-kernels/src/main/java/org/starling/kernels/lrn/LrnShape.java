package org.starling.kernels.lrn;

/**
 * A normalization of {@code x[pixels, C]} across its channels (Krizhevsky, Sutskever and Hinton 2012, section 3.3):
 *
 * <pre>y[i] = x[i] / d[i]^beta   with   d[i] = k + alpha sum_j x[j]^2   over j with |j - i| &lt;= (n - 1) / 2 and 0 &lt;= j &lt; C</pre>
 *
 * Alpha is not divided by n. Constants are rounded to single precision before they are used.
 *
 * @param pixels of all images, {@code N H W}
 * @param channels C
 * @param n channels of a window, odd; 5 in the paper
 * @param k above 0, so that every d is; 2 in the paper
 * @param alpha at least 0; 1e-4 in the paper
 * @param beta 0.75 in the paper. 0.25, 0.5, 0.75 and 1 are roots; any other is a power computed value by value, many times slower
 */
public record LrnShape(int pixels, int channels, int n, double k, double alpha, double beta) {
    public LrnShape {
        if (n < 1 || n % 2 == 0) {
            throw new IllegalArgumentException("local response normalization: n = " + n
                    + ", expected an odd number, as a window has a channel in its middle");
        }
        if (!((float) k > 0) || !(alpha >= 0)) {
            throw new IllegalArgumentException("local response normalization: k = " + k + " and alpha = " + alpha
                    + ", expected k above 0 and alpha at least 0, as their sum is raised to a power");
        }
    }

    /** Values of x, and of y. */
    public int length() {
        return Math.multiplyExact(pixels, channels);
    }

    /** Channels on either side of a window's middle. */
    int reach() {
        return (n - 1) / 2;
    }

    /** Beta in quarters, 1 to 4; 0 where it is no such number. */
    int quarters() {
        double quarters = 4 * beta;
        return quarters >= 1 && quarters <= 4 && quarters == Math.rint(quarters) ? (int) quarters : 0;
    }
}
