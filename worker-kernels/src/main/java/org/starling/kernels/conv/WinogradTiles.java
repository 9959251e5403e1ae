package org.starling.kernels.conv;

import java.util.Arrays;
import org.starling.kernels.epilogue.Epilogue;
import org.starling.kernels.epilogue.EpilogueKernel;

/** Moves tiles between images {@code [N, H, W, C]} and dense arrays {@code [a, a, n]} or {@code [m, m, n]}, n channels with padding. */
final class WinogradTiles {
    private final WinogradShape shape;
    private final ConvolutionShape s;
    private final int perImage;

    WinogradTiles(WinogradShape shape) {
        this.shape = shape;
        this.s = shape.convolution();
        this.perImage = shape.tilesDown() * shape.tilesAcross();
    }

    private int image(int tile) {
        return tile / perImage;
    }

    /** First output row of a tile. */
    private int top(int tile) {
        return tile % perImage / shape.tilesAcross() * shape.tile().outputs();
    }

    private int left(int tile) {
        return tile % perImage % shape.tilesAcross() * shape.tile().outputs();
    }

    /** Copies the input of a tile, with zeros outside the image and in the padding: {@code to[u, v, (i s + j) C + c]}. */
    void readInput(float[] x, int tile, float[] to, int n) {
        int size = shape.tile().size();
        int phases = shape.phases();
        int run = phases * s.channels();
        int plane = image(tile) * s.height();
        int firstRow = top(tile) * phases - s.padTop();
        int firstColumn = left(tile) * phases - s.padLeft();
        boolean padding = phases * run < n;
        for (int u = 0; u < size; u++) {
            for (int i = 0; i < phases; i++) {
                int row = firstRow + u * phases + i;
                boolean inside = row >= 0 && row < s.height();
                for (int v = 0; v < size; v++) {
                    int at = (u * size + v) * n + i * run;
                    if (inside) {
                        readRun(x, (plane + row) * s.width(), firstColumn + v * phases, to, at);
                    } else {
                        Arrays.fill(to, at, at + run, 0);
                    }
                    if (padding && i == phases - 1) {
                        Arrays.fill(to, at + run, at - i * run + n, 0);
                    }
                }
            }
        }
    }

    /** As many pixels of a row as there are phases. */
    private void readRun(float[] x, int rowStart, int column, float[] to, int at) {
        int c = s.channels();
        int phases = shape.phases();
        if (column >= 0 && column + phases <= s.width()) {
            System.arraycopy(x, (rowStart + column) * c, to, at, phases * c);
            return;
        }
        for (int j = 0; j < phases; j++, at += c) {
            if (column + j >= 0 && column + j < s.width()) {
                System.arraycopy(x, (rowStart + column + j) * c, to, at, c);
            } else {
                Arrays.fill(to, at, at + c, 0);
            }
        }
    }

    /** Copies the gradient of a tile's outputs, with zeros outside the image and in the padding. */
    void readOutput(float[] y, int tile, float[] to, int n) {
        int m = shape.tile().outputs();
        int o = s.filters();
        for (int p = 0; p < m; p++) {
            int row = top(tile) + p;
            for (int q = 0; q < m; q++) {
                int column = left(tile) + q;
                int at = (p * m + q) * n;
                if (row < s.outHeight() && column < s.outWidth()) {
                    System.arraycopy(y, ((image(tile) * s.outHeight() + row) * s.outWidth() + column) * o, to, at, o);
                    Arrays.fill(to, at + o, at + n, 0);
                } else {
                    Arrays.fill(to, at, at + n, 0);
                }
            }
        }
    }

    /** Hands on the outputs of a tile that are inside the image. */
    void writeOutput(float[] from, int n, float[] y, int tile, EpilogueKernel kernel, Epilogue epilogue) {
        int m = shape.tile().outputs();
        int rows = Math.min(m, s.outHeight() - top(tile));
        int columns = Math.min(m, s.outWidth() - left(tile));
        for (int p = 0; p < rows; p++) {
            int row = (image(tile) * s.outHeight() + top(tile) + p) * s.outWidth() + left(tile);
            for (int q = 0; q < columns; q++) {
                kernel.store(epilogue, s.filters(), from, (p * m + q) * n, y, (row + q) * s.filters());
            }
        }
    }
}
