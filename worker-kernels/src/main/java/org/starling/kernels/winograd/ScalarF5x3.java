package org.starling.kernels.winograd;

/** F(5, 3) in plain Java, with the points 0, 1, -1, 1/2, -1/2, 2 and infinity. */
final class ScalarF5x3 extends TileTransform {
    ScalarF5x3() {
        super(5, 3);
    }

    @Override
    void inputPass(int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = -2f;
        float k1 = -1.25f;
        float k2 = 0.25f;
        float k3 = -0.25f;
        float k4 = 0.5f;
        float k5 = -0.5f;
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
                float e0 = Math.fma(k0, x0, x1);
                float e1 = Math.fma(k0, x1, x2);
                float e2 = Math.fma(k0, x2, x3);
                float e3 = Math.fma(k0, x3, x4);
                float e4 = Math.fma(k0, x4, x5);
                float e5 = Math.fma(k0, x5, x6);
                float t7 = Math.fma(k1, e2, e4);
                float t8 = Math.fma(k2, e0, t7);
                float t9 = Math.fma(k3, e2, e4);
                float t10 = Math.fma(k3, e1, e3);
                float t11 = t10 + t9;
                float t12 = t9 - t10;
                float t13 = e4 - e2;
                float t14 = e3 - e1;
                float t15 = Math.fma(k4, t14, t13);
                float t16 = Math.fma(k5, t14, t13);
                float t17 = Math.fma(k1, x3, x5);
                float t18 = Math.fma(k2, x1, t17);
                float t19 = Math.fma(k1, e3, e5);
                float t20 = Math.fma(k2, e1, t19);
                y[to] = t8;
                y[to + yStep] = t11;
                y[to + 2 * yStep] = t12;
                y[to + 3 * yStep] = t15;
                y[to + 4 * yStep] = t16;
                y[to + 5 * yStep] = t18;
                y[to + 6 * yStep] = t20;
            }
        }
    }

    @Override
    void outputPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = 0.5f;
        float k1 = 2f;
        float k2 = 0.25f;
        float k3 = 4f;
        float k4 = 0.125f;
        float k5 = 8f;
        float k6 = 0.0625f;
        float k7 = 16f;
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
                float s0 = x1 + x2;
                float s1 = x3 + x4;
                float d0 = x1 - x2;
                float d1 = x3 - x4;
                float t5 = s0 + x0;
                float t6 = s1 + t5;
                float t7 = x5 + t6;
                float t8 = Math.fma(k0, d1, d0);
                float t9 = Math.fma(k1, x5, t8);
                float t10 = Math.fma(k2, s1, s0);
                float t11 = Math.fma(k3, x5, t10);
                float t12 = Math.fma(k4, d1, d0);
                float t13 = Math.fma(k5, x5, t12);
                float t14 = s0 + x6;
                float t15 = Math.fma(k6, s1, t14);
                float t16 = Math.fma(k7, x5, t15);
                y[to] = t7;
                y[to + yStep] = t9;
                y[to + 2 * yStep] = t11;
                y[to + 3 * yStep] = t13;
                y[to + 4 * yStep] = t16;
            }
        }
    }

    @Override
    void gradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = 0.25f;
        float k1 = 0.0625f;
        float k2 = 0.5f;
        float k3 = 0.125f;
        float k4 = 4f;
        float k5 = 16f;
        float k6 = 2f;
        float k7 = 8f;
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c++) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                float x0 = x[from];
                float x1 = x[from + xStep];
                float x2 = x[from + 2 * xStep];
                float x3 = x[from + 3 * xStep];
                float x4 = x[from + 4 * xStep];
                float t1 = x2 + x0;
                float t2 = x4 + t1;
                float t3 = x3 + x1;
                float t4 = t2 + t3;
                float t5 = t2 - t3;
                float t6 = Math.fma(k0, x2, x0);
                float t7 = Math.fma(k1, x4, t6);
                float t8 = k2 * x1;
                float t9 = Math.fma(k3, x3, t8);
                float t10 = t7 + t9;
                float t11 = t7 - t9;
                float t12 = Math.fma(k4, x2, x0);
                float t13 = Math.fma(k5, x4, t12);
                float t14 = k6 * x1;
                float t15 = Math.fma(k7, x3, t14);
                float t16 = t13 + t15;
                y[to] = x0;
                y[to + yStep] = t4;
                y[to + 2 * yStep] = t5;
                y[to + 3 * yStep] = t10;
                y[to + 4 * yStep] = t11;
                y[to + 5 * yStep] = t16;
                y[to + 6 * yStep] = x4;
            }
        }
    }

    @Override
    void filterPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = -2f;
        float k1 = -2f / 3f;
        float k2 = -2f / 9f;
        float k3 = 0.25f;
        float k4 = 0.5f;
        float k5 = 16f / 9f;
        float k6 = 16f / 15f;
        float k7 = 4f;
        float k8 = 2f;
        float k9 = 2f / 45f;
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
                float t6 = k2 * t5;
                float t7 = Math.fma(k3, x2, x0);
                float t8 = k4 * x1;
                float t9 = t7 + t8;
                float t10 = k5 * t9;
                float t11 = t7 - t8;
                float t12 = k6 * t11;
                float t13 = Math.fma(k7, x2, x0);
                float t14 = k8 * x1;
                float t15 = t13 + t14;
                float t16 = k9 * t15;
                y[to] = t1;
                y[to + yStep] = t4;
                y[to + 2 * yStep] = t6;
                y[to + 3 * yStep] = t10;
                y[to + 4 * yStep] = t12;
                y[to + 5 * yStep] = t16;
                y[to + 6 * yStep] = x2;
            }
        }
    }

    @Override
    void filterGradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = -2f;
        float k1 = -2f / 3f;
        float k2 = -2f / 9f;
        float k3 = 16f / 9f;
        float k4 = 16f / 15f;
        float k5 = 2f / 45f;
        float k6 = 0.5f;
        float k7 = 2f;
        float k8 = 0.25f;
        float k9 = 4f;
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
                float t1 = k0 * x0;
                float t2 = k1 * x1;
                float t3 = k2 * x2;
                float t4 = k3 * x3;
                float t5 = k4 * x4;
                float t6 = k5 * x5;
                float s0 = t2 + t3;
                float s1 = t4 + t5;
                float d0 = t2 - t3;
                float d1 = t4 - t5;
                float t11 = s0 + t1;
                float t12 = s1 + t11;
                float t13 = t6 + t12;
                float t14 = Math.fma(k6, d1, d0);
                float t15 = Math.fma(k7, t6, t14);
                float t16 = s0 + x6;
                float t17 = Math.fma(k8, s1, t16);
                float t18 = Math.fma(k9, t6, t17);
                y[to] = t13;
                y[to + yStep] = t15;
                y[to + 2 * yStep] = t18;
            }
        }
    }
}
