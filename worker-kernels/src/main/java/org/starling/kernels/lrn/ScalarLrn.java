package org.starling.kernels.lrn;

/** Local response normalization in plain Java. Values from {@code first} on, so that it also finishes what whole vectors leave over. */
final class ScalarLrn implements LrnKernel {
    @Override
    public void square(int length, float[] x, int xo, float[] row, int ro) {
        squareFrom(0, length, x, xo, row, ro);
    }

    static void squareFrom(int first, int length, float[] x, int xo, float[] row, int ro) {
        for (int i = first; i < length; i++) {
            row[ro + i] = x[xo + i] * x[xo + i];
        }
    }

    @Override
    public void windowSums(int length, int n, float[] row, int ro, float[] sums, int at) {
        windowSumsFrom(0, length, n, row, ro, sums, at);
    }

    static void windowSumsFrom(int first, int length, int n, float[] row, int ro, float[] sums, int at) {
        for (int i = first; i < length; i++) {
            float sum = 0;
            for (int j = 0; j < n; j++) {
                sum += row[ro + i + j];
            }
            sums[at + i] = sum;
        }
    }

    @Override
    public void denominators(int length, float k, float alpha, float[] d) {
        denominatorsFrom(0, length, k, alpha, d);
    }

    static void denominatorsFrom(int first, int length, float k, float alpha, float[] d) {
        for (int i = first; i < length; i++) {
            d[i] = Math.fma(alpha, d[i], k);
        }
    }

    @Override
    public void power(int length, int quarters, float[] d, float[] p) {
        powerFrom(0, length, quarters, d, p);
    }

    static void powerFrom(int first, int length, int quarters, float[] d, float[] p) {
        for (int i = first; i < length; i++) {
            p[i] = power(quarters, d[i]);
        }
    }

    private static float power(int quarters, float d) {
        return switch (quarters) {
            case 1 -> root(root(d));
            case 2 -> root(d);
            case 3 -> root(d) * root(root(d));
            case 4 -> d;
            default -> throw new IllegalArgumentException("quarters: " + quarters);
        };
    }

    /** Correctly rounded: a double's root keeps enough digits to be rounded again. */
    private static float root(float value) {
        return (float) Math.sqrt(value);
    }

    @Override
    public void divide(int length, float[] x, int xo, float[] p, float[] y, int yo) {
        divideFrom(0, length, x, xo, p, y, yo);
    }

    static void divideFrom(int first, int length, float[] x, int xo, float[] p, float[] y, int yo) {
        for (int i = first; i < length; i++) {
            y[yo + i] = x[xo + i] / p[i];
        }
    }

    @Override
    public void terms(int length, float[] r, float[] x, int at, float[] d, int from, float[] row, int ro) {
        termsFrom(0, length, r, x, at, d, from, row, ro);
    }

    static void termsFrom(
            int first, int length, float[] r, float[] x, int at, float[] d, int from, float[] row, int ro) {
        for (int i = first; i < length; i++) {
            row[ro + i] = r[at + i] * x[at + i] / d[from + i];
        }
    }

    @Override
    public void subtract(int length, float factor, float[] x, float[] sums, float[] dx, int at) {
        subtractFrom(0, length, factor, x, sums, dx, at);
    }

    static void subtractFrom(int first, int length, float factor, float[] x, float[] sums, float[] dx, int at) {
        for (int i = first; i < length; i++) {
            dx[at + i] = Math.fma(-factor, x[at + i] * sums[i], dx[at + i]);
        }
    }
}
