package org.starling.kernels.gemm;

/**
 * A tile of the product, held in registers: for i below {@link #rows} and j below {@link #columns}
 *
 * <pre>c[co + i ldc + j] = c[co + i ldc + j] + sum_k a[ao + i rowStride + k stepStride] * b[bo + k columns + j]</pre>
 *
 * The sum starts at zero, takes k in rising order with fused multiply-adds, and is added to c last. Arguments are not checked.
 */
public interface MicroKernel {
    /** Rows of a tile. */
    int rows();

    /** Columns of a tile; also the width of b's panels. */
    int columns();

    /** A's rows are contiguous: {@code stepStride} is 1 and {@code rowStride} is {@code lda}. */
    void multiply(int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc);

    /** A's columns are contiguous, as in its transpose: {@code stepStride} is {@code lda} and {@code rowStride} is 1. */
    void multiplyTransposed(int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc);
}
