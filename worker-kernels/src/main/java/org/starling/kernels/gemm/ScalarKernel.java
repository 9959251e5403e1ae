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
        float[] sum = new float[COLUMNS];
        for (int i = 0; i < ROWS; i++) {
            java.util.Arrays.fill(sum, 0);
            for (int k = 0; k < depth; k++) {
                float factor = a[ao + i * rowStride + k * stepStride];
                for (int j = 0; j < COLUMNS; j++) {
                    sum[j] = Math.fma(factor, b[bo + k * COLUMNS + j], sum[j]);
                }
            }
            for (int j = 0; j < COLUMNS; j++) {
                int at = co + i * ldc + j;
                c[at] = add ? c[at] + sum[j] : sum[j];
            }
        }
    }
}
