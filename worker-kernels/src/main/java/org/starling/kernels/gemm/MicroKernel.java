package org.starling.kernels.gemm;

/**
 * A tile of a matrix product, held in registers: for i below {@link #rows} and j below {@link #columns}
 *
 * <pre>sum[i, j] = sum_k A[i, k] b[bo + k columns + j],   k &lt; depth</pre>
 *
 * taken from zero in rising k with fused multiply-adds; then {@code c[co + i ldc + j]} becomes the sum, or in the methods named Add the
 * sum is added to it. Arguments are not checked.
 */
public interface MicroKernel {
    /**
     * Elements between rows of A where they are contiguous. A constant, as 14 rows at a run-time stride need more addresses than there are
     * registers and ran at half the speed; {@link PackedMatrix#DEPTH} and a cache line, so that rows do not meet in one cache set.
     */
    int LDA = PackedMatrix.DEPTH + 16;

    /** Rows of a tile. */
    int rows();

    /** Columns of a tile; also the width of b's panels. */
    int columns();

    /** {@code A[i, k] = a[ao + i LDA + k]}. */
    void multiply(int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc);

    /** As {@link #multiply}, added to c. */
    void multiplyAdd(int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc);

    /** {@code A[i, k] = a[ao + k lda + i]}: A's transpose lies in rows. */
    void multiplyTransposed(int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc);

    /** As {@link #multiplyTransposed}, added to c. */
    void multiplyTransposedAdd(int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc);
}
