package org.starling.kernels.conv;

import org.starling.kernels.gemm.Gemm;
import org.starling.kernels.gemm.PackedMatrix;
import org.starling.kernels.winograd.TileTransform;
import org.starling.kernels.winograd.TileTransforms;

/**
 * The memory that a {@link Convolution} holds once it has computed all passes of some shapes: each of its arrays has grown to the largest that a
 * pass needed. Counted for the widest vectors, whose panels are the widest; narrower ones need a little less.
 */
public final class ConvolutionScratch {
    /** Columns of a panel, two vectors of 512 bits. */
    private static final int PANEL = 32;

    /** Rows that the tiles of a piece of work take, up to whole tiles of a micro-kernel. */
    private static final int ROWS = 102;

    private long shared;
    private long filters;
    private long gradients;
    private long inputs;
    private long sums;
    private long matrix;
    private long packedFilters;
    private long packedGradient;
    private long biasSums;
    private long tileRows;
    private long v;
    private long m;

    /**
     * Counts the passes of a convolution.
     *
     * @param inputGradient whether the gradient of the input is one of them
     */
    public void add(ConvolutionShape s, boolean inputGradient) {
        // What is handed in: the parameters, or their gradient.
        shared = Math.max(shared, (long) s.patch() * s.filters());
        biasSums = Math.max(biasSums, (s.pixels() / Convolution.BIAS_BLOCK + 1L) * s.filters());
        WinogradShape winograd = winograd(s);
        if (winograd == null) {
            addDirect(s);
            packedGradient = Math.max(packedGradient, (long) PackedMatrix.DEPTH * panels(s.filters()));
        } else {
            addWinograd(winograd);
            addFilterGradient(winograd);
        }
        if (inputGradient) {
            ConvolutionShape back = s.backwardData();
            boolean unstrided = s.strideHeight() == 1 && s.strideWidth() == 1;
            WinogradShape backWinograd = unstrided ? winograd(back) : null;
            if (backWinograd == null) {
                addDirect(back);
            } else {
                addWinograd(backWinograd);
            }
        }
    }

    private static WinogradShape winograd(ConvolutionShape s) {
        return WinogradShape.cheapest(s, TileTransforms.scalar()).orElse(null);
    }

    private void addDirect(ConvolutionShape s) {
        matrix = Math.max(matrix, (long) s.patch() * s.filters());
        packedFilters = Math.max(packedFilters, (long) s.patch() * panels(s.filters()));
    }

    private void addWinograd(WinogradShape shape) {
        TileTransform tile = shape.tile();
        int channels = WinogradShape.padded(shape.channels());
        int outputs = panels(shape.filters());
        filters = Math.max(filters, (long) tile.products() * shape.channels() * outputs);
        long blocks = (channels + PackedMatrix.DEPTH - 1) / PackedMatrix.DEPTH;
        boolean narrow = channels * tile.size() <= PackedMatrix.DEPTH;
        long line = (long) ROWS * Gemm.LDA * (narrow ? 1 : tile.size() * blocks);
        v = Math.max(v, tile.size() * line);
        m = Math.max(m, (long) tile.products() * WinogradConvolution.TILES * outputs);
        tileRows = Math.max(tileRows, 3L * tile.scratch(Math.max(channels, outputs)));
    }

    private void addFilterGradient(WinogradShape shape) {
        TileTransform tile = shape.tile();
        int n = WinogradShape.padded(shape.filters());
        int lda = WinogradShape.padded(shape.channels()) + TileTransform.CHANNELS;
        int block = WinogradConvolution.gradientBlock(shape);
        gradients = Math.max(gradients, (long) tile.products() * block * panels(shape.filters()));
        inputs = Math.max(inputs, (long) tile.products() * block * lda + TileTransform.CHANNELS);
        sums = Math.max(sums, (long) tile.products() * shape.channels() * n);
    }

    /** Bytes with a team of so many threads. */
    public long bytes(int threads) {
        long together =
                shared + filters + gradients + inputs + sums + matrix + packedFilters + packedGradient + biasSums;
        long patches = packedFilters == 0 ? 0 : (long) ROWS * Gemm.LDA;
        return Float.BYTES * (together + threads * (v + m + tileRows + patches));
    }

    private static int panels(int columns) {
        return (columns + PANEL - 1) / PANEL * PANEL;
    }
}
