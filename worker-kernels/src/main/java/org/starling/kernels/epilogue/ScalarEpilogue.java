package org.starling.kernels.epilogue;

/** Bias and ReLU in plain Java. */
final class ScalarEpilogue implements EpilogueKernel {
    @Override
    public void store(Epilogue epilogue, int n, float[] x, int xo, float[] y, int yo) {
        store(epilogue, 0, n, x, xo, y, yo);
    }

    /** Elements {@code [from, n)}. */
    static void store(Epilogue epilogue, int from, int n, float[] x, int xo, float[] y, int yo) {
        float[] bias = epilogue.bias();
        for (int i = from; i < n; i++) {
            float value = bias == null ? x[xo + i] : x[xo + i] + bias[i];
            y[yo + i] = epilogue.relu() ? Math.max(0f, value) : value;
        }
    }

    @Override
    public void gate(int n, float[] y, float[] dy, int at) {
        gate(0, n, y, dy, at);
    }

    static void gate(int from, int n, float[] y, float[] dy, int at) {
        for (int i = at + from; i < at + n; i++) {
            dy[i] = y[i] > 0 ? dy[i] : 0;
        }
    }

    @Override
    public void add(int n, float[] dy, int at, float[] sums, int so) {
        add(0, n, dy, at, sums, so);
    }

    static void add(int from, int n, float[] dy, int at, float[] sums, int so) {
        for (int i = from; i < n; i++) {
            sums[so + i] += dy[at + i];
        }
    }
}
