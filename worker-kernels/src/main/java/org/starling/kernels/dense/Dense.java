package org.starling.kernels.dense;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.ScratchArray;
import org.starling.kernels.WorkerScratch;
import org.starling.kernels.epilogue.EpilogueKernel;
import org.starling.kernels.gemm.Gemm;
import org.starling.kernels.gemm.MicroKernel;
import org.starling.kernels.gemm.PackedMatrix;

/**
 * The passes of a fully connected layer. The weights are by far the largest array and are read once a pass, from wherever they are, as the
 * left-hand side of a product with the small matrix of examples; they are never transposed. An output's bits depend on its own example alone.
 * Holds its scratch; for one caller at a time.
 */
public final class Dense {
    private static final int DEPTH = PackedMatrix.DEPTH;

    /** Outputs of a piece of work, 7 times the rows of a micro-kernel's tile: with 384 of their inputs 150 KB, in the second-level cache. */
    private static final int OUTPUTS = 98;

    /** Inputs of a piece of backward-data: rows of weights are read in runs of this length. */
    private static final int INPUTS = 196;

    /** Inputs of a piece of backward-weights: with 98 outputs, 200 KB of gradients in the second-level cache. */
    private static final int GRADIENT_INPUTS = 512;

    private final ComputeTeam team;
    private final EpilogueKernel epilogueKernel;
    private final PackedMatrix packed;
    private final WorkerScratch<Scratch> scratch;

    private static final class Scratch {
        final Gemm gemm;
        final float[] weights;
        float[] product = new float[0];

        Scratch(MicroKernel kernel) {
            gemm = new Gemm(kernel);
            int byRows = gemm.paddedRows(OUTPUTS) * Gemm.LDA;
            weights = new float[Math.max(byRows, DEPTH * gemm.paddedRows(INPUTS))];
        }

        float[] product(int length) {
            product = ScratchArray.atLeast(product, length);
            return product;
        }
    }

    public Dense(ComputeTeam team, KernelProvider provider) {
        this.team = team;
        this.epilogueKernel = provider.epilogueKernel();
        this.packed = new PackedMatrix(provider.microKernel());
        this.scratch = new WorkerScratch<>(team, () -> new Scratch(provider.microKernel()));
    }

    /** Bytes of scratch after all passes of a shape, with a team of so many threads and the widest vectors. */
    public static long scratchBytes(DenseShape s, int threads) {
        // Two vectors of 512 bits are a panel's columns.
        long examples = (s.examples() + 31L) / 32 * 32;
        long packed = Math.max(Math.max(s.inputs(), s.outputs()) * examples, (s.inputs() + 512L) * s.examples());
        long worker = DEPTH * (INPUTS + 14L) + INPUTS * examples;
        return Float.BYTES * (packed + threads * worker);
    }

    /**
     * {@code y = x w^T + b}, rectified if wanted, all of y written.
     *
     * @param x {@code [N, I]}
     * @param w {@code [O, I]} from index 0; its position is not used
     * @param b {@code [O]}, or null for none
     * @param y {@code [N, O]}
     * @param relu whether negative values become 0
     */
    public void forward(DenseShape s, float[] x, FloatBuffer w, float[] b, float[] y, boolean relu) {
        packed.packTransposed(team, x, 0, s.inputs(), s.inputs(), s.examples());
        team.run((s.outputs() + OUTPUTS - 1) / OUTPUTS, (piece, worker) -> {
            Scratch mine = scratch.of(worker);
            int first = piece * OUTPUTS;
            int rows = Math.min(OUTPUTS, s.outputs() - first);
            int ld = packed.paddedColumns();
            float[] product = mine.product(OUTPUTS * ld);
            for (int block = 0; block < s.inputs(); block += DEPTH) {
                int depth = Math.min(DEPTH, s.inputs() - block);
                for (int row = 0; row < rows; row++) {
                    w.get((first + row) * s.inputs() + block, mine.weights, row * Gemm.LDA, depth);
                }
                mine.gemm.multiply(rows, mine.weights, 0, packed, 0, block, block > 0, product, 0, ld);
            }
            for (int row = 0; row < rows; row++) {
                float bias = b == null ? 0 : b[first + row];
                for (int n = 0; n < s.examples(); n++) {
                    float value = product[row * ld + n] + bias;
                    y[n * s.outputs() + first + row] = relu ? Math.max(0f, value) : value;
                }
            }
        });
    }

