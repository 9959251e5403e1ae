package org.starling.kernels.winograd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/** F(5, 3) on the Vector API, with the points 0, 1, -1, 1/2, -1/2, 2 and infinity. */
final class VectorF5x3 extends TileTransform {
    private static final VectorSpecies<Float> SPECIES = VectorWidth.SPECIES;
    private static final int LANES = SPECIES.length();

    VectorF5x3() {
        super(5, 3);
    }

    @Override
    void inputPass(int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, -2f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, -1.25f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, 0.25f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, -0.25f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, -0.5f);
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
                FloatVector x6 = FloatVector.fromArray(SPECIES, x, from + 6 * xStep);
                FloatVector e0 = k0.fma(x0, x1);
                FloatVector e1 = k0.fma(x1, x2);
                FloatVector e2 = k0.fma(x2, x3);
                FloatVector e3 = k0.fma(x3, x4);
                FloatVector e4 = k0.fma(x4, x5);
                FloatVector e5 = k0.fma(x5, x6);
                FloatVector t7 = k1.fma(e2, e4);
                FloatVector t8 = k2.fma(e0, t7);
                FloatVector t9 = k3.fma(e2, e4);
                FloatVector t10 = k3.fma(e1, e3);
                FloatVector t11 = t10.add(t9);
                FloatVector t12 = t9.sub(t10);
                FloatVector t13 = e4.sub(e2);
                FloatVector t14 = e3.sub(e1);
                FloatVector t15 = k4.fma(t14, t13);
                FloatVector t16 = k5.fma(t14, t13);
                FloatVector t17 = k1.fma(x3, x5);
                FloatVector t18 = k2.fma(x1, t17);
                FloatVector t19 = k1.fma(e3, e5);
                FloatVector t20 = k2.fma(e1, t19);
                t8.intoArray(y, to);
                t11.intoArray(y, to + yStep);
                t12.intoArray(y, to + 2 * yStep);
                t15.intoArray(y, to + 3 * yStep);
                t16.intoArray(y, to + 4 * yStep);
                t18.intoArray(y, to + 5 * yStep);
                t20.intoArray(y, to + 6 * yStep);
            }
        }
    }

    @Override
    void outputPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, 2f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, 0.25f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, 4f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 0.125f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 8f);
        FloatVector k6 = FloatVector.broadcast(SPECIES, 0.0625f);
        FloatVector k7 = FloatVector.broadcast(SPECIES, 16f);
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
                FloatVector x6 = FloatVector.fromArray(SPECIES, x, from + 6 * xStep);
                FloatVector s0 = x1.add(x2);
                FloatVector s1 = x3.add(x4);
                FloatVector d0 = x1.sub(x2);
                FloatVector d1 = x3.sub(x4);
                FloatVector t5 = s0.add(x0);
                FloatVector t6 = s1.add(t5);
                FloatVector t7 = x5.add(t6);
                FloatVector t8 = k0.fma(d1, d0);
                FloatVector t9 = k1.fma(x5, t8);
                FloatVector t10 = k2.fma(s1, s0);
                FloatVector t11 = k3.fma(x5, t10);
                FloatVector t12 = k4.fma(d1, d0);
                FloatVector t13 = k5.fma(x5, t12);
                FloatVector t14 = s0.add(x6);
                FloatVector t15 = k6.fma(s1, t14);
                FloatVector t16 = k7.fma(x5, t15);
                t7.intoArray(y, to);
                t9.intoArray(y, to + yStep);
                t11.intoArray(y, to + 2 * yStep);
                t13.intoArray(y, to + 3 * yStep);
                t16.intoArray(y, to + 4 * yStep);
            }
        }
    }

    @Override
    void gradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, 0.25f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, 0.0625f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, 0.125f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 4f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 16f);
        FloatVector k6 = FloatVector.broadcast(SPECIES, 2f);
        FloatVector k7 = FloatVector.broadcast(SPECIES, 8f);
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c += LANES) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, from);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, from + xStep);
                FloatVector x2 = FloatVector.fromArray(SPECIES, x, from + 2 * xStep);
                FloatVector x3 = FloatVector.fromArray(SPECIES, x, from + 3 * xStep);
                FloatVector x4 = FloatVector.fromArray(SPECIES, x, from + 4 * xStep);
                FloatVector t1 = x2.add(x0);
                FloatVector t2 = x4.add(t1);
                FloatVector t3 = x3.add(x1);
                FloatVector t4 = t2.add(t3);
                FloatVector t5 = t2.sub(t3);
                FloatVector t6 = k0.fma(x2, x0);
                FloatVector t7 = k1.fma(x4, t6);
                FloatVector t8 = k2.mul(x1);
                FloatVector t9 = k3.fma(x3, t8);
                FloatVector t10 = t7.add(t9);
                FloatVector t11 = t7.sub(t9);
                FloatVector t12 = k4.fma(x2, x0);
                FloatVector t13 = k5.fma(x4, t12);
                FloatVector t14 = k6.mul(x1);
                FloatVector t15 = k7.fma(x3, t14);
                FloatVector t16 = t13.add(t15);
                x0.intoArray(y, to);
                t4.intoArray(y, to + yStep);
                t5.intoArray(y, to + 2 * yStep);
                t10.intoArray(y, to + 3 * yStep);
                t11.intoArray(y, to + 4 * yStep);
                t16.intoArray(y, to + 5 * yStep);
                x4.intoArray(y, to + 6 * yStep);
            }
        }
    }

    @Override
    void filterPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, -2f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, -2f / 3f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, -2f / 9f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, 0.25f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 16f / 9f);
        FloatVector k6 = FloatVector.broadcast(SPECIES, 16f / 15f);
        FloatVector k7 = FloatVector.broadcast(SPECIES, 4f);
        FloatVector k8 = FloatVector.broadcast(SPECIES, 2f);
        FloatVector k9 = FloatVector.broadcast(SPECIES, 2f / 45f);
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c += LANES) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, from);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, from + xStep);
                FloatVector x2 = FloatVector.fromArray(SPECIES, x, from + 2 * xStep);
                FloatVector t1 = k0.mul(x0);
                FloatVector t2 = x2.add(x0);
                FloatVector t3 = t2.add(x1);
                FloatVector t4 = k1.mul(t3);
                FloatVector t5 = t2.sub(x1);
                FloatVector t6 = k2.mul(t5);
                FloatVector t7 = k3.fma(x2, x0);
                FloatVector t8 = k4.mul(x1);
                FloatVector t9 = t7.add(t8);
                FloatVector t10 = k5.mul(t9);
                FloatVector t11 = t7.sub(t8);
                FloatVector t12 = k6.mul(t11);
                FloatVector t13 = k7.fma(x2, x0);
                FloatVector t14 = k8.mul(x1);
                FloatVector t15 = t13.add(t14);
                FloatVector t16 = k9.mul(t15);
                t1.intoArray(y, to);
                t4.intoArray(y, to + yStep);
                t6.intoArray(y, to + 2 * yStep);
                t10.intoArray(y, to + 3 * yStep);
                t12.intoArray(y, to + 4 * yStep);
                t16.intoArray(y, to + 5 * yStep);
                x2.intoArray(y, to + 6 * yStep);
            }
        }
    }

    @Override
    void filterGradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, -2f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, -2f / 3f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, -2f / 9f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, 16f / 9f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 16f / 15f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 2f / 45f);
        FloatVector k6 = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector k7 = FloatVector.broadcast(SPECIES, 2f);
        FloatVector k8 = FloatVector.broadcast(SPECIES, 0.25f);
        FloatVector k9 = FloatVector.broadcast(SPECIES, 4f);
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
                FloatVector x6 = FloatVector.fromArray(SPECIES, x, from + 6 * xStep);
                FloatVector t1 = k0.mul(x0);
                FloatVector t2 = k1.mul(x1);
                FloatVector t3 = k2.mul(x2);
                FloatVector t4 = k3.mul(x3);
                FloatVector t5 = k4.mul(x4);
                FloatVector t6 = k5.mul(x5);
                FloatVector s0 = t2.add(t3);
                FloatVector s1 = t4.add(t5);
                FloatVector d0 = t2.sub(t3);
                FloatVector d1 = t4.sub(t5);
                FloatVector t11 = s0.add(t1);
                FloatVector t12 = s1.add(t11);
                FloatVector t13 = t6.add(t12);
                FloatVector t14 = k6.fma(d1, d0);
                FloatVector t15 = k7.fma(t6, t14);
                FloatVector t16 = s0.add(x6);
                FloatVector t17 = k8.fma(s1, t16);
                FloatVector t18 = k9.fma(t6, t17);
                t13.intoArray(y, to);
                t15.intoArray(y, to + yStep);
                t18.intoArray(y, to + 2 * yStep);
            }
        }
    }
}
