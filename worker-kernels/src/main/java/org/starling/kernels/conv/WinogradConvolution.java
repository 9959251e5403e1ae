package org.starling.kernels.conv;

import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.ScratchArray;
import org.starling.kernels.WorkerScratch;
import org.starling.kernels.epilogue.Epilogue;
import org.starling.kernels.epilogue.EpilogueKernel;
import org.starling.kernels.gemm.Gemm;
import org.starling.kernels.gemm.MicroKernel;
import org.starling.kernels.gemm.PackedMatrix;
import org.starling.kernels.winograd.TileTransform;

/**
 * A convolution in Winograd's domain: for each of a tile's products xi a matrix multiply over tiles, channels and filters,
 *
 * <pre>M[xi, tile, o] = sum_c V[xi, tile, c] U[xi, c, o]           forward and backward-data
 * dU[xi, c, o]   = sum_tile V[xi, tile, c] D[xi, tile, o]     backward-filter</pre>
 *
 * with V, U, D the transformed inputs, filters and gradients, and M and dU transformed back. A tile's products take their channels in one
 * order and meet no other tile, so that an image's output depends on no neighbour. Holds its scratch; for one caller at a time.
 */
final class WinogradConvolution {
    /**
     * Tiles that a thread takes at once: 7 times the rows of a micro-kernel's tile, so that each filter read from memory meets many tiles, while V
     * and M stay in the last-level cache.
     */
    static final int TILES = 98;

    /**
     * Floats of V and D at once in backward-filter: four times those of dU, which is read and written for each block, but between 2 MB, the
     * second-level caches, and 32 MB. Fixed by the shape, as the sums are rounded at a block's end.
     */
    private static final int GRADIENT_BLOCK_LEAST = 1 << 19;

    private static final int GRADIENT_BLOCK_MOST = 8 << 20;

    /** Channels of filters that a thread transforms at once. */
    private static final int CHANNELS = 8;

    private final ComputeTeam team;
    private final EpilogueKernel epilogueKernel;
    private final PackedMatrix filters;
    private final PackedMatrix gradients;
    private final WorkerScratch<Scratch> scratch;
    private float[] inputs = new float[0];
    private float[] sums = new float[0];

    /** What one thread needs; grows to the largest shape seen. */
    private static final class Scratch {
        final Gemm gemm;
        float[] tile = new float[0];
        float[] pass = new float[0];
        float[] result = new float[0];
        float[] v = new float[0];
        float[] m = new float[0];

        Scratch(MicroKernel kernel) {
            gemm = new Gemm(kernel);
        }

        void reserve(TileTransform tile, int n) {
            int length = tile.scratch(n);
            if (pass.length < length) {
                this.tile = new float[length];
                this.pass = new float[length];
                this.result = new float[length];
            }
        }
    }

    WinogradConvolution(ComputeTeam team, KernelProvider provider) {
        MicroKernel kernel = provider.microKernel();
        this.epilogueKernel = provider.epilogueKernel();
        this.team = team;
        this.filters = new PackedMatrix(kernel);
        this.gradients = new PackedMatrix(kernel);
        this.scratch = new WorkerScratch<>(team, () -> new Scratch(kernel));
    }

    /** Convolves x with the filters that w describes, all of y written. */
    void convolve(WinogradShape shape, float[] x, Filters w, float[] y, Epilogue epilogue) {
        transformFilters(shape, w);
        WinogradTiles tiles = new WinogradTiles(shape);
        int blocks = (shape.tiles() + TILES - 1) / TILES;
        team.run(blocks, (block, worker) -> {
            int first = block * TILES;
            int count = Math.min(TILES, shape.tiles() - first);
            convolveTiles(scratch.of(worker), shape, tiles, first, count, x, y, epilogue);
        });
    }

    private void transformFilters(WinogradShape shape, Filters w) {
        TileTransform tile = shape.tile();
        filters.resize(tile.products(), shape.channels(), shape.filters());
        int n = WinogradShape.padded(shape.filters());
        int panel = filters.panelColumns();
        boolean whole = filters.paddedColumns() >= n;
        team.run((shape.channels() + CHANNELS - 1) / CHANNELS, (piece, worker) -> {
            Scratch mine = scratch.of(worker);
            mine.reserve(tile, n);
            int end = Math.min(shape.channels(), (piece + 1) * CHANNELS);
            for (int c = piece * CHANNELS; c < end; c++) {
                w.read(c, tile.filter(), mine.tile, n);
                int block = c / PackedMatrix.DEPTH * PackedMatrix.DEPTH;
                int at = filters.offset(0, block, 0) + (c - block) * panel;
                if (whole && panel >= TileTransform.CHANNELS) {
                    tile.filter(
                            mine.tile,
                            n,
                            mine.pass,
                            filters.values(),
                            at,
                            filters.matrixLength(),
                            panel,
                            filters.panelLength(block));
                } else {
                    tile.filter(mine.tile, n, mine.pass, mine.result, 0, n, n, 0);
                    for (int xi = 0; xi < tile.products(); xi++) {
                        copyToPanels(
                                mine.result,
                                xi * n,
                                shape.filters(),
                                filters.values(),
                                at + xi * filters.matrixLength(),
                                panel,
                                filters.panelLength(block));
                    }
                }
            }
        });
    }

    /** For panels narrower than what a transform writes at once. */
    private static void copyToPanels(float[] row, int from, int n, float[] to, int at, int panel, int panelLength) {
        for (int c = 0; c < n; c += panel) {
            System.arraycopy(row, from + c, to, at + c / panel * panelLength, Math.min(panel, n - c));
        }
    }

