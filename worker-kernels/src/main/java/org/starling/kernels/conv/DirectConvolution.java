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

/**
 * A convolution as a matrix multiply whose left-hand side is gathered patch by patch (implicit GEMM), for every shape. Holds its scratch; for one
 * caller at a time.
 */
final class DirectConvolution {
    /** Output pixels of a piece of work: with 384 columns of their patches, 150 KB, they stay in the second-level cache. */
    private static final int PIXELS = 98;

    /** Patch columns of a piece of the filter's gradient, likewise. */
    private static final int PATCH_COLUMNS = 98;

    private static final int DEPTH = PackedMatrix.DEPTH;

    private final ComputeTeam team;
    private final EpilogueKernel epilogueKernel;
    private final PackedMatrix packedFilters;
    private final PackedMatrix packedGradient;
    private final WorkerScratch<Scratch> scratch;
    private float[] matrix = new float[0];

    private static final class Scratch {
        final Gemm gemm;
        final float[] patches;

        Scratch(MicroKernel kernel) {
            gemm = new Gemm(kernel);
            int byRows = gemm.paddedRows(PIXELS) * Gemm.LDA;
            int byColumns = DEPTH * gemm.paddedRows(PATCH_COLUMNS);
            patches = new float[Math.max(byRows, byColumns)];
        }
    }

    DirectConvolution(ComputeTeam team, KernelProvider provider) {
        MicroKernel kernel = provider.microKernel();
        this.epilogueKernel = provider.epilogueKernel();
        this.team = team;
        this.packedFilters = new PackedMatrix(kernel);
        this.packedGradient = new PackedMatrix(kernel);
        this.scratch = new WorkerScratch<>(team, () -> new Scratch(kernel));
    }

    void forward(ConvolutionShape s, float[] x, float[] w, float[] y, Epilogue epilogue) {
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
        multiply(s, new Patches(s), x, y, epilogue);
    }

    void backwardData(ConvolutionShape s, float[] dy, float[] w, float[] dx) {
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
        multiply(back, new Patches(back, s.strideHeight(), s.strideWidth()), dy, dx, Epilogue.NONE);
    }

    /** {@code y = epilogue(patches(x) packedFilters)}. */
    private void multiply(ConvolutionShape s, Patches patches, float[] x, float[] y, Epilogue epilogue) {
        int pieces = (s.pixels() + PIXELS - 1) / PIXELS;
        team.run(pieces, (piece, worker) -> {
            Scratch mine = scratch.of(worker);
            int first = piece * PIXELS;
            int rows = Math.min(PIXELS, s.pixels() - first);
            int at = first * s.filters();
            for (int block = 0; block < s.patch(); block += DEPTH) {
                int depth = Math.min(DEPTH, s.patch() - block);
                patches.gather(x, first, rows, block, depth, mine.patches, Gemm.LDA);
                mine.gemm.multiply(rows, mine.patches, 0, packedFilters, 0, block, block > 0, y, at, s.filters());
            }
            for (int row = 0; row < rows; row++, at += s.filters()) {
                epilogueKernel.store(epilogue, s.filters(), y, at, y, at);
            }
        });
    }

    void backwardFilter(ConvolutionShape s, float[] x, float[] dy, float[] dw) {
        Patches patches = new Patches(s);
        float[] sums = matrix(s.patch() * s.filters());
        int pieces = (s.patch() + PATCH_COLUMNS - 1) / PATCH_COLUMNS;
        for (int first = 0; first < s.pixels(); first += DEPTH) {
            int begin = first;
            int depth = Math.min(DEPTH, s.pixels() - first);
            packedGradient.pack(team, dy, first * s.filters(), s.filters(), depth, s.filters());
            team.run(pieces, (piece, worker) -> {
                Scratch mine = scratch.of(worker);
                int column = piece * PATCH_COLUMNS;
                int width = Math.min(PATCH_COLUMNS, s.patch() - column);
                int lda = mine.gemm.paddedRows(width);
                patches.gather(x, begin, depth, column, width, mine.patches, lda);
                mine.gemm.multiplyTransposed(
                        width,
                        mine.patches,
                        0,
                        lda,
                        packedGradient,
                        0,
                        0,
                        begin > 0,
                        sums,
                        column * s.filters(),
                        s.filters());
            });
        }
        int positions = s.kernelHeight() * s.kernelWidth();
        for (int o = 0; o < s.filters(); o++) {
            int to = o * s.patch();
            for (int c = 0; c < s.channels(); c++) {
                for (int position = 0; position < positions; position++) {
                    dw[to++] = sums[(position * s.channels() + c) * s.filters() + o];
                }
            }
        }
    }

    private float[] matrix(int length) {
        matrix = ScratchArray.atLeast(matrix, length);
        return matrix;
    }
}
