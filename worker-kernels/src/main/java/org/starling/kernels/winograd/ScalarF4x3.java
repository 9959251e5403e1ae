package org.starling.kernels.winograd;

/** F(4, 3) in plain Java, with the points 0, 3/4, -3/4, 3/2, -3/2 and infinity. */
final class ScalarF4x3 extends TileTransform {
    ScalarF4x3() {
        super(4, 3);
    }

    @Override
    void inputPass(int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = -2.8125f;
        float k1 = 1.265625f;
        float k2 = -2.25f;
        float k3 = 0.75f;
        float k4 = -0.75f;
        float k5 = -0.5625f;
        float k6 = 1.5f;
        float k7 = -1.5f;
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
                float t1 = Math.fma(k0, x2, x4);
                float t2 = Math.fma(k1, x0, t1);
                float t3 = Math.fma(k2, x2, x4);
                float t4 = Math.fma(k2, x1, x3);
                float t5 = Math.fma(k3, t4, t3);
                float t6 = Math.fma(k4, t4, t3);
                float t7 = Math.fma(k5, x2, x4);
                float t8 = Math.fma(k5, x1, x3);
                float t9 = Math.fma(k6, t8, t7);
                float t10 = Math.fma(k7, t8, t7);
                float t11 = Math.fma(k0, x3, x5);
                float t12 = Math.fma(k1, x1, t11);
                y[to] = t2;
                y[to + yStep] = t5;
                y[to + 2 * yStep] = t6;
                y[to + 3 * yStep] = t9;
                y[to + 4 * yStep] = t10;
                y[to + 5 * yStep] = t12;
            }
        }
    }

    @Override
    void outputPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = 0.75f;
        float k1 = 1.5f;
        float k2 = 0.5625f;
        float k3 = 2.25f;
        float k4 = 0.421875f;
        float k5 = 3.375f;
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
                float s0 = x1 + x2;
                float s1 = x3 + x4;
                float d0 = x1 - x2;
                float d1 = x3 - x4;
                float t5 = s0 + x0;
                float t6 = s1 + t5;
                float t7 = k0 * d0;
                float t8 = Math.fma(k1, d1, t7);
                float t9 = k2 * s0;
                float t10 = Math.fma(k3, s1, t9);
                float t11 = Math.fma(k4, d0, x5);
                float t12 = Math.fma(k5, d1, t11);
                y[to] = t6;
                y[to + yStep] = t8;
                y[to + 2 * yStep] = t10;
                y[to + 3 * yStep] = t12;
            }
        }
    }

    @Override
    void gradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = 0.5625f;
        float k1 = 0.75f;
        float k2 = 0.421875f;
        float k3 = 2.25f;
        float k4 = 1.5f;
        float k5 = 3.375f;
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c++) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                float x0 = x[from];
                float x1 = x[from + xStep];
                float x2 = x[from + 2 * xStep];
                float x3 = x[from + 3 * xStep];
                float t1 = Math.fma(k0, x2, x0);
                float t2 = k1 * x1;
                float t3 = Math.fma(k2, x3, t2);
                float t4 = t1 + t3;
                float t5 = t1 - t3;
                float t6 = Math.fma(k3, x2, x0);
                float t7 = k4 * x1;
                float t8 = Math.fma(k5, x3, t7);
                float t9 = t6 + t8;
                float t10 = t6 - t8;
                y[to] = x0;
                y[to + yStep] = t4;
                y[to + 2 * yStep] = t5;
                y[to + 3 * yStep] = t9;
                y[to + 4 * yStep] = t10;
                y[to + 5 * yStep] = x3;
            }
        }
    }

    @Override
    void filterPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = 64f / 81f;
        float k1 = 0.5625f;
        float k2 = 0.75f;
        float k3 = -128f / 243f;
        float k4 = 2.25f;
        float k5 = 1.5f;
        float k6 = 32f / 243f;
        for (int line = 0; line < lines; line++) {
            for (int c = 0; c < n; c++) {
                int from = xo + line * xLine + c;
                int to = yo + line * yLine + c;
                float x0 = x[from];
                float x1 = x[from + xStep];
                float x2 = x[from + 2 * xStep];
                float t1 = k0 * x0;
                float t2 = Math.fma(k1, x2, x0);
                float t3 = k2 * x1;
                float t4 = t2 + t3;
                float t5 = k3 * t4;
                float t6 = t2 - t3;
                float t7 = k3 * t6;
                float t8 = Math.fma(k4, x2, x0);
                float t9 = k5 * x1;
                float t10 = t8 + t9;
                float t11 = k6 * t10;
                float t12 = t8 - t9;
                float t13 = k6 * t12;
                y[to] = t1;
                y[to + yStep] = t5;
                y[to + 2 * yStep] = t7;
                y[to + 3 * yStep] = t11;
                y[to + 4 * yStep] = t13;
                y[to + 5 * yStep] = x2;
            }
        }
    }

    @Override
    void filterGradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine) {
        float k0 = 64f / 81f;
        float k1 = -128f / 243f;
        float k2 = 32f / 243f;
        float k3 = 0.75f;
        float k4 = 1.5f;
        float k5 = 0.5625f;
        float k6 = 2.25f;
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
                float t1 = k0 * x0;
                float t2 = k1 * x1;
                float t3 = k1 * x2;
                float t4 = k2 * x3;
                float t5 = k2 * x4;
                float s0 = t2 + t3;
                float s1 = t4 + t5;
                float d0 = t2 - t3;
                float d1 = t4 - t5;
                float t10 = s0 + t1;
                float t11 = s1 + t10;
                float t12 = k3 * d0;
                float t13 = Math.fma(k4, d1, t12);
                float t14 = Math.fma(k5, s0, x5);
                float t15 = Math.fma(k6, s1, t14);
                y[to] = t11;
                y[to + yStep] = t13;
                y[to + 2 * yStep] = t15;
            }
        }
    }
}
