package org.starling.kernels.pool;

import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.WorkerScratch;

/**
 * The two passes of max pooling. The first of equal values in a window, row by row, is its maximum. As in DL4J, NaN loses to every number. A window
 * of nothing but NaN yields negative infinity, which shows as not finite (DL4J yields its lowest float there), and its gradient goes to its first
 * cell. Holds its scratch, a few numbers a cell of a window and thread; for one caller at a time.
 */
public final class MaxPooling {
    private final ComputeTeam team;
    private final PoolingKernel kernel;
    private final WorkerScratch<Overlap> scratch;

    public MaxPooling(ComputeTeam team) {
        this(team, KernelProvider.get().poolingKernel());
    }

    MaxPooling(ComputeTeam team, PoolingKernel kernel) {
        this.team = team;
        this.kernel = kernel;
        this.scratch = new WorkerScratch<>(team, Overlap::new);
    }

    /**
     * All of y and argmax written.
     *
     * @param x {@code [N, H, W, C]}
     * @param y {@code [N, OH, OW, C]}
     * @param argmax {@code [N, OH, OW, C]}, the maximum's position within its window, {@code i KW + j}; null in inference, which has no use for it
     */
    public void forward(PoolingShape s, float[] x, float[] y, float[] argmax) {
        team.run(s.images() * s.outHeight(), (row, worker) -> {
            Overlap window = scratch.of(worker);
            for (int q = 0; q < s.outWidth(); q++) {
                window.ofWindow(s, row / s.outHeight(), row % s.outHeight(), q);
                int at = (row * s.outWidth() + q) * s.channels();
                kernel.maximum(s.channels(), x, window.count, window.at, window.position, y, argmax, at);
            }
        });
    }

    /**
     * The gradient of x from the gradient of y, all of dx written: a window's gradient belongs to its maximum.
     *
     * @param dy {@code [N, OH, OW, C]}
     * @param argmax of the forward pass
     * @param dx {@code [N, H, W, C]}
     */
    public void backward(PoolingShape s, float[] dy, float[] argmax, float[] dx) {
        team.run(s.images() * s.height(), (row, worker) -> {
            Overlap windows = scratch.of(worker);
            for (int column = 0; column < s.width(); column++) {
                windows.ofCell(s, row / s.height(), row % s.height(), column);
                int at = (row * s.width() + column) * s.channels();
                kernel.maximumGradient(s.channels(), dy, argmax, windows.count, windows.at, windows.position, dx, at);
            }
        });
    }
}
