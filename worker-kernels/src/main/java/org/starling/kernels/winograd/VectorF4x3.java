package org.starling.kernels.winograd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/** F(4, 3) on the Vector API, with the points 0, 3/4, -3/4, 3/2, -3/2 and infinity. */
final class VectorF4x3 extends TileTransform {
    private static final VectorSpecies<Float> SPECIES = VectorWidth.SPECIES;
    private static final int LANES = SPECIES.length();

    VectorF4x3() {
        super(4, 3);
    }

    @Override
    void inputPass(int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, -2.8125f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, 1.265625f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, -2.25f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, 0.75f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, -0.75f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, -0.5625f);
        FloatVector k6 = FloatVector.broadcast(SPECIES, 1.5f);
        FloatVector k7 = FloatVector.broadcast(SPECIES, -1.5f);
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c += LANES) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, from);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, from + xStep);
                FloatVector x2 = FloatVector.fromArray(SPECIES, x, from + 2 * xStep);
                FloatVector x3 = FloatVector.fromArray(SPECIES, x, from + 3 * xStep);
                FloatVector x4 = FloatVector.fromArray(SPECIES, x, from + 4 * xStep);
                FloatVector x5 = FloatVector.fromArray(SPECIES, x, from + 5 * xStep);
                FloatVector t1 = k0.fma(x2, x4);
                FloatVector t2 = k1.fma(x0, t1);
                FloatVector t3 = k2.fma(x2, x4);
                FloatVector t4 = k2.fma(x1, x3);
                FloatVector t5 = k3.fma(t4, t3);
                FloatVector t6 = k4.fma(t4, t3);
                FloatVector t7 = k5.fma(x2, x4);
                FloatVector t8 = k5.fma(x1, x3);
                FloatVector t9 = k6.fma(t8, t7);
                FloatVector t10 = k7.fma(t8, t7);
                FloatVector t11 = k0.fma(x3, x5);
                FloatVector t12 = k1.fma(x1, t11);
                t2.intoArray(y, to);
                t5.intoArray(y, to + yStep);
                t6.intoArray(y, to + 2 * yStep);
                t9.intoArray(y, to + 3 * yStep);
                t10.intoArray(y, to + 4 * yStep);
                t12.intoArray(y, to + 5 * yStep);
            }
        }
    }

    @Override
    void outputPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, 0.75f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, 1.5f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, 0.5625f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, 2.25f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 0.421875f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 3.375f);
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c += LANES) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, from);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, from + xStep);
                FloatVector x2 = FloatVector.fromArray(SPECIES, x, from + 2 * xStep);
                FloatVector x3 = FloatVector.fromArray(SPECIES, x, from + 3 * xStep);
                FloatVector x4 = FloatVector.fromArray(SPECIES, x, from + 4 * xStep);
                FloatVector x5 = FloatVector.fromArray(SPECIES, x, from + 5 * xStep);
                FloatVector s0 = x1.add(x2);
                FloatVector s1 = x3.add(x4);
                FloatVector d0 = x1.sub(x2);
                FloatVector d1 = x3.sub(x4);
                FloatVector t5 = s0.add(x0);
                FloatVector t6 = s1.add(t5);
                FloatVector t7 = k0.mul(d0);
                FloatVector t8 = k1.fma(d1, t7);
                FloatVector t9 = k2.mul(s0);
                FloatVector t10 = k3.fma(s1, t9);
                FloatVector t11 = k4.fma(d0, x5);
                FloatVector t12 = k5.fma(d1, t11);
                t6.intoArray(y, to);
                t8.intoArray(y, to + yStep);
                t10.intoArray(y, to + 2 * yStep);
                t12.intoArray(y, to + 3 * yStep);
            }
        }
    }

    @Override
    void gradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, 0.5625f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, 0.75f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, 0.421875f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, 2.25f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 1.5f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 3.375f);
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c += LANES) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, from);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, from + xStep);
                FloatVector x2 = FloatVector.fromArray(SPECIES, x, from + 2 * xStep);
                FloatVector x3 = FloatVector.fromArray(SPECIES, x, from + 3 * xStep);
                FloatVector t1 = k0.fma(x2, x0);
                FloatVector t2 = k1.mul(x1);
                FloatVector t3 = k2.fma(x3, t2);
                FloatVector t4 = t1.add(t3);
                FloatVector t5 = t1.sub(t3);
                FloatVector t6 = k3.fma(x2, x0);
                FloatVector t7 = k4.mul(x1);
                FloatVector t8 = k5.fma(x3, t7);
                FloatVector t9 = t6.add(t8);
                FloatVector t10 = t6.sub(t8);
                x0.intoArray(y, to);
                t4.intoArray(y, to + yStep);
                t5.intoArray(y, to + 2 * yStep);
                t9.intoArray(y, to + 3 * yStep);
                t10.intoArray(y, to + 4 * yStep);
                x3.intoArray(y, to + 5 * yStep);
            }
        }
    }

    @Override
    void filterPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, 64f / 81f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, 0.5625f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, 0.75f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, -128f / 243f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 2.25f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 1.5f);
        FloatVector k6 = FloatVector.broadcast(SPECIES, 32f / 243f);
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c += LANES) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, from);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, from + xStep);
                FloatVector x2 = FloatVector.fromArray(SPECIES, x, from + 2 * xStep);
                FloatVector t1 = k0.mul(x0);
                FloatVector t2 = k1.fma(x2, x0);
                FloatVector t3 = k2.mul(x1);
                FloatVector t4 = t2.add(t3);
                FloatVector t5 = k3.mul(t4);
                FloatVector t6 = t2.sub(t3);
                FloatVector t7 = k3.mul(t6);
                FloatVector t8 = k4.fma(x2, x0);
                FloatVector t9 = k5.mul(x1);
                FloatVector t10 = t8.add(t9);
                FloatVector t11 = k6.mul(t10);
                FloatVector t12 = t8.sub(t9);
                FloatVector t13 = k6.mul(t12);
                t1.intoArray(y, to);
                t5.intoArray(y, to + yStep);
                t7.intoArray(y, to + 2 * yStep);
                t11.intoArray(y, to + 3 * yStep);
                t13.intoArray(y, to + 4 * yStep);
                x2.intoArray(y, to + 5 * yStep);
            }
        }
    }

    @Override
    void filterGradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, 64f / 81f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, -128f / 243f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, 32f / 243f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, 0.75f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 1.5f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 0.5625f);
        FloatVector k6 = FloatVector.broadcast(SPECIES, 2.25f);
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c += LANES) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, from);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, from + xStep);
                FloatVector x2 = FloatVector.fromArray(SPECIES, x, from + 2 * xStep);
                FloatVector x3 = FloatVector.fromArray(SPECIES, x, from + 3 * xStep);
                FloatVector x4 = FloatVector.fromArray(SPECIES, x, from + 4 * xStep);
                FloatVector x5 = FloatVector.fromArray(SPECIES, x, from + 5 * xStep);
                FloatVector t1 = k0.mul(x0);
                FloatVector t2 = k1.mul(x1);
                FloatVector t3 = k1.mul(x2);
                FloatVector t4 = k2.mul(x3);
                FloatVector t5 = k2.mul(x4);
                FloatVector s0 = t2.add(t3);
                FloatVector s1 = t4.add(t5);
                FloatVector d0 = t2.sub(t3);
                FloatVector d1 = t4.sub(t5);
                FloatVector t10 = s0.add(t1);
                FloatVector t11 = s1.add(t10);
                FloatVector t12 = k3.mul(d0);
                FloatVector t13 = k4.fma(d1, t12);
                FloatVector t14 = k5.fma(s0, x5);
                FloatVector t15 = k6.fma(s1, t14);
                t11.intoArray(y, to);
                t13.intoArray(y, to + yStep);
                t15.intoArray(y, to + 2 * yStep);
            }
        }
    }
}
