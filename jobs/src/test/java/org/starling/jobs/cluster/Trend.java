package org.starling.jobs.cluster;

import java.util.Arrays;

/**
 * A straight line through points, by least squares.
 *
 * @param slope of it
 * @param error the slope's standard error, from how far the points lie from the line
 * @param points their number
 */
record Trend(double slope, double error, int points) {
    /** @param x at least three, not all the same */
    static Trend of(double[] x, double[] y) {
        int n = x.length;
        double meanX = Arrays.stream(x).average().orElseThrow();
        double meanY = Arrays.stream(y).average().orElseThrow();
        double xx = 0;
        double xy = 0;
        for (int i = 0; i < n; i++) {
            xx += (x[i] - meanX) * (x[i] - meanX);
            xy += (x[i] - meanX) * (y[i] - meanY);
        }
        double slope = xy / xx;
        double residuals = 0;
        for (int i = 0; i < n; i++) {
            double residual = y[i] - meanY - slope * (x[i] - meanX);
            residuals += residual * residual;
        }
        return new Trend(slope, Math.sqrt(residuals / (n - 2) / xx), n);
    }

    /** Whether the slope is more than {@code least} by three standard errors. */
    boolean rises(double least) {
        return slope - 3 * error > least;
    }

    /** Whether a slope of {@code leak} could not have been taken for noise. */
    boolean wouldShow(double leak, double least) {
        return leak - 3 * error > least;
    }
}
