package org.starling.kernels.pool;

/** Pooling in plain Java. Channels from {@code first} on, so that it also finishes what whole vectors leave over. */
final class ScalarPooling implements PoolingKernel {
    @Override
    public void maximum(
            int channels, float[] x, int count, int[] cells, float[] positions, float[] y, float[] argmax, int yo) {
        maximumFrom(0, channels, x, count, cells, positions, y, argmax, yo);
    }

    static void maximumFrom(
            int first,
            int channels,
            float[] x,
            int count,
            int[] cells,
            float[] positions,
            float[] y,
            float[] argmax,
            int yo) {
        for (int c = first; c < channels; c++) {
            float largest = Float.NEGATIVE_INFINITY;
            float position = positions[0];
            for (int t = 0; t < count; t++) {
                float value = x[cells[t] + c];
                if (value > largest) {
                    largest = value;
                    position = positions[t];
                }
            }
            y[yo + c] = largest;
            if (argmax != null) {
                argmax[yo + c] = position;
            }
        }
    }

    @Override
    public void maximumGradient(
            int channels, float[] dy, float[] argmax, int count, int[] windows, float[] positions, float[] dx, int xo) {
        maximumGradientFrom(0, channels, dy, argmax, count, windows, positions, dx, xo);
    }

    static void maximumGradientFrom(
            int first,
            int channels,
            float[] dy,
            float[] argmax,
            int count,
            int[] windows,
            float[] positions,
            float[] dx,
            int xo) {
        for (int c = first; c < channels; c++) {
            float sum = 0;
            for (int t = 0; t < count; t++) {
                if (argmax[windows[t] + c] == positions[t]) {
                    sum += dy[windows[t] + c];
                }
            }
            dx[xo + c] = sum;
        }
    }

    @Override
    public void mean(int channels, float[] x, int count, int[] cells, float[] y, int yo) {
        meanFrom(0, channels, x, count, cells, y, yo);
    }

    static void meanFrom(int first, int channels, float[] x, int count, int[] cells, float[] y, int yo) {
        for (int c = first; c < channels; c++) {
            float sum = 0;
            for (int t = 0; t < count; t++) {
                sum += x[cells[t] + c];
            }
            y[yo + c] = sum / count;
        }
    }

    @Override
    public void meanGradient(int channels, float[] dy, int count, int[] windows, float[] sizes, float[] dx, int xo) {
        meanGradientFrom(0, channels, dy, count, windows, sizes, dx, xo);
    }

    static void meanGradientFrom(
            int first, int channels, float[] dy, int count, int[] windows, float[] sizes, float[] dx, int xo) {
        for (int c = first; c < channels; c++) {
            float sum = 0;
            for (int t = 0; t < count; t++) {
                sum += dy[windows[t] + c] / sizes[t];
            }
            dx[xo + c] = sum;
        }
    }
}
