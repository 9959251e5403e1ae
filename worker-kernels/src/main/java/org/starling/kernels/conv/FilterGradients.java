package org.starling.kernels.conv;

/**
 * The gradient of filters in DL4J's order, {@code dw[O, C, K, K]}, written one input channel at a time.
 *
 * @param shape of the convolution
 * @param dw gradient, all of it written in the end
 * @param phases stride that was taken apart into channels, see {@link WinogradShape}
 */
record FilterGradients(ConvolutionShape shape, float[] dw, int phases) {
    /** Takes channel c of all filters from {@code from[i, j, o]}, r x r x n. */
    void write(int c, int r, float[] from, int n) {
        int kernel = shape.kernelHeight();
        int phase = c / shape.channels();
        for (int i = 0; i < r; i++) {
            for (int j = 0; j < r; j++) {
                int row = i * phases + phase / phases;
                int column = j * phases + phase % phases;
                if (row < kernel && column < kernel) {
                    int to = (c % shape.channels() * kernel + row) * kernel + column;
                    for (int o = 0; o < shape.filters(); o++) {
                        dw[to + o * shape.patch()] = from[(i * r + j) * n + o];
                    }
                }
            }
        }
    }
}
