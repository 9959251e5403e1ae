package org.starling.kernels;

/** One value an operation. */
final class ScalarFmaLoop implements FmaLoop {
    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public float run(int times, float x, float y) {
        float c0 = 0;
        float c1 = 0;
        float c2 = 0;
        float c3 = 0;
        float c4 = 0;
        float c5 = 0;
        float c6 = 0;
        float c7 = 0;
        float c8 = 0;
        float c9 = 0;
        float c10 = 0;
        float c11 = 0;
        for (int i = 0; i < times; i++) {
            c0 = Math.fma(x, y, c0);
            c1 = Math.fma(x, y, c1);
            c2 = Math.fma(x, y, c2);
            c3 = Math.fma(x, y, c3);
            c4 = Math.fma(x, y, c4);
            c5 = Math.fma(x, y, c5);
            c6 = Math.fma(x, y, c6);
            c7 = Math.fma(x, y, c7);
            c8 = Math.fma(x, y, c8);
            c9 = Math.fma(x, y, c9);
            c10 = Math.fma(x, y, c10);
            c11 = Math.fma(x, y, c11);
        }
        return c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11;
    }
}
