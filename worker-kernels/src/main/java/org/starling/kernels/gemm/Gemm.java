package org.starling.kernels.gemm;

/**
 * Matrix multiply into a row-major result:
 *
 * <pre>C[i, j] += sum_k A[i, k] B[k, j],   i &lt; M, j &lt; N, k &lt; K</pre>
 *
 * The sum over k runs in blocks of {@link PackedMatrix#DEPTH}: within a block from zero, with fused multiply-adds in rising order; the blocks'
 * sums are added to C in rising order. So an element's bits depend on its row of A, its column of B and its own old value, and on nothing else.
 *
 * <p>One thread a call; callers split the rows among threads. After Goto and van de Geijn 2008 and BLIS (Van Zee and van de Geijn 2015).
 */
public final class Gemm {
    /** Rows of A that stay in the second-level cache while B's panels pass: 96 x 256 floats are 96 KB. */
    private static final int ROW_BLOCK = 96;

    private final MicroKernel kernel;
    private final float[] edgeRows;
    private final float[] edgeTile;

    /** Holds scratch: one for each thread. */
    public Gemm(MicroKernel kernel) {
        this.kernel = kernel;
        this.edgeRows = new float[kernel.rows() * PackedMatrix.DEPTH];
        this.edgeTile = new float[kernel.rows() * kernel.columns()];
    }

    /** A is row-major: {@code A[i, k] = a[ao + i lda + k]}. */
    public void multiply(int m, float[] a, int ao, int lda, PackedMatrix b, float[] c, int co, int ldc) {
        for (int block = 0; block < b.rows(); block += PackedMatrix.DEPTH) {
            multiplyBlock(m, a, ao + block, lda, b, block, c, co, ldc);
        }
    }

    /** A is given as its transpose, column-major: {@code A[i, k] = a[ao + k lda + i]}. */
    public void multiplyTransposed(int m, float[] a, int ao, int lda, PackedMatrix b, float[] c, int co, int ldc) {
        for (int block = 0; block < b.rows(); block += PackedMatrix.DEPTH) {
            int depth = Math.min(PackedMatrix.DEPTH, b.rows() - block);
            for (int first = 0; first < m; first += ROW_BLOCK) {
                int rows = Math.min(ROW_BLOCK, m - first);
                rowBlock(rows, depth, a, ao + block * lda + first, lda, true, b, block, c, co + first * ldc, ldc);
            }
        }
    }

    /** As {@link #multiply}, for the block of k that begins at row {@code block} of B only; {@code a} holds just its columns. */
    public void multiplyBlock(
            int m, float[] a, int ao, int lda, PackedMatrix b, int block, float[] c, int co, int ldc) {
        int depth = Math.min(PackedMatrix.DEPTH, b.rows() - block);
        for (int first = 0; first < m; first += ROW_BLOCK) {
            int rows = Math.min(ROW_BLOCK, m - first);
            rowBlock(rows, depth, a, ao + first * lda, lda, false, b, block, c, co + first * ldc, ldc);
        }
    }

    private void rowBlock(
            int rows,
            int depth,
            float[] a,
            int ao,
            int lda,
            boolean transposed,
            PackedMatrix b,
            int block,
            float[] c,
            int co,
            int ldc) {
        int tileRows = kernel.rows();
        int tileColumns = kernel.columns();
        int wholeRows = rows - rows % tileRows;
        if (wholeRows < rows) {
            copyEdge(rows - wholeRows, depth, a, ao, lda, transposed, wholeRows);
        }
        for (int panel = 0; panel < b.panels(); panel++) {
            int bo = b.offset(block, panel);
            int width = Math.min(tileColumns, b.columns() - panel * tileColumns);
            int at = co + panel * tileColumns;
            for (int i = 0; i < wholeRows; i += tileRows) {
                int row = transposed ? ao + i : ao + i * lda;
                if (width == tileColumns) {
                    tile(depth, a, row, lda, transposed, b.values(), bo, c, at + i * ldc, ldc);
                } else {
                    java.util.Arrays.fill(edgeTile, 0);
                    tile(depth, a, row, lda, transposed, b.values(), bo, edgeTile, 0, tileColumns);
                    addEdge(tileRows, width, c, at + i * ldc, ldc);
                }
            }
            if (wholeRows < rows) {
                java.util.Arrays.fill(edgeTile, 0);
                kernel.multiply(depth, edgeRows, 0, PackedMatrix.DEPTH, b.values(), bo, edgeTile, 0, tileColumns);
                addEdge(rows - wholeRows, width, c, at + wholeRows * ldc, ldc);
            }
        }
    }

    private void tile(
            int depth, float[] a, int ao, int lda, boolean transposed, float[] b, int bo, float[] c, int co, int ldc) {
        if (transposed) {
            kernel.multiplyTransposed(depth, a, ao, lda, b, bo, c, co, ldc);
        } else {
            kernel.multiply(depth, a, ao, lda, b, bo, c, co, ldc);
        }
    }

    /** The rows that do not fill a tile; what the scratch holds below them is computed and not used. */
    private void copyEdge(int count, int depth, float[] a, int ao, int lda, boolean transposed, int firstRow) {
        for (int i = 0; i < count; i++) {
            if (transposed) {
                for (int k = 0; k < depth; k++) {
                    edgeRows[i * PackedMatrix.DEPTH + k] = a[ao + k * lda + firstRow + i];
                }
            } else {
                System.arraycopy(a, ao + (firstRow + i) * lda, edgeRows, i * PackedMatrix.DEPTH, depth);
            }
        }
    }

    private void addEdge(int rows, int width, float[] c, int co, int ldc) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                c[co + i * ldc + j] += edgeTile[i * kernel.columns() + j];
            }
        }
    }
}
