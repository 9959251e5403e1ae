package org.starling.kernels.winograd;

/** F(6, 3) in plain Java, with the points of {@link ScalarInput8}. */
final class ScalarF6x3 extends ScalarInput8 {
    ScalarF6x3() {
        super(6, 3);
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
        float k6 = 16f;
        float k7 = 0.0625f;
        float k8 = 32f;
        float k9 = 0.03125f;
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
                float t14 = Math.fma(k4, d1, d0);
                float t15 = Math.fma(k5, d2, t14);
                float t16 = Math.fma(k6, s1, s0);
                float t17 = Math.fma(k7, s2, t16);
                float t18 = d0 + x7;
                float t19 = Math.fma(k8, d1, t18);
                float t20 = Math.fma(k9, d2, t19);
                y[to] = t9;
                y[to + yStep] = t11;
                y[to + 2 * yStep] = t13;
                y[to + 3 * yStep] = t15;
                y[to + 4 * yStep] = t17;
                y[to + 5 * yStep] = t20;
            }
        }
    }

    @Override
    void gradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = 4f;
        float k1 = 16f;
        float k2 = 2f;
        float k3 = 8f;
        float k4 = 32f;
        float k5 = 0.25f;
        float k6 = 0.0625f;
        float k7 = 0.5f;
        float k8 = 0.125f;
        float k9 = 0.03125f;
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
                float t1 = x2 + x0;
                float t2 = x4 + t1;
                float t3 = x3 + x1;
                float t4 = x5 + t3;
                float t5 = t2 + t4;
                float t6 = t2 - t4;
                float t7 = Math.fma(k0, x2, x0);
                float t8 = Math.fma(k1, x4, t7);
                float t9 = k2 * x1;
                float t10 = Math.fma(k3, x3, t9);
                float t11 = Math.fma(k4, x5, t10);
                float t12 = t8 + t11;
                float t13 = t8 - t11;
                float t14 = Math.fma(k5, x2, x0);
                float t15 = Math.fma(k6, x4, t14);
                float t16 = k7 * x1;
                float t17 = Math.fma(k8, x3, t16);
                float t18 = Math.fma(k9, x5, t17);
                float t19 = t15 + t18;
                float t20 = t15 - t18;
                y[to] = x0;
                y[to + yStep] = t5;
                y[to + 2 * yStep] = t6;
                y[to + 3 * yStep] = t12;
                y[to + 4 * yStep] = t13;
                y[to + 5 * yStep] = t19;
                y[to + 6 * yStep] = t20;
                y[to + 7 * yStep] = x5;
            }
        }
    }

    @Override
    void filterPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = -1f;
        float k1 = -2f / 9f;
        float k2 = 4f;
        float k3 = 2f;
        float k4 = 1f / 90f;
        float k5 = 0.25f;
        float k6 = 0.5f;
        float k7 = 32f / 45f;
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c++) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                float x0 = x[from];
                float x1 = x[from + xStep];
                float x2 = x[from + 2 * xStep];
                float t1 = k0 * x0;
                float t2 = x2 + x0;
                float t3 = t2 + x1;
                float t4 = k1 * t3;
                float t5 = t2 - x1;
                float t6 = k1 * t5;
                float t7 = Math.fma(k2, x2, x0);
                float t8 = k3 * x1;
                float t9 = t7 + t8;
                float t10 = k4 * t9;
                float t11 = t7 - t8;
                float t12 = k4 * t11;
                float t13 = Math.fma(k5, x2, x0);
                float t14 = k6 * x1;
                float t15 = t13 + t14;
                float t16 = k7 * t15;
                float t17 = t13 - t14;
                float t18 = k7 * t17;
                y[to] = t1;
                y[to + yStep] = t4;
                y[to + 2 * yStep] = t6;
                y[to + 3 * yStep] = t10;
                y[to + 4 * yStep] = t12;
                y[to + 5 * yStep] = t16;
                y[to + 6 * yStep] = t18;
                y[to + 7 * yStep] = x2;
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
                float t19 = s0 + x7;
                float t20 = Math.fma(k6, s1, t19);
                float t21 = Math.fma(k7, s2, t20);
                y[to] = t16;
                y[to + yStep] = t18;
                y[to + 2 * yStep] = t21;
            }
        }
    }
}
