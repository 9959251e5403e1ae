package org.starling.kernels.conv;

import java.util.Arrays;
import java.util.function.Supplier;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.gemm.Gemm;
import org.starling.kernels.gemm.MicroKernel;
import org.starling.kernels.gemm.PackedMatrix;

/**
 * The three passes of a convolution. Every output element is accumulated in an order that follows from the shape alone, whatever the vector
 * width, the threads and the other images of the batch. Holds its scratch; for one caller at a time.
 */
public final class Convolution {
    /** Output pixels of a piece of work: with 256 columns of their patches, 96 KB, they stay in the second-level cache. */
    private static final int PIXELS = 96;

    /** Patch columns of a piece of the filter's gradient, likewise. */
    private static final int PATCH_COLUMNS = 96;

    private static final int DEPTH = PackedMatrix.DEPTH;
    private static final ComputeTeam ALONE = new ComputeTeam(1);

    private final ComputeTeam team;
    private final PackedMatrix packedFilters;
    private final ThreadLocal<Scratch> scratch;
    private float[] matrix = new float[0];
    private float[] spread = new float[0];

    private static final class Scratch {
        final Gemm gemm;
        final PackedMatrix gradient;
        final float[] patches = new float[Math.max(PIXELS, PATCH_COLUMNS) * DEPTH];

        Scratch(MicroKernel kernel) {
            gemm = new Gemm(kernel);
            gradient = new PackedMatrix(kernel);
        }
    }

    public Convolution(ComputeTeam team, MicroKernel kernel) {
        this.team = team;
        this.packedFilters = new PackedMatrix(kernel);
        Supplier<Scratch> perThread = () -> new Scratch(kernel);
        this.scratch = ThreadLocal.withInitial(perThread);
    }

    /**
     * {@code y = x * w + b}, all of y written.
     *
     * @param x {@code [N, H, W, C]}
     * @param w {@code [O, C, KH, KW]}, DL4J's order
     * @param b {@code [O]}, or null for none
     * @param y {@code [N, OH, OW, O]}
     */
    public void forward(ConvolutionShape s, float[] x, float[] w, float[] b, float[] y) {
        float[] filters = matrix(s.patch() * s.filters());
        for (int o = 0; o < s.filters(); o++) {
            int from = o * s.patch();
            for (int c = 0; c < s.channels(); c++) {
                for (int position = 0; position < s.kernelHeight() * s.kernelWidth(); position++) {
                    filters[(position * s.channels() + c) * s.filters() + o] = w[from++];
                }
            }
        }
        packedFilters.pack(team, filters, 0, s.filters(), s.patch(), s.filters());
        multiply(s, x, b, y);
    }

    /**
     * The gradient of x from the gradient of y, all of dx written.
     *
     * @param dy {@code [N, OH, OW, O]}
     * @param w {@code [O, C, KH, KW]}
     * @param dx {@code [N, H, W, C]}
     */
    public void backwardData(ConvolutionShape s, float[] dy, float[] w, float[] dx) {
        ConvolutionShape back = s.backwardData();
        int positions = s.kernelHeight() * s.kernelWidth();
        float[] filters = matrix(back.patch() * s.channels());
        for (int o = 0; o < s.filters(); o++) {
            for (int c = 0; c < s.channels(); c++) {
                for (int position = 0; position < positions; position++) {
                    int turned = positions - 1 - position;
                    filters[(turned * s.filters() + o) * s.channels() + c] =
                            w[(o * s.channels() + c) * positions + position];
                }
            }
        }
        packedFilters.pack(team, filters, 0, s.channels(), back.patch(), s.channels());
        boolean strided = s.strideHeight() > 1 || s.strideWidth() > 1;
        multiply(back, strided ? spread(s, back, dy) : dy, null, dx);
    }

    /** dy with zeros between its pixels. */
    private float[] spread(ConvolutionShape s, ConvolutionShape back, float[] dy) {
        int length = back.images() * back.height() * back.width() * s.filters();
        if (spread.length < length) {
            spread = new float[length];
        } else {
            Arrays.fill(spread, 0, length, 0);
        }
        for (int pixel = 0; pixel < s.pixels(); pixel++) {
            int q = pixel % s.outWidth();
            int p = pixel / s.outWidth() % s.outHeight();
            int n = pixel / s.outWidth() / s.outHeight();
            int at = (n * back.height() + p * s.strideHeight()) * back.width() + q * s.strideWidth();
            System.arraycopy(dy, pixel * s.filters(), spread, at * s.filters(), s.filters());
        }
        return spread;
    }

