package org.starling.kernels.conv;

import java.util.Arrays;

/**
 * Filters in DL4J's order, {@code w[O, C, K, K]}, read one input channel at a time as Winograd's transforms take them.
 *
 * @param shape of the convolution that the filters belong to
 * @param w parameters
 * @param turned whether they are wanted as the gradient of the data takes them: turned around, channels and filters exchanged
 * @param phases stride that was taken apart into channels, see {@link WinogradShape}
 */
record Filters(ConvolutionShape shape, float[] w, boolean turned, int phases) {
    /** Reads channel c of all filters to {@code to[i, j, o]}, r x r x n, zero where a phase has no such row or column. */
    void read(int c, int r, float[] to, int n) {
        if (turned) {
            readTurned(c, to, n);
        } else {
            readPhase(c, r, to, n);
        }
    }

    private void readTurned(int c, float[] to, int n) {
        int positions = shape.kernelHeight() * shape.kernelWidth();
        int channels = shape.channels();
        for (int position = 0; position < positions; position++) {
            int at = position * n;
            int from = c * channels * positions + positions - 1 - position;
            for (int o = 0; o < channels; o++) {
                to[at + o] = w[from + o * positions];
            }
            Arrays.fill(to, at + channels, at + n, 0);
        }
    }

    private void readPhase(int c, int r, float[] to, int n) {
        int kernel = shape.kernelHeight();
        int phase = c / shape.channels();
        int firstRow = phase / phases;
        int firstColumn = phase % phases;
        for (int i = 0; i < r; i++) {
            for (int j = 0; j < r; j++) {
                int row = i * phases + firstRow;
                int column = j * phases + firstColumn;
                int at = (i * r + j) * n;
                int end = at;
                if (row < kernel && column < kernel) {
                    int from = (c % shape.channels() * kernel + row) * kernel + column;
                    for (int o = 0; o < shape.filters(); o++) {
                        to[at + o] = w[from + o * shape.patch()];
                    }
                    end += shape.filters();
                }
                Arrays.fill(to, end, at + n, 0);
            }
        }
    }
}
