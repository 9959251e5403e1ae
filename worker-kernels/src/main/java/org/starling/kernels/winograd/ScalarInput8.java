package org.starling.kernels.winograd;

/** Winograd's input transform of 8 values in plain Java, with the points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity. */
abstract class ScalarInput8 extends TileTransform {
    ScalarInput8(int outputs, int filter) {
        super(outputs, filter);
    }

    @Override
    void inputPass(int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = -5.25f;
        float k1 = 5.25f;
        float k2 = -4.25f;
        float k3 = -1.25f;
        float k4 = 0.25f;
        float k5 = 2f;
        float k6 = -2f;
        float k7 = -5f;
        float k8 = 4f;
        float k9 = 0.5f;
        float k10 = -0.5f;
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c++) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                float x0 = x[from];
                float x1 = x[from + xStep];
                float x2 = x[from + 2 * xStep];
                float x3 = x[from + 3 * xStep];
                float x4 = x[from + 4 * xStep];
                float x5 = x[from + 5 * xStep];
                float x6 = x[from + 6 * xStep];
                float x7 = x[from + 7 * xStep];
                float t1 = Math.fma(k0, x4, x6);
                float t2 = Math.fma(k1, x2, t1);
                float t3 = t2 - x0;
                float t4 = Math.fma(k2, x4, x6);
                float t5 = x2 + t4;
                float t6 = Math.fma(k2, x3, x5);
                float t7 = x1 + t6;
                float t8 = t7 + t5;
                float t9 = t5 - t7;
                float t10 = Math.fma(k3, x4, x6);
                float t11 = Math.fma(k4, x2, t10);
                float t12 = Math.fma(k3, x3, x5);
                float t13 = Math.fma(k4, x1, t12);
                float t14 = Math.fma(k5, t13, t11);
                float t15 = Math.fma(k6, t13, t11);
                float t16 = Math.fma(k7, x4, x6);
                float t17 = Math.fma(k8, x2, t16);
                float t18 = Math.fma(k7, x3, x5);
                float t19 = Math.fma(k8, x1, t18);
                float t20 = Math.fma(k9, t19, t17);
                float t21 = Math.fma(k10, t19, t17);
                float t22 = Math.fma(k0, x5, x7);
                float t23 = Math.fma(k1, x3, t22);
                float t24 = t23 - x1;
                y[to] = t3;
                y[to + yStep] = t8;
                y[to + 2 * yStep] = t9;
                y[to + 3 * yStep] = t14;
                y[to + 4 * yStep] = t15;
                y[to + 5 * yStep] = t20;
                y[to + 6 * yStep] = t21;
                y[to + 7 * yStep] = t24;
            }
        }
    }
}
