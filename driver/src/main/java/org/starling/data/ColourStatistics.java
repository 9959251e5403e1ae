package org.starling.data;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.starling.data.augmentation.Lighting;

/**
 * How the colours of a set's pixels lie, in values from 0 to 255.
 *
 * @param channels 1 where every picture is grey, or else 3: red, green, blue
 * @param mean of each channel
 * @param deviation standard deviation of each, of the whole population; 1 for a channel that never changes
 * @param eigenvalues variances along the principal axes, the largest first; those of Krizhevsky et al. 2012, section 4.1 (PCA lighting)
 * @param eigenvectors the axes, one a row, of length 1; the largest of a row's elements is positive
 */
public record ColourStatistics(
        int channels, double[] mean, double[] deviation, double[] eigenvalues, double[][] eigenvectors) {
    static final int COLOURS = 3;

    private static final double WHITE = 255;
    private static final double[] LUMA = {0.299, 0.587, 0.114};

    /** Rotations that turn a matrix of three rows into its axes: it converges quadratically, so far fewer are needed. */
    private static final int SWEEPS = 64;

    /** By which networks see a set of these colours. */
    public Normalization normalization() {
        return new Normalization(mean, deviation);
    }

    /**
     * Random lighting along these axes.
     *
     * @param deviation of the normal deviates
     */
    public Lighting lighting(double deviation) {
        double[] scaled = Arrays.stream(eigenvalues)
                .map(variance -> variance / (WHITE * WHITE))
                .toArray();
        return new Lighting(deviation, scaled, eigenvectors);
    }

    /**
     * Of the same pictures in other channels: grey by Rec. 601's luma, or grey repeated.
     *
     * @param wanted 1 or 3
     */
    public ColourStatistics forChannels(int wanted) {
        if (wanted == channels) {
            return this;
        }
        double[][] covariance = new double[channels][channels];
        for (int axis = 0; axis < channels; axis++) {
            for (int i = 0; i < channels; i++) {
                for (int j = 0; j < channels; j++) {
                    covariance[i][j] += eigenvalues[axis] * eigenvectors[axis][i] * eigenvectors[axis][j];
                }
            }
        }
        double[][] other = new double[wanted][wanted];
        double[] means = new double[wanted];
        if (wanted == 1) {
            for (int i = 0; i < channels; i++) {
                means[0] += LUMA[i] * mean[i];
                for (int j = 0; j < channels; j++) {
                    other[0][0] += LUMA[i] * LUMA[j] * covariance[i][j];
                }
            }
        } else {
            Arrays.fill(means, mean[0]);
            Arrays.stream(other).forEach(row -> Arrays.fill(row, covariance[0][0]));
        }
        return of(means, other);
    }

    static ColourStatistics of(int channels, long pixels, long[] sums, long[][] products) {
        double[][] covariance = new double[channels][channels];
        for (int i = 0; i < channels; i++) {
            for (int j = i; j < channels; j++) {
                covariance[i][j] = covariance(pixels, sums[i], sums[j], products[i][j]);
                covariance[j][i] = covariance[i][j];
            }
        }
        double[] mean = new double[channels];
        for (int c = 0; c < channels; c++) {
            mean[c] = (double) sums[c] / pixels;
        }
        return of(mean, covariance);
    }

    /** @param covariance becomes diagonal */
    private static ColourStatistics of(double[] mean, double[][] covariance) {
        int channels = mean.length;
        double[] deviation = new double[channels];
        for (int c = 0; c < channels; c++) {
            deviation[c] = covariance[c][c] > 0 ? Math.sqrt(covariance[c][c]) : 1;
        }
        double[][] axes = diagonalize(covariance);
        int[] order = IntStream.range(0, channels)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -covariance[i][i]))
                .mapToInt(Integer::intValue)
                .toArray();
        return new ColourStatistics(
                channels,
                mean,
                deviation,
                Arrays.stream(order)
                        .mapToDouble(i -> Math.max(0, covariance[i][i]))
                        .toArray(),
                Arrays.stream(order).mapToObj(i -> signed(axes[i])).toArray(double[][]::new));
    }

    /** (n sum(xy) - sum(x) sum(y)) / n^2, exact before the division: in floating point the difference would lose digits. */
    private static double covariance(long pixels, long sumX, long sumY, long sumXY) {
        BigInteger n = BigInteger.valueOf(pixels);
        BigInteger scaled = n.multiply(BigInteger.valueOf(sumXY))
                .subtract(BigInteger.valueOf(sumX).multiply(BigInteger.valueOf(sumY)));
        return new BigDecimal(scaled)
                .divide(new BigDecimal(n.multiply(n)), MathContext.DECIMAL128)
                .doubleValue();
    }

    /**
     * Jacobi's method (Golub and Van Loan, Matrix Computations, 8.5).
     *
     * @param symmetric becomes diagonal
     * @return an axis a row, for each element of the diagonal
     */
    private static double[][] diagonalize(double[][] symmetric) {
        int n = symmetric.length;
        double[][] axes = new double[n][n];
        for (int i = 0; i < n; i++) {
            axes[i][i] = 1;
        }
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            for (int p = 0; p < n; p++) {
                for (int q = p + 1; q < n; q++) {
                    rotate(symmetric, axes, p, q);
                }
            }
        }
        return axes;
    }

    private static void rotate(double[][] a, double[][] axes, int p, int q) {
        if (a[p][q] == 0) {
            return;
        }
        double tau = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
        double c = 1 / Math.sqrt(1 + t * t);
        double s = t * c;
        double off = a[p][q];
        a[p][p] -= t * off;
        a[q][q] += t * off;
        a[p][q] = 0;
        a[q][p] = 0;
        for (int k = 0; k < a.length; k++) {
            if (k != p && k != q) {
                double kp = a[k][p];
                double kq = a[k][q];
                a[k][p] = c * kp - s * kq;
                a[p][k] = a[k][p];
                a[k][q] = s * kp + c * kq;
                a[q][k] = a[k][q];
            }
            double vp = axes[p][k];
            double vq = axes[q][k];
            axes[p][k] = c * vp - s * vq;
            axes[q][k] = s * vp + c * vq;
        }
    }

    private static double[] signed(double[] axis) {
        double largest = 0;
        for (double element : axis) {
            largest = Math.abs(element) > Math.abs(largest) ? element : largest;
        }
        double sign = largest < 0 ? -1 : 1;
        return Arrays.stream(axis).map(element -> element * sign + 0.0).toArray();
    }
}
