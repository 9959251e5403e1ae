package org.starling.kernels.winograd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/** Winograd's input transform of 8 values on the Vector API, with the points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity. */
abstract class VectorInput8 extends TileTransform {
    private static final VectorSpecies<Float> SPECIES = VectorWidth.SPECIES;
    private static final int LANES = SPECIES.length();

    VectorInput8(int outputs, int filter) {
        super(outputs, filter);
    }

    @Override
    void inputPass(int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        FloatVector k0 = FloatVector.broadcast(SPECIES, -5.25f);
        FloatVector k1 = FloatVector.broadcast(SPECIES, 5.25f);
        FloatVector k2 = FloatVector.broadcast(SPECIES, -4.25f);
        FloatVector k3 = FloatVector.broadcast(SPECIES, -1.25f);
        FloatVector k4 = FloatVector.broadcast(SPECIES, 0.25f);
        FloatVector k5 = FloatVector.broadcast(SPECIES, 2f);
        FloatVector k6 = FloatVector.broadcast(SPECIES, -2f);
        FloatVector k7 = FloatVector.broadcast(SPECIES, -5f);
        FloatVector k8 = FloatVector.broadcast(SPECIES, 4f);
        FloatVector k9 = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector k10 = FloatVector.broadcast(SPECIES, -0.5f);
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
                FloatVector t1 = k0.fma(x4, x6);
                FloatVector t2 = k1.fma(x2, t1);
                FloatVector t3 = t2.sub(x0);
                FloatVector t4 = k2.fma(x4, x6);
                FloatVector t5 = x2.add(t4);
                FloatVector t6 = k2.fma(x3, x5);
                FloatVector t7 = x1.add(t6);
                FloatVector t8 = t7.add(t5);
                FloatVector t9 = t5.sub(t7);
                FloatVector t10 = k3.fma(x4, x6);
                FloatVector t11 = k4.fma(x2, t10);
                FloatVector t12 = k3.fma(x3, x5);
                FloatVector t13 = k4.fma(x1, t12);
                FloatVector t14 = k5.fma(t13, t11);
                FloatVector t15 = k6.fma(t13, t11);
                FloatVector t16 = k7.fma(x4, x6);
                FloatVector t17 = k8.fma(x2, t16);
                FloatVector t18 = k7.fma(x3, x5);
                FloatVector t19 = k8.fma(x1, t18);
                FloatVector t20 = k9.fma(t19, t17);
                FloatVector t21 = k10.fma(t19, t17);
                FloatVector t22 = k0.fma(x5, x7);
                FloatVector t23 = k1.fma(x3, t22);
                FloatVector t24 = t23.sub(x1);
                t3.intoArray(y, to);
                t8.intoArray(y, to + yStep);
                t9.intoArray(y, to + 2 * yStep);
                t14.intoArray(y, to + 3 * yStep);
                t15.intoArray(y, to + 4 * yStep);
                t20.intoArray(y, to + 5 * yStep);
                t21.intoArray(y, to + 6 * yStep);
                t24.intoArray(y, to + 7 * yStep);
            }
        }
    }
}
