package org.starling.kernels.conv;

import java.util.Arrays;

/**
 * Gathers rows of a convolution's implicit matrix: row {@code (n OH + p) OW + q}, column {@code (i KW + j) C + c} is the value that filter
 * position (i, j, c) meets at output pixel (n, p, q).
 */
final class Patches {
    private final ConvolutionShape s;
    private final int rowsApart;
    private final int columnsApart;
    private final int storedRows;
    private final int storedColumns;

    Patches(ConvolutionShape shape) {
        this(shape, 1, 1);
    }

    /**
     * Of images whose zeros are not in memory: every {@code rowsApart}th row and {@code columnsApart}th column is, from the first to the last.
     *
     * @param shape of the images with the zeros
     */
    Patches(ConvolutionShape shape, int rowsApart, int columnsApart) {
        this.s = shape;
        this.rowsApart = rowsApart;
        this.columnsApart = columnsApart;
        this.storedRows = (shape.height() - 1) / rowsApart + 1;
        this.storedColumns = (shape.width() - 1) / columnsApart + 1;
    }

    /** Copies columns {@code [from, from + width)} of rows {@code [first, first + rows)} to {@code to[row * ld + column]}. */
    void gather(float[] x, int first, int rows, int from, int width, float[] to, int ld) {
        int row = first;
        int q = row % s.outWidth();
        int p = row / s.outWidth() % s.outHeight();
        int n = row / s.outWidth() / s.outHeight();
        for (int r = 0; r < rows; r++) {
            gatherRow(
                    x,
                    n,
                    p * s.strideHeight() - s.padTop(),
                    q * s.strideWidth() - s.padLeft(),
                    from,
                    width,
                    to,
                    r * ld);
            if (++q == s.outWidth()) {
                q = 0;
                if (++p == s.outHeight()) {
                    p = 0;
                    n++;
                }
            }
        }
    }

    /** One patch whose top left corner is at (top, left). */
    private void gatherRow(float[] x, int n, int top, int left, int from, int width, float[] to, int at) {
        int rowLength = s.kernelWidth() * s.channels();
        int end = from + width;
        for (int column = from; column < end; ) {
            int i = column / rowLength;
            int inRow = column - i * rowLength;
            int length = Math.min(rowLength - inRow, end - column);
            int y = top + i * s.dilationHeight();
            if (y < 0 || y >= s.height() || y % rowsApart != 0) {
                Arrays.fill(to, at, at + length, 0);
            } else {
                gatherFilterRow(x, (n * storedRows + y / rowsApart) * storedColumns, left, inRow, length, to, at);
            }
            at += length;
            column += length;
        }
    }

    /** Columns {@code [inRow, inRow + length)} of one filter row; neighbouring positions are one run where nothing is dilated or cut. */
    private void gatherFilterRow(float[] x, int rowStart, int left, int inRow, int length, float[] to, int at) {
        int c = s.channels();
        if (columnsApart == 1 && s.dilationWidth() == 1 && left >= 0 && left + s.kernelWidth() <= s.width()) {
            System.arraycopy(x, (rowStart + left) * c + inRow, to, at, length);
            return;
        }
        int end = inRow + length;
        while (inRow < end) {
            int j = inRow / c;
            int channel = inRow - j * c;
            int run = Math.min(c - channel, end - inRow);
            int column = left + j * s.dilationWidth();
            if (column < 0 || column >= s.width() || column % columnsApart != 0) {
                Arrays.fill(to, at, at + run, 0);
            } else {
                System.arraycopy(x, (rowStart + column / columnsApart) * c + channel, to, at, run);
            }
            at += run;
            inRow += run;
        }
    }
}
