package org.starling.kernels.gemm;

import org.starling.kernels.ComputeTeam;
import org.starling.kernels.ScratchArray;

/**
 * Right-hand matrices of products, {@code [K, N]} each, in the order in which micro-kernels read them: matrix after matrix, in a matrix blocks
 * of {@link #DEPTH} rows, in a block panels of as many columns as a tile has, in a panel row after row. Columns that the last panel has too many
 * hold what was there; no result uses them. The array is kept for the next matrices of the same size or smaller.
 */
public final class PackedMatrix {
    /**
     * Rows of a block: the input channels of AlexNet's widest convolutions, so that their sums run through without touching memory, and
     * with a panel of 32 columns 48 KB. Fixed, as partial sums are rounded at its end: it must depend neither on the vector width nor
     * on threads.
     */
    public static final int DEPTH = 384;

    private final int panelColumns;
    private float[] values = new float[0];
    private int rows;
    private int columns;

    /** @param kernel whose tile's width the panels have */
    public PackedMatrix(MicroKernel kernel) {
        this.panelColumns = kernel.columns();
    }

    /** Makes room for matrices of this size, with any content. */
    public void resize(int matrices, int newRows, int newColumns) {
        rows = newRows;
        columns = newColumns;
        values = ScratchArray.atLeast(values, Math.multiplyExact(matrices, matrixLength()));
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    /** Columns with those that fill up the last panel. */
    public int paddedColumns() {
        return panels() * panelColumns;
    }

    public int panelColumns() {
        return panelColumns;
    }

    int panels() {
        return (columns + panelColumns - 1) / panelColumns;
    }

    /** What {@link #offset} speaks of. */
    public float[] values() {
        return values;
    }

    /** Elements from a matrix to the next. */
    public int matrixLength() {
        return Math.multiplyExact(rows, paddedColumns());
    }

    /** Elements from a panel to the next of the block that begins at row {@code block}. */
    public int panelLength(int block) {
        return Math.min(DEPTH, rows - block) * panelColumns;
    }

    /** Where a panel of the block that begins at row {@code block} lies. */
    public int offset(int matrix, int block, int panel) {
        return matrix * matrixLength() + block * paddedColumns() + panel * panelLength(block);
    }

    /** Packs one matrix, {@code b[bo + row * ldb + column]}. */
    public void pack(ComputeTeam team, float[] b, int bo, int ldb, int rowCount, int columnCount) {
        packChunks(team, b, bo, ldb, rowCount, columnCount, columnCount);
    }

    /** Packs matrix after matrix from one, {@code b[bo + row * ldb + column]}: the next {@code width} columns each, the last fewer. */
    public void packChunks(ComputeTeam team, float[] b, int bo, int ldb, int rowCount, int columnCount, int width) {
        int chunks = (columnCount + width - 1) / width;
        resize(chunks, rowCount, width);
        team.run(chunks * panels(), piece -> {
            int chunk = piece / panels();
            int panel = piece % panels();
            int first = chunk * width + panel * panelColumns;
            int end = Math.min(Math.min(first + panelColumns, (chunk + 1) * width), columnCount);
            if (first < end) {
                packPanel(b, bo + first, ldb, end - first, chunk, panel);
            }
        });
    }

    private void packPanel(float[] b, int bo, int ldb, int count, int matrix, int panel) {
        for (int block = 0; block < rows; block += DEPTH) {
            int to = offset(matrix, block, panel);
            int end = Math.min(rows, block + DEPTH);
            for (int row = block; row < end; row++, to += panelColumns) {
                System.arraycopy(b, bo + row * ldb, values, to, count);
            }
        }
    }

    /** Packs the transpose of one matrix, {@code b[bo + column * ldb + row]}. */
    public void packTransposed(ComputeTeam team, float[] b, int bo, int ldb, int rowCount, int columnCount) {
        resize(1, rowCount, columnCount);
        team.run(panels(), panel -> {
            int first = panel * panelColumns;
            int width = Math.min(panelColumns, columns - first);
            for (int block = 0; block < rows; block += DEPTH) {
                int to = offset(0, block, panel);
                int depth = Math.min(DEPTH, rows - block);
                for (int column = 0; column < width; column++) {
                    int from = bo + (first + column) * ldb + block;
                    for (int k = 0; k < depth; k++) {
                        values[to + k * panelColumns + column] = b[from + k];
                    }
                }
            }
        });
    }
}