    /** {@code y = patches(x) packedFilters + b}. */
    private void multiply(ConvolutionShape s, float[] x, float[] b, float[] y) {
        Patches patches = new Patches(s);
        int pieces = (s.pixels() + PIXELS - 1) / PIXELS;
        team.run(pieces, piece -> {
            Scratch mine = scratch.get();
            int first = piece * PIXELS;
            int rows = Math.min(PIXELS, s.pixels() - first);
            int at = first * s.filters();
            Arrays.fill(y, at, at + rows * s.filters(), 0);
            for (int block = 0; block < s.patch(); block += DEPTH) {
                int depth = Math.min(DEPTH, s.patch() - block);
                patches.gather(x, first, rows, block, depth, mine.patches, depth);
                mine.gemm.multiplyBlock(rows, mine.patches, 0, depth, packedFilters, block, y, at, s.filters());
            }
            if (b != null) {
                addBias(y, at, rows, b);
            }
        });
    }

    private static void addBias(float[] y, int at, int rows, float[] b) {
        for (int row = 0; row < rows; row++, at += b.length) {
            for (int o = 0; o < b.length; o++) {
                y[at + o] += b[o];
            }
        }
    }

    /**
     * The gradients of filters and bias, all of both written.
     *
     * @param x {@code [N, H, W, C]}
     * @param dy {@code [N, OH, OW, O]}
     * @param dw {@code [O, C, KH, KW]}
     * @param db {@code [O]}, or null
     */
    public void backwardFilter(ConvolutionShape s, float[] x, float[] dy, float[] dw, float[] db) {
        Patches patches = new Patches(s);
        int length = s.patch() * s.filters();
        float[] sums = matrix(length);
        Arrays.fill(sums, 0, length, 0);
        int pieces = (s.patch() + PATCH_COLUMNS - 1) / PATCH_COLUMNS;
        // Each thread takes a stretch of the patch columns and goes over all pixels, so that every sum has one order.
        int stretches = Math.min(pieces, team.threads());
        team.run(stretches, stretch -> {
            Scratch mine = scratch.get();
            int begin = pieces * stretch / stretches * PATCH_COLUMNS;
            int end = Math.min(s.patch(), pieces * (stretch + 1) / stretches * PATCH_COLUMNS);
            for (int first = 0; first < s.pixels(); first += DEPTH) {
                int depth = Math.min(DEPTH, s.pixels() - first);
                mine.gradient.pack(ALONE, dy, first * s.filters(), s.filters(), depth, s.filters());
                for (int column = begin; column < end; column += PATCH_COLUMNS) {
                    int width = Math.min(PATCH_COLUMNS, end - column);
                    patches.gather(x, first, depth, column, width, mine.patches, width);
                    mine.gemm.multiplyTransposed(
                            width, mine.patches, 0, width, mine.gradient, sums, column * s.filters(), s.filters());
                }
            }
        });
        int positions = s.kernelHeight() * s.kernelWidth();
        for (int o = 0; o < s.filters(); o++) {
            int to = o * s.patch();
            for (int c = 0; c < s.channels(); c++) {
                for (int position = 0; position < positions; position++) {
                    dw[to++] = sums[(position * s.channels() + c) * s.filters() + o];
                }
            }
        }
        if (db != null) {
            biasGradient(s, dy, db);
        }
    }

    /** Sums in blocks, as long sums of floats in one go lose digits. */
    private static void biasGradient(ConvolutionShape s, float[] dy, float[] db) {
        Arrays.fill(db, 0, s.filters(), 0);
        float[] block = new float[s.filters()];
        for (int first = 0; first < s.pixels(); first += DEPTH) {
            Arrays.fill(block, 0);
            int end = Math.min(s.pixels(), first + DEPTH);
            for (int pixel = first; pixel < end; pixel++) {
                int at = pixel * s.filters();
                for (int o = 0; o < block.length; o++) {
                    block[o] += dy[at + o];
                }
            }
            for (int o = 0; o < block.length; o++) {
                db[o] += block[o];
            }
        }
    }

    private float[] matrix(int length) {
        if (matrix.length < length) {
            matrix = new float[length];
        }
        return matrix;
    }
}
