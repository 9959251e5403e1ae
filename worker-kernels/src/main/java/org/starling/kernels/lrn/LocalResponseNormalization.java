package org.starling.kernels.lrn;

import java.util.Arrays;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.WorkerScratch;

/**
 * The two passes of local response normalization. Pixels are independent; a piece of work is as many of them as stay in the first-level cache.
 * Nothing is kept between the passes: the denominators cost less to compute again than to read. Holds its scratch, about 24 KB a thread up to 2048
 * channels; for one caller at a time.
 */
public final class LocalResponseNormalization {
    /** Values of a piece of work. */
    private static final int VALUES = 2048;

    private final ComputeTeam team;
    private final LrnKernel kernel;
    private final WorkerScratch<Scratch> scratch;

    /** Of one piece. The rows of pixels in {@link #rows} have {@code reach} zeros before, between and after them. */
    private static final class Scratch {
        float[] rows = new float[0];
        float[] denominators = new float[0];
        /** Once used, room for the backward pass's sums. */
        float[] powers = new float[0];

        void reserve(LrnShape s, int pixels) {
            int padded = pixels * (s.channels() + s.reach()) + s.reach();
            if (rows.length < padded) {
                rows = new float[padded];
            }
            if (denominators.length < pixels * s.channels()) {
                denominators = new float[pixels * s.channels()];
                powers = new float[pixels * s.channels()];
            }
            for (int gap = 0; gap < padded; gap += s.channels() + s.reach()) {
                Arrays.fill(rows, gap, gap + s.reach(), 0);
            }
        }
    }

    @FunctionalInterface
    private interface Piece {
        void compute(Scratch mine, int firstPixel, int pixels);
    }

    public LocalResponseNormalization(ComputeTeam team) {
        this(team, KernelProvider.get().lrnKernel());
    }

    LocalResponseNormalization(ComputeTeam team, LrnKernel kernel) {
        this.team = team;
        this.kernel = kernel;
        this.scratch = new WorkerScratch<>(team, Scratch::new);
    }

    /**
     * {@code y = x / d^beta}, all of y written.
     *
     * @param x {@code [N, H, W, C]}
     * @param y likewise
     */
    public void forward(LrnShape s, float[] x, float[] y) {
        forEachPiece(s, (mine, first, pixels) -> {
            int at = first * s.channels();
            denominators(s, mine, x, at, pixels);
            kernel.divide(pixels * s.channels(), x, at, mine.powers, y, at);
        });
    }

    /**
     * The gradient of x from the gradient of y, all of dx written:
     *
     * <pre>dx[i] = dy[i] / d[i]^beta - 2 alpha beta x[i] sum_j dy[j] x[j] / d[j]^(beta + 1)   over j in the window of i</pre>
     *
     * @param x the forward pass's, {@code [N, H, W, C]}
     * @param dy likewise
     * @param dx likewise; neither x nor dy
     */
    public void backward(LrnShape s, float[] x, float[] dy, float[] dx) {
        float factor = (float) (2 * s.alpha() * s.beta());
        int c = s.channels();
        int stride = c + s.reach();
        forEachPiece(s, (mine, first, pixels) -> {
            int at = first * c;
            denominators(s, mine, x, at, pixels);
            kernel.divide(pixels * c, dy, at, mine.powers, dx, at);
            for (int pixel = 0; pixel < pixels; pixel++) {
                int row = pixel * stride + s.reach();
                kernel.terms(c, dx, x, at + pixel * c, mine.denominators, pixel * c, mine.rows, row);
            }
            for (int pixel = 0; pixel < pixels; pixel++) {
                kernel.windowSums(c, s.n(), mine.rows, pixel * stride, mine.powers, pixel * c);
            }
            kernel.subtract(pixels * c, factor, x, mine.powers, dx, at);
        });
    }

    private void forEachPiece(LrnShape s, Piece piece) {
        int most = Math.max(1, VALUES / s.channels());
        team.run((s.pixels() + most - 1) / most, (number, worker) -> {
            int first = number * most;
            int pixels = Math.min(most, s.pixels() - first);
            Scratch mine = scratch.of(worker);
            mine.reserve(s, pixels);
            piece.compute(mine, first, pixels);
        });
    }

    /** The denominators and their powers. All pixels are squared before the first sum: a load across two fresh stores waits for both. */
    private void denominators(LrnShape s, Scratch mine, float[] x, int at, int pixels) {
        int c = s.channels();
        int stride = c + s.reach();
        for (int pixel = 0; pixel < pixels; pixel++) {
            kernel.square(c, x, at + pixel * c, mine.rows, pixel * stride + s.reach());
        }
        for (int pixel = 0; pixel < pixels; pixel++) {
            kernel.windowSums(c, s.n(), mine.rows, pixel * stride, mine.denominators, pixel * c);
        }
        kernel.denominators(pixels * c, (float) s.k(), (float) s.alpha(), mine.denominators);
        if (s.quarters() > 0) {
            kernel.power(pixels * c, s.quarters(), mine.denominators, mine.powers);
        } else {
            for (int i = 0; i < pixels * c; i++) {
                mine.powers[i] = (float) StrictMath.pow(mine.denominators[i], s.beta());
            }
        }
    }
}