    private void convolveTiles(
            Scratch mine,
            WinogradShape shape,
            WinogradTiles tiles,
            int first,
            int count,
            float[] x,
            float[] y,
            Epilogue epilogue) {
        TileTransform tile = shape.tile();
        int channels = WinogradShape.padded(shape.channels());
        int outputs = Math.max(WinogradShape.padded(shape.filters()), filters.paddedColumns());
        mine.reserve(tile, Math.max(channels, outputs));
        int rows = mine.gemm.paddedRows(TILES);
        int blockLength = rows * Gemm.LDA;
        // Narrow inputs share the rows of a block of A: those of a tile's line lie side by side.
        boolean narrow = channels * tile.size() <= PackedMatrix.DEPTH;
        int blocks = (channels + PackedMatrix.DEPTH - 1) / PackedMatrix.DEPTH;
        int step = narrow ? channels : blocks * blockLength;
        int line = narrow ? blockLength : tile.size() * step;
        int mLength = count * outputs;
        mine.v = ScratchArray.atLeast(mine.v, tile.size() * line);
        mine.m = ScratchArray.atLeast(mine.m, tile.products() * TILES * outputs);

        for (int t = 0; t < count; t++) {
            tiles.readInput(x, first + t, mine.tile, channels);
            tile.input(
                    mine.tile, channels, mine.pass, mine.v, t * Gemm.LDA, step, line, PackedMatrix.DEPTH, blockLength);
        }
        for (int xi = 0; xi < tile.products(); xi++) {
            for (int block = 0; block < shape.channels(); block += PackedMatrix.DEPTH) {
                int at = xi / tile.size() * line + xi % tile.size() * step + block / PackedMatrix.DEPTH * blockLength;
                mine.gemm.multiply(count, mine.v, at, filters, xi, block, block > 0, mine.m, xi * mLength, outputs);
            }
        }
        int n = WinogradShape.padded(shape.filters());
        for (int t = 0; t < count; t++) {
            tile.output(mine.m, t * outputs, mLength, n, mine.pass, mine.tile);
            tiles.writeOutput(mine.tile, n, y, first + t, epilogueKernel, epilogue);
        }
    }

    /** The gradient of the filters, handed to w one input channel at a time. */
    void backwardFilter(WinogradShape shape, float[] x, float[] dy, FilterGradients w) {
        TileTransform tile = shape.tile();
        int n = WinogradShape.padded(shape.filters());
        int channels = WinogradShape.padded(shape.channels());
        int lda = channels + TileTransform.CHANNELS;
        int block = gradientBlock(shape);
        inputs = ScratchArray.atLeast(inputs, tile.products() * block * lda + TileTransform.CHANNELS);
        sums = ScratchArray.atLeast(sums, tile.products() * shape.channels() * n);
        for (int first = 0; first < shape.tiles(); first += block) {
            int count = Math.min(block, shape.tiles() - first);
            transformGradients(shape, first, count, lda, x, dy);
            boolean add = first > 0;
            team.run(tile.products(), (xi, worker) -> scratch.of(worker)
                    .gemm
                    .multiplyTransposed(
                            shape.channels(),
                            inputs,
                            xi * count * lda,
                            lda,
                            gradients,
                            xi,
                            0,
                            add,
                            sums,
                            xi * shape.channels() * n,
                            n));
        }
        team.run(shape.channels(), (c, worker) -> {
            Scratch mine = scratch.of(worker);
            mine.reserve(tile, n);
            tile.filterGradient(sums, c * n, shape.channels() * n, n, mine.pass, mine.tile);
            w.write(c, tile.filter(), mine.tile, n);
        });
    }

    /** Tiles that are transformed at once. */
    static int gradientBlock(WinogradShape shape) {
        int products = shape.tile().products();
        int n = WinogradShape.padded(shape.filters());
        int perTile = products * (WinogradShape.padded(shape.channels()) + TileTransform.CHANNELS + n);
        int wanted = 4 * products * shape.channels() * n;
        int floats = Math.max(GRADIENT_BLOCK_LEAST, Math.min(GRADIENT_BLOCK_MOST, wanted));
        return Math.min(shape.tiles(), Math.max(1, Math.min(PackedMatrix.DEPTH, floats / perTile)));
    }

    private void transformGradients(WinogradShape shape, int first, int count, int lda, float[] x, float[] dy) {
        TileTransform tile = shape.tile();
        WinogradTiles tiles = new WinogradTiles(shape);
        int channels = WinogradShape.padded(shape.channels());
        int n = WinogradShape.padded(shape.filters());
        gradients.resize(tile.products(), count, shape.filters());
        int panel = gradients.panelColumns();
        boolean whole = gradients.paddedColumns() >= n && panel >= TileTransform.CHANNELS;
        team.run(count, (t, worker) -> {
            Scratch mine = scratch.of(worker);
            mine.reserve(tile, Math.max(channels, n));
            tiles.readInput(x, first + t, mine.tile, channels);
            tile.input(
                    mine.tile,
                    channels,
                    mine.pass,
                    inputs,
                    t * lda,
                    count * lda,
                    tile.size() * count * lda,
                    channels,
                    0);
            tiles.readOutput(dy, first + t, mine.tile, n);
            int at = t * panel;
            if (whole) {
                tile.gradient(
                        mine.tile,
                        n,
                        mine.pass,
                        gradients.values(),
                        at,
                        gradients.matrixLength(),
                        panel,
                        gradients.panelLength(0));
            } else {
                tile.gradient(mine.tile, n, mine.pass, mine.result, 0, n, n, 0);
                for (int xi = 0; xi < tile.products(); xi++) {
                    copyToPanels(
                            mine.result,
                            xi * n,
                            shape.filters(),
                            gradients.values(),
                            at + xi * gradients.matrixLength(),
                            panel,
                            gradients.panelLength(0));
                }
            }
        });
    }
}
