package org.starling.kernels.pool;

/**
 * Pooling of one pixel, for c below {@code channels}. A pixel is given by where its channel 0 lies. Arguments are not checked.
 */
public interface PoolingKernel {
    /**
     * {@code y[yo + c] = max_t x[cells[t] + c]} over t below {@code count}, and {@code argmax[yo + c] = positions[t]} of the first t that has it.
     * NaN loses to every number; where there is nothing else the result is negative infinity at {@code positions[0]}.
     *
     * @param argmax null where nobody asks
     */
    void maximum(int channels, float[] x, int count, int[] cells, float[] positions, float[] y, float[] argmax, int yo);

    /** {@code dx[xo + c] = sum_t dy[windows[t] + c]} over those t whose {@code argmax[windows[t] + c]} is {@code positions[t]}, t rising. */
    void maximumGradient(
            int channels, float[] dy, float[] argmax, int count, int[] windows, float[] positions, float[] dx, int xo);

    /** {@code y[yo + c] = (sum_t x[cells[t] + c]) / count}, t rising. */
    void mean(int channels, float[] x, int count, int[] cells, float[] y, int yo);

    /** {@code dx[xo + c] = sum_t dy[windows[t] + c] / sizes[t]}, t rising. */
    void meanGradient(int channels, float[] dy, int count, int[] windows, float[] sizes, float[] dx, int xo);
}
