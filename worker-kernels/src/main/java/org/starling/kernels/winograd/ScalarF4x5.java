package org.starling.kernels.winograd;

/** F(4, 5) in plain Java, with the points of {@link ScalarInput8}. */
final class ScalarF4x5 extends ScalarInput8 {
    ScalarF4x5() {
        super(4, 5);
    }

    @Override
    void outputPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = 2f;
        float k1 = 0.5f;
        float k2 = 4f;
        float k3 = 0.25f;
        float k4 = 8f;
        float k5 = 0.125f;
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
                float s0 = x1 + x2;
                float s1 = x3 + x4;
                float s2 = x5 + x6;
                float d0 = x1 - x2;
                float d1 = x3 - x4;
                float d2 = x5 - x6;
                float t7 = s0 + x0;
                float t8 = s1 + t7;
                float t9 = s2 + t8;
                float t10 = Math.fma(k0, d1, d0);
                float t11 = Math.fma(k1, d2, t10);
                float t12 = Math.fma(k2, s1, s0);
                float t13 = Math.fma(k3, s2, t12);
                float t14 = d0 + x7;
                float t15 = Math.fma(k4, d1, t14);
                float t16 = Math.fma(k5, d2, t15);
                y[to] = t9;
                y[to + yStep] = t11;
                y[to + 2 * yStep] = t13;
                y[to + 3 * yStep] = t16;
            }
        }
    }

    @Override
    void gradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = 4f;
        float k1 = 2f;
        float k2 = 8f;
        float k3 = 0.25f;
        float k4 = 0.5f;
        float k5 = 0.125f;
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c++) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                float x0 = x[from];
                float x1 = x[from + xStep];
                float x2 = x[from + 2 * xStep];
                float x3 = x[from + 3 * xStep];
                float t1 = x2 + x0;
                float t2 = x3 + x1;
                float t3 = t1 + t2;
                float t4 = t1 - t2;
                float t5 = Math.fma(k0, x2, x0);
                float t6 = k1 * x1;
                float t7 = Math.fma(k2, x3, t6);
                float t8 = t5 + t7;
                float t9 = t5 - t7;
                float t10 = Math.fma(k3, x2, x0);
                float t11 = k4 * x1;
                float t12 = Math.fma(k5, x3, t11);
                float t13 = t10 + t12;
                float t14 = t10 - t12;
                y[to] = x0;
                y[to + yStep] = t3;
                y[to + 2 * yStep] = t4;
                y[to + 3 * yStep] = t8;
                y[to + 4 * yStep] = t9;
                y[to + 5 * yStep] = t13;
                y[to + 6 * yStep] = t14;
                y[to + 7 * yStep] = x3;
            }
        }
    }

    @Override
    void filterPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = -1f;
        float k1 = -2f / 9f;
        float k2 = 4f;
        float k3 = 16f;
        float k4 = 2f;
        float k5 = 8f;
        float k6 = 1f / 90f;
        float k7 = 0.25f;
        float k8 = 0.0625f;
        float k9 = 0.5f;
        float k10 = 0.125f;
        float k11 = 32f / 45f;
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c++) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                float x0 = x[from];
                float x1 = x[from + xStep];
                float x2 = x[from + 2 * xStep];
                float x3 = x[from + 3 * xStep];
                float x4 = x[from + 4 * xStep];
                float t1 = k0 * x0;
                float t2 = x2 + x0;
                float t3 = x4 + t2;
                float t4 = x3 + x1;
                float t5 = t3 + t4;
                float t6 = k1 * t5;
                float t7 = t3 - t4;
                float t8 = k1 * t7;
                float t9 = Math.fma(k2, x2, x0);
                float t10 = Math.fma(k3, x4, t9);
                float t11 = k4 * x1;
                float t12 = Math.fma(k5, x3, t11);
                float t13 = t10 + t12;
                float t14 = k6 * t13;
                float t15 = t10 - t12;
                float t16 = k6 * t15;
                float t17 = Math.fma(k7, x2, x0);
                float t18 = Math.fma(k8, x4, t17);
                float t19 = k9 * x1;
                float t20 = Math.fma(k10, x3, t19);
                float t21 = t18 + t20;
                float t22 = k11 * t21;
                float t23 = t18 - t20;
                float t24 = k11 * t23;
                y[to] = t1;
                y[to + yStep] = t6;
                y[to + 2 * yStep] = t8;
                y[to + 3 * yStep] = t14;
                y[to + 4 * yStep] = t16;
                y[to + 5 * yStep] = t22;
                y[to + 6 * yStep] = t24;
                y[to + 7 * yStep] = x4;
            }
        }
    }

    @Override
    void filterGradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = -1f;
        float k1 = -2f / 9f;
        float k2 = 1f / 90f;
        float k3 = 32f / 45f;
        float k4 = 2f;
        float k5 = 0.5f;
        float k6 = 4f;
        float k7 = 0.25f;
        float k8 = 8f;
        float k9 = 0.125f;
        float k10 = 16f;
        float k11 = 0.0625f;
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
                float t1 = k0 * x0;
                float t2 = k1 * x1;
                float t3 = k1 * x2;
                float t4 = k2 * x3;
                float t5 = k2 * x4;
                float t6 = k3 * x5;
                float t7 = k3 * x6;
                float s0 = t2 + t3;
                float s1 = t4 + t5;
                float s2 = t6 + t7;
                float d0 = t2 - t3;
                float d1 = t4 - t5;
                float d2 = t6 - t7;
                float t14 = s0 + t1;
                float t15 = s1 + t14;
                float t16 = s2 + t15;
                float t17 = Math.fma(k4, d1, d0);
                float t18 = Math.fma(k5, d2, t17);
                float t19 = Math.fma(k6, s1, s0);
                float t20 = Math.fma(k7, s2, t19);
                float t21 = Math.fma(k8, d1, d0);
                float t22 = Math.fma(k9, d2, t21);
                float t23 = s0 + x7;
                float t24 = Math.fma(k10, s1, t23);
                float t25 = Math.fma(k11, s2, t24);
                y[to] = t16;
                y[to + yStep] = t18;
                y[to + 2 * yStep] = t20;
                y[to + 3 * yStep] = t22;
                y[to + 4 * yStep] = t25;
            }
        }
    }
}
