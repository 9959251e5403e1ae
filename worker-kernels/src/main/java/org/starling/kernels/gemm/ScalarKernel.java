package org.starling.kernels.gemm;

/** The micro-kernel in plain Java: 4 rows of 8 columns. */
final class ScalarKernel implements MicroKernel {
    private static final int ROWS = 4;
    private static final int COLUMNS = 8;

    @Override
    public int rows() {
        return ROWS;
    }

    @Override
    public int columns() {
        return COLUMNS;
    }

    @Override
    public void multiply(int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc) {
        multiply(depth, a, ao, LDA, 1, b, bo, false, c, co, ldc);
    }

    @Override
    public void multiplyAdd(int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc) {
        multiply(depth, a, ao, LDA, 1, b, bo, true, c, co, ldc);
    }

    @Override
    public void multiplyTransposed(
            int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc) {
        multiply(depth, a, ao, 1, lda, b, bo, false, c, co, ldc);
    }

    @Override
    public void multiplyTransposedAdd(
            int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc) {
        multiply(depth, a, ao, 1, lda, b, bo, true, c, co, ldc);
    }

    private static void multiply(
            int depth,
            float[] a,
            int ao,
            int rowStride,
            int stepStride,
            float[] b,
            int bo,
            boolean add,
            float[] c,
            int co,
            int ldc) {
        // Local variables and not an array, which every call would allocate.
        for (int i = 0; i < ROWS; i++) {
            float sum0 = 0;
            float sum1 = 0;
            float sum2 = 0;
            float sum3 = 0;
            float sum4 = 0;
            float sum5 = 0;
            float sum6 = 0;
            float sum7 = 0;
            int row = ao + i * rowStride;
            int at = bo;
            for (int k = 0; k < depth; k++, at += COLUMNS) {
                float factor = a[row + k * stepStride];
                sum0 = Math.fma(factor, b[at], sum0);
                sum1 = Math.fma(factor, b[at + 1], sum1);
                sum2 = Math.fma(factor, b[at + 2], sum2);
                sum3 = Math.fma(factor, b[at + 3], sum3);
                sum4 = Math.fma(factor, b[at + 4], sum4);
                sum5 = Math.fma(factor, b[at + 5], sum5);
                sum6 = Math.fma(factor, b[at + 6], sum6);
                sum7 = Math.fma(factor, b[at + 7], sum7);
            }
            int to = co + i * ldc;
            store(sum0, add, c, to);
            store(sum1, add, c, to + 1);
            store(sum2, add, c, to + 2);
            store(sum3, add, c, to + 3);
            store(sum4, add, c, to + 4);
            store(sum5, add, c, to + 5);
            store(sum6, add, c, to + 6);
            store(sum7, add, c, to + 7);
        }
    }

    private static void store(float sum, boolean add, float[] c, int at) {
        c[at] = add ? c[at] + sum : sum;
    }
}
