package org.starling.kernels.gemm;

import org.starling.kernels.ComputeTeam;

/**
 * The right-hand matrix of a product, {@code [K, N]}, in the order in which micro-kernels read it: blocks of {@link #DEPTH} rows, in a block
 * panels of as many columns as a tile has, in a panel row after row. The last panel is filled up with zeros. The array is kept for the next
 * matrix of the same size or smaller.
 */
public final class PackedMatrix {
    /**
     * Rows of a block: 256 x 48 floats are a panel of 48 KB, the first-level cache. Fixed, as partial sums are rounded at its end:
     * it must depend neither on the vector width nor on threads.
     */
    public static final int DEPTH = 256;

    private final int panelColumns;
    private float[] values = new float[0];
    private int rows;
    private int columns;

    /** @param kernel whose tile's width the panels have */
    public PackedMatrix(MicroKernel kernel) {
        this.panelColumns = kernel.columns();
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    int panels() {
        return (columns + panelColumns - 1) / panelColumns;
    }

    float[] values() {
        return values;
    }

    /** Where a panel of the block that begins at row {@code firstRow} lies. */
    int offset(int firstRow, int panel) {
        int depth = Math.min(DEPTH, rows - firstRow);
        return firstRow * panels() * panelColumns + panel * depth * panelColumns;
    }

    private void resize(int newRows, int newColumns) {
        rows = newRows;
        columns = newColumns;
        int length = Math.multiplyExact(rows, Math.multiplyExact(panels(), panelColumns));
        if (values.length < length) {
            values = new float[length];
        }
    }

    /** Packs {@code b[row * ldb + column]}. */
    public void pack(ComputeTeam team, float[] b, int bo, int ldb, int rowCount, int columnCount) {
        resize(rowCount, columnCount);
        team.run(panels(), panel -> {
            int first = panel * panelColumns;
            int width = Math.min(panelColumns, columns - first);
            for (int block = 0; block < rows; block += DEPTH) {
                int to = offset(block, panel);
                int end = Math.min(rows, block + DEPTH);
                for (int row = block; row < end; row++, to += panelColumns) {
                    System.arraycopy(b, bo + row * ldb + first, values, to, width);
                    java.util.Arrays.fill(values, to + width, to + panelColumns, 0);
                }
            }
        });
    }

    /** Packs the transpose, {@code b[column * ldb + row]}. */
    public void packTransposed(ComputeTeam team, float[] b, int bo, int ldb, int rowCount, int columnCount) {
        resize(rowCount, columnCount);
        team.run(panels(), panel -> {
            int first = panel * panelColumns;
            int width = Math.min(panelColumns, columns - first);
            for (int block = 0; block < rows; block += DEPTH) {
                int to = offset(block, panel);
                int depth = Math.min(DEPTH, rows - block);
                for (int column = 0; column < panelColumns; column++) {
                    int from = bo + (first + column) * ldb + block;
                    for (int k = 0; k < depth; k++) {
                        values[to + k * panelColumns + column] = column < width ? b[from + k] : 0;
                    }
                }
            }
        });
    }
}
