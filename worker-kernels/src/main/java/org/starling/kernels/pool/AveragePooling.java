package org.starling.kernels.pool;

import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.WorkerScratch;

/**
 * The two passes of average pooling. A window's sum is divided by its cells within the image, as Keras does; padding does not count. Holds its
 * scratch, a few numbers a cell of a window and thread; for one caller at a time.
 */
public final class AveragePooling {
    private final ComputeTeam team;
    private final PoolingKernel kernel;
    private final WorkerScratch<Overlap> scratch;

    public AveragePooling(ComputeTeam team) {
        this(team, KernelProvider.get().poolingKernel());
    }

    AveragePooling(ComputeTeam team, PoolingKernel kernel) {
        this.team = team;
        this.kernel = kernel;
        this.scratch = new WorkerScratch<>(team, Overlap::new);
    }

    /**
     * All of y written: sums take a window row by row in single precision, then one division.
     *
     * @param x {@code [N, H, W, C]}
     * @param y {@code [N, OH, OW, C]}
     */
    public void forward(PoolingShape s, float[] x, float[] y) {
        team.run(s.images() * s.outHeight(), (row, worker) -> {
            Overlap window = scratch.of(worker);
            for (int q = 0; q < s.outWidth(); q++) {
                window.ofWindow(s, row / s.outHeight(), row % s.outHeight(), q);
                kernel.mean(s.channels(), x, window.count, window.at, y, (row * s.outWidth() + q) * s.channels());
            }
        });
    }

    /**
     * The gradient of x from the gradient of y, all of dx written: each cell of a window gets the same share.
     *
     * @param dy {@code [N, OH, OW, C]}
     * @param dx {@code [N, H, W, C]}
     */
    public void backward(PoolingShape s, float[] dy, float[] dx) {
        team.run(s.images() * s.height(), (row, worker) -> {
            Overlap windows = scratch.of(worker);
            for (int column = 0; column < s.width(); column++) {
                windows.ofCell(s, row / s.height(), row % s.height(), column);
                int at = (row * s.width() + column) * s.channels();
                kernel.meanGradient(s.channels(), dy, windows.count, windows.at, windows.cells, dx, at);
            }
        });
    }
}
