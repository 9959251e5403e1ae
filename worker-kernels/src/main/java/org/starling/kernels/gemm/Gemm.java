package org.starling.kernels.gemm;

/**
 * Matrix multiply into a row-major result, for one block of k, K at most {@link PackedMatrix#DEPTH}:
 *
 * <pre>C[i, j] (+)= sum_k A[i, k] B[k, j],   i &lt; M, j &lt; N, k &lt; K</pre>
 *
 * A block's sum runs from zero with fused multiply-adds in rising k; callers add the blocks' sums in rising order. So an element's bits depend
 * on its row of A, its column of B and its own old value, and on nothing else.
 *
 * <p>One thread a call; callers split the work among threads. After Goto and van de Geijn 2008 and BLIS (Van Zee and van de Geijn 2015).
 */
public final class Gemm {
    /** Elements between rows of A where they are contiguous. */
    public static final int LDA = MicroKernel.LDA;

    private final MicroKernel kernel;
    private final float[] edgeTile;

    /** Holds scratch: one for each thread. */
    public Gemm(MicroKernel kernel) {
        this.kernel = kernel;
        this.edgeTile = new float[kernel.rows() * kernel.columns()];
    }

    /** Rows of A that are read when there are {@code m}: whole tiles. A must have room for them; what they hold does not matter. */
    public int paddedRows(int m) {
        return (m + kernel.rows() - 1) / kernel.rows() * kernel.rows();
    }

    /**
     * {@code A[i, k] = a[ao + i LDA + k]}.
     *
     * @param a holds {@link #paddedRows} rows
     * @param matrix which of B's matrices
     * @param block first row of B's block
     * @param add whether to add to C, or to overwrite it
     */
    public void multiply(
            int m, float[] a, int ao, PackedMatrix b, int matrix, int block, boolean add, float[] c, int co, int ldc) {
        int depth = Math.min(PackedMatrix.DEPTH, b.rows() - block);
        for (int panel = 0; panel < b.panels(); panel++) {
            int bo = b.offset(matrix, block, panel);
            int width = Math.min(kernel.columns(), b.columns() - panel * kernel.columns());
            int at = co + panel * kernel.columns();
            for (int i = 0; i < m; i += kernel.rows()) {
                int rows = Math.min(kernel.rows(), m - i);
                if (width < kernel.columns() || rows < kernel.rows()) {
                    kernel.multiply(depth, a, ao + i * LDA, b.values(), bo, edgeTile, 0, kernel.columns());
                    copyEdge(rows, width, add, c, at + i * ldc, ldc);
                } else if (add) {
                    kernel.multiplyAdd(depth, a, ao + i * LDA, b.values(), bo, c, at + i * ldc, ldc);
                } else {
                    kernel.multiply(depth, a, ao + i * LDA, b.values(), bo, c, at + i * ldc, ldc);
                }
            }
        }
    }

    /**
     * {@code A[i, k] = a[ao + k lda + i]}: A's transpose lies in rows, which hold {@link #paddedRows} elements.
     *
     * @param matrix which of B's matrices
     * @param block first row of B's block
     * @param add whether to add to C, or to overwrite it
     */
    public void multiplyTransposed(
            int m,
            float[] a,
            int ao,
            int lda,
            PackedMatrix b,
            int matrix,
            int block,
            boolean add,
            float[] c,
            int co,
            int ldc) {
        int depth = Math.min(PackedMatrix.DEPTH, b.rows() - block);
        for (int panel = 0; panel < b.panels(); panel++) {
            int bo = b.offset(matrix, block, panel);
            int width = Math.min(kernel.columns(), b.columns() - panel * kernel.columns());
            int at = co + panel * kernel.columns();
            for (int i = 0; i < m; i += kernel.rows()) {
                int rows = Math.min(kernel.rows(), m - i);
                if (width < kernel.columns() || rows < kernel.rows()) {
                    kernel.multiplyTransposed(depth, a, ao + i, lda, b.values(), bo, edgeTile, 0, kernel.columns());
                    copyEdge(rows, width, add, c, at + i * ldc, ldc);
                } else if (add) {
                    kernel.multiplyTransposedAdd(depth, a, ao + i, lda, b.values(), bo, c, at + i * ldc, ldc);
                } else {
                    kernel.multiplyTransposed(depth, a, ao + i, lda, b.values(), bo, c, at + i * ldc, ldc);
                }
            }
        }
    }

    private void copyEdge(int rows, int width, boolean add, float[] c, int co, int ldc) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                float sum = edgeTile[i * kernel.columns() + j];
                int at = co + i * ldc + j;
                c[at] = add ? c[at] + sum : sum;
            }
        }
    }
}