    /**
     * The gradient of x from the gradient of the sums, all of dx written.
     *
     * @param dy {@code [N, O]}
     * @param w {@code [O, I]} from index 0
     * @param dx {@code [N, I]}
     */
    public void backwardData(DenseShape s, float[] dy, FloatBuffer w, float[] dx) {
        packed.packTransposed(team, dy, 0, s.outputs(), s.outputs(), s.examples());
        team.run((s.inputs() + INPUTS - 1) / INPUTS, (piece, worker) -> {
            Scratch mine = scratch.of(worker);
            int first = piece * INPUTS;
            int columns = Math.min(INPUTS, s.inputs() - first);
            int lda = mine.gemm.paddedRows(columns);
            int ld = packed.paddedColumns();
            float[] product = mine.product(INPUTS * ld);
            for (int block = 0; block < s.outputs(); block += DEPTH) {
                int depth = Math.min(DEPTH, s.outputs() - block);
                for (int k = 0; k < depth; k++) {
                    w.get((block + k) * s.inputs() + first, mine.weights, k * lda, columns);
                }
                mine.gemm.multiplyTransposed(
                        columns, mine.weights, 0, lda, packed, 0, block, block > 0, product, 0, ld);
            }
            for (int n = 0; n < s.examples(); n++) {
                for (int i = 0; i < columns; i++) {
                    dx[n * s.inputs() + first + i] = product[i * ld + n];
                }
            }
        });
    }

    /**
     * The gradient of the weights, all of dw written.
     *
     * @param x {@code [N, I]}
     * @param dy {@code [N, O]}
     * @param dw {@code [O, I]} from index 0; its position is not used
     */
    public void backwardWeights(DenseShape s, float[] x, float[] dy, FloatBuffer dw) {
        int chunks = (s.inputs() + GRADIENT_INPUTS - 1) / GRADIENT_INPUTS;
        int width = Math.min(GRADIENT_INPUTS, s.inputs());
        packed.packChunks(team, x, 0, s.inputs(), s.examples(), s.inputs(), width);
        int outputPieces = (s.outputs() + OUTPUTS - 1) / OUTPUTS;
        team.run(chunks * outputPieces, (piece, worker) -> {
            Scratch mine = scratch.of(worker);
            int chunk = piece / outputPieces;
            int first = piece % outputPieces * OUTPUTS;
            int rows = Math.min(OUTPUTS, s.outputs() - first);
            int lda = mine.gemm.paddedRows(rows);
            int ld = packed.paddedColumns();
            float[] product = mine.product(OUTPUTS * ld);
            for (int block = 0; block < s.examples(); block += DEPTH) {
                int depth = Math.min(DEPTH, s.examples() - block);
                for (int n = 0; n < depth; n++) {
                    System.arraycopy(dy, (block + n) * s.outputs() + first, mine.weights, n * lda, rows);
                }
                mine.gemm.multiplyTransposed(
                        rows, mine.weights, 0, lda, packed, chunk, block, block > 0, product, 0, ld);
            }
            int from = chunk * width;
            int columns = Math.min(width, s.inputs() - from);
            for (int row = 0; row < rows; row++) {
                dw.put((first + row) * s.inputs() + from, product, row * ld, columns);
            }
        });
    }

    /**
     * Prepares the gradient of what a layer with bias and ReLU gave: where ReLU let nothing through it becomes 0, and the bias's gradient is the
     * sum over the examples.
     *
     * @param y what {@link #forward} gave, or null without ReLU
     * @param dy {@code [N, O]}, changed in place
     * @param db {@code [O]}, all of it written, or null without bias
     */
    public void backwardEpilogue(DenseShape s, float[] y, float[] dy, float[] db) {
        if (y != null) {
            epilogueKernel.gate(s.examples() * s.outputs(), y, dy, 0);
        }
        if (db != null) {
            Arrays.fill(db, 0, s.outputs(), 0);
            for (int n = 0; n < s.examples(); n++) {
                epilogueKernel.add(s.outputs(), dy, n * s.outputs(), db, 0);
            }
        }
    }
}
