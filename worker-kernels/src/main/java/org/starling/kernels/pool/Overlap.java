package org.starling.kernels.pool;

/**
 * What one pixel is pooled with: the cells of an output pixel's window, or the windows that an input pixel lies in. Both come in rising order of
 * row and column. Arrays are reused from pixel to pixel; a thread has its own.
 */
final class Overlap {
    /** How many there are. */
    int count;
    /** Where channel 0 of each lies, in x for cells and in y for windows. */
    int[] at = new int[0];
    /** The cell's position within the window, {@code i KW + j}. */
    float[] position = new float[0];
    /** Cells of the window that lie in the image. */
    float[] cells = new float[0];

    /** The cells of the window of output pixel (n, p, q). */
    void ofWindow(PoolingShape s, int n, int p, int q) {
        reserve(s);
        int top = p * s.strideHeight() - s.padTop();
        int left = q * s.strideWidth() - s.padLeft();
        int lastRow = Math.min(top + s.windowHeight(), s.height());
        int lastColumn = Math.min(left + s.windowWidth(), s.width());
        int found = 0;
        for (int row = Math.max(top, 0); row < lastRow; row++) {
            int rowStart = (n * s.height() + row) * s.width();
            for (int column = Math.max(left, 0); column < lastColumn; column++) {
                at[found] = (rowStart + column) * s.channels();
                position[found] = (row - top) * s.windowWidth() + (column - left);
                found++;
            }
        }
        count = found;
    }

    /** The windows that hold input pixel (n, row, column). */
    void ofCell(PoolingShape s, int n, int row, int column) {
        reserve(s);
        int lastP = Math.min((row + s.padTop()) / s.strideHeight(), s.outHeight() - 1);
        int lastQ = Math.min((column + s.padLeft()) / s.strideWidth(), s.outWidth() - 1);
        int firstQ = firstWindow(column + s.padLeft(), s.windowWidth(), s.strideWidth());
        int found = 0;
        for (int p = firstWindow(row + s.padTop(), s.windowHeight(), s.strideHeight()); p <= lastP; p++) {
            int top = p * s.strideHeight() - s.padTop();
            int rows = clipped(top, s.windowHeight(), s.height());
            for (int q = firstQ; q <= lastQ; q++) {
                int left = q * s.strideWidth() - s.padLeft();
                at[found] = ((n * s.outHeight() + p) * s.outWidth() + q) * s.channels();
                position[found] = (row - top) * s.windowWidth() + (column - left);
                cells[found] = rows * clipped(left, s.windowWidth(), s.width());
                found++;
            }
        }
        count = found;
    }

    /** The first window that reaches a padded coordinate: the least p with {@code p stride + window > coordinate}. */
    private static int firstWindow(int coordinate, int window, int stride) {
        return Math.max(0, coordinate - window + stride) / stride;
    }

    private static int clipped(int from, int window, int size) {
        return Math.min(from + window, size) - Math.max(from, 0);
    }

    /** A cell lies in no more windows than a window has cells. */
    private void reserve(PoolingShape s) {
        int most = s.windowHeight() * s.windowWidth();
        if (at.length < most) {
            at = new int[most];
            position = new float[most];
            cells = new float[most];
        }
    }
}
