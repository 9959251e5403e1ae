package org.starling.kernels.winograd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/** F(4, 5) on the Vector API, with the points of {@link VectorInput8}. */
final class VectorF4x5 extends VectorInput8 {
    private static final VectorSpecies<Float> SPECIES = VectorWidth.SPECIES;
    private static final int LANES = SPECIES.length();

    VectorF4x5() {
        super(4, 5);
    }

    @Override
    void outputPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, 2f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, 4f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, 0.25f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 8f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 0.125f);
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
                FloatVector x7 = FloatVector.fromArray(SPECIES, x, from + 7 * xStep);
                FloatVector s0 = x1.add(x2);
                FloatVector s1 = x3.add(x4);
                FloatVector s2 = x5.add(x6);
                FloatVector d0 = x1.sub(x2);
                FloatVector d1 = x3.sub(x4);
                FloatVector d2 = x5.sub(x6);
                FloatVector t7 = s0.add(x0);
                FloatVector t8 = s1.add(t7);
                FloatVector t9 = s2.add(t8);
                FloatVector t10 = k0.fma(d1, d0);
                FloatVector t11 = k1.fma(d2, t10);
                FloatVector t12 = k2.fma(s1, s0);
                FloatVector t13 = k3.fma(s2, t12);
                FloatVector t14 = d0.add(x7);
                FloatVector t15 = k4.fma(d1, t14);
                FloatVector t16 = k5.fma(d2, t15);
                t9.intoArray(y, to);
                t11.intoArray(y, to + yStep);
                t13.intoArray(y, to + 2 * yStep);
                t16.intoArray(y, to + 3 * yStep);
            }
        }
    }

    @Override
    void gradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, 4f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, 2f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, 8f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, 0.25f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 0.125f);
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c += LANES) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, from);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, from + xStep);
                FloatVector x2 = FloatVector.fromArray(SPECIES, x, from + 2 * xStep);
                FloatVector x3 = FloatVector.fromArray(SPECIES, x, from + 3 * xStep);
                FloatVector t1 = x2.add(x0);
                FloatVector t2 = x3.add(x1);
                FloatVector t3 = t1.add(t2);
                FloatVector t4 = t1.sub(t2);
                FloatVector t5 = k0.fma(x2, x0);
                FloatVector t6 = k1.mul(x1);
                FloatVector t7 = k2.fma(x3, t6);
                FloatVector t8 = t5.add(t7);
                FloatVector t9 = t5.sub(t7);
                FloatVector t10 = k3.fma(x2, x0);
                FloatVector t11 = k4.mul(x1);
                FloatVector t12 = k5.fma(x3, t11);
                FloatVector t13 = t10.add(t12);
                FloatVector t14 = t10.sub(t12);
                x0.intoArray(y, to);
                t3.intoArray(y, to + yStep);
                t4.intoArray(y, to + 2 * yStep);
                t8.intoArray(y, to + 3 * yStep);
                t9.intoArray(y, to + 4 * yStep);
                t13.intoArray(y, to + 5 * yStep);
                t14.intoArray(y, to + 6 * yStep);
                x3.intoArray(y, to + 7 * yStep);
            }
        }
    }

    @Override
    void filterPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, -1f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, -2f / 9f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, 4f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, 16f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 2f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 8f);
        FloatVector k6 = FloatVector.broadcast(SPECIES, 1f / 90f);
        FloatVector k7 = FloatVector.broadcast(SPECIES, 0.25f);
        FloatVector k8 = FloatVector.broadcast(SPECIES, 0.0625f);
        FloatVector k9 = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector k10 = FloatVector.broadcast(SPECIES, 0.125f);
        FloatVector k11 = FloatVector.broadcast(SPECIES, 32f / 45f);
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c += LANES) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, from);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, from + xStep);
                FloatVector x2 = FloatVector.fromArray(SPECIES, x, from + 2 * xStep);
                FloatVector x3 = FloatVector.fromArray(SPECIES, x, from + 3 * xStep);
                FloatVector x4 = FloatVector.fromArray(SPECIES, x, from + 4 * xStep);
                FloatVector t1 = k0.mul(x0);
                FloatVector t2 = x2.add(x0);
                FloatVector t3 = x4.add(t2);
                FloatVector t4 = x3.add(x1);
                FloatVector t5 = t3.add(t4);
                FloatVector t6 = k1.mul(t5);
                FloatVector t7 = t3.sub(t4);
                FloatVector t8 = k1.mul(t7);
                FloatVector t9 = k2.fma(x2, x0);
                FloatVector t10 = k3.fma(x4, t9);
                FloatVector t11 = k4.mul(x1);
                FloatVector t12 = k5.fma(x3, t11);
                FloatVector t13 = t10.add(t12);
                FloatVector t14 = k6.mul(t13);
                FloatVector t15 = t10.sub(t12);
                FloatVector t16 = k6.mul(t15);
                FloatVector t17 = k7.fma(x2, x0);
                FloatVector t18 = k8.fma(x4, t17);
                FloatVector t19 = k9.mul(x1);
                FloatVector t20 = k10.fma(x3, t19);
                FloatVector t21 = t18.add(t20);
                FloatVector t22 = k11.mul(t21);
                FloatVector t23 = t18.sub(t20);
                FloatVector t24 = k11.mul(t23);
                t1.intoArray(y, to);
                t6.intoArray(y, to + yStep);
                t8.intoArray(y, to + 2 * yStep);
                t14.intoArray(y, to + 3 * yStep);
                t16.intoArray(y, to + 4 * yStep);
                t22.intoArray(y, to + 5 * yStep);
                t24.intoArray(y, to + 6 * yStep);
                x4.intoArray(y, to + 7 * yStep);
            }
        }
    }

    @Override
    void filterGradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, -1f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, -2f / 9f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, 1f / 90f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, 32f / 45f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 2f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector k6 = FloatVector.broadcast(SPECIES, 4f);
        FloatVector k7 = FloatVector.broadcast(SPECIES, 0.25f);
        FloatVector k8 = FloatVector.broadcast(SPECIES, 8f);
        FloatVector k9 = FloatVector.broadcast(SPECIES, 0.125f);
        FloatVector k10 = FloatVector.broadcast(SPECIES, 16f);
        FloatVector k11 = FloatVector.broadcast(SPECIES, 0.0625f);
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
                FloatVector x7 = FloatVector.fromArray(SPECIES, x, from + 7 * xStep);
                FloatVector t1 = k0.mul(x0);
                FloatVector t2 = k1.mul(x1);
                FloatVector t3 = k1.mul(x2);
                FloatVector t4 = k2.mul(x3);
                FloatVector t5 = k2.mul(x4);
                FloatVector t6 = k3.mul(x5);
                FloatVector t7 = k3.mul(x6);
                FloatVector s0 = t2.add(t3);
                FloatVector s1 = t4.add(t5);
                FloatVector s2 = t6.add(t7);
                FloatVector d0 = t2.sub(t3);
                FloatVector d1 = t4.sub(t5);
                FloatVector d2 = t6.sub(t7);
                FloatVector t14 = s0.add(t1);
                FloatVector t15 = s1.add(t14);
                FloatVector t16 = s2.add(t15);
                FloatVector t17 = k4.fma(d1, d0);
                FloatVector t18 = k5.fma(d2, t17);
                FloatVector t19 = k6.fma(s1, s0);
                FloatVector t20 = k7.fma(s2, t19);
                FloatVector t21 = k8.fma(d1, d0);
                FloatVector t22 = k9.fma(d2, t21);
                FloatVector t23 = s0.add(x7);
                FloatVector t24 = k10.fma(s1, t23);
                FloatVector t25 = k11.fma(s2, t24);
                t16.intoArray(y, to);
                t18.intoArray(y, to + yStep);
                t20.intoArray(y, to + 2 * yStep);
                t22.intoArray(y, to + 3 * yStep);
                t25.intoArray(y, to + 4 * yStep);
            }
        }
    }
}
