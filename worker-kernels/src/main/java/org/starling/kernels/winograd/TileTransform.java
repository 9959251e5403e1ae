package org.starling.kernels.winograd;

/**
 * Winograd's minimal filtering F(m x m, r x r) (Winograd 1980; Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks"):
 * a tile of m x m outputs of a filter of r x r needs a x a products, a = m + r - 1, where the direct way needs m^2 r^2.
 *
 * <pre>y = A^T [(G w G^T) * (B^T x B)] A</pre>
 *
 * and so, by transposition, the gradient of the filter is {@code dw = G^T [sum over tiles (B^T x B) * (A dy A^T)] G}. The matrices are
 * those of Toom and Cook for the points that each class names. Every value is computed for a whole row of channels at a time, channels
 * innermost; a channel never meets another, and each takes one order of correctly rounded operations, so that all implementations of a
 * transform give the same bits.
 *
 * <p>In what follows n is a number of channels, a multiple of {@link #CHANNELS}, and xi counts the a x a products row by row.
 */
public abstract class TileTransform {
    /** Channels are padded to a multiple of this: a vector of 512 bits. */
    public static final int CHANNELS = 16;

    private final int outputs;
    private final int filter;
    private final int size;

    TileTransform(int outputs, int filter) {
        this.outputs = outputs;
        this.filter = filter;
        this.size = outputs + filter - 1;
    }

    /** m. */
    public final int outputs() {
        return outputs;
    }

    /** r. */
    public final int filter() {
        return filter;
    }

    /** a, the inputs along an axis. */
    public final int size() {
        return size;
    }

    /** Products of a tile, a^2. */
    public final int products() {
        return size * size;
    }

    /** Floats of scratch that a transform of n channels needs. */
    public final int scratch(int n) {
        return size * size * n;
    }

    /**
     * {@code v = B^T x B}.
     *
     * @param x {@code [a, a, n]}
     * @param v product (i, j) of channel c goes to {@code v[at + i line + j step + c / span * spanStep + c % span]}
     * @param span a multiple of {@link #CHANNELS}, or at least n
     */
    public final void input(
            float[] x, int n, float[] scratch, float[] v, int at, int step, int line, int span, int spanStep) {
        spread(this::inputPass, size, x, n, scratch, v, at, step, line, span, spanStep);
    }

    /**
     * {@code d = A dy A^T}.
     *
     * @param dy {@code [m, m, n]}
     * @param d addressed as in {@link #input}, lines without gaps
     */
    public final void gradient(
            float[] dy, int n, float[] scratch, float[] d, int at, int step, int span, int spanStep) {
        spread(this::gradientPass, outputs, dy, n, scratch, d, at, step, size * step, span, spanStep);
    }

    /**
     * {@code u = G w G^T}.
     *
     * @param w {@code [r, r, n]}
     * @param u addressed as in {@link #input}, lines without gaps
     */
    public final void filter(float[] w, int n, float[] scratch, float[] u, int at, int step, int span, int spanStep) {
        spread(this::filterPass, filter, w, n, scratch, u, at, step, size * step, span, spanStep);
    }

    /**
     * {@code y = A^T p A}.
     *
     * @param p element xi of channel c is {@code p[at + xi step + c]}
     * @param y {@code [m, m, n]}
     */
    public final void output(float[] p, int at, int step, int n, float[] scratch, float[] y) {
        gather(this::outputPass, outputs, p, at, step, n, scratch, y);
    }

    /**
     * {@code dw = G^T q G}.
     *
     * @param q addressed as in {@link #output}
     * @param dw {@code [r, r, n]}
     */
    public final void filterGradient(float[] q, int at, int step, int n, float[] scratch, float[] dw) {
        gather(this::filterGradientPass, filter, q, at, step, n, scratch, dw);
    }

    /** Applies a matrix of a rows and {@code from} columns along both axes of {@code x[from, from, n]}. */
    private void spread(
            Pass pass,
            int from,
            float[] x,
            int n,
            float[] scratch,
            float[] y,
            int at,
            int step,
            int line,
            int span,
            int spanStep) {
        int row = from * n;
        pass.apply(1, row, x, 0, row, 0, scratch, 0, row, 0);
        for (int c = 0; c < n; c += span) {
            int width = Math.min(span, n - c);
            pass.apply(size, width, scratch, c, n, row, y, at + c / span * spanStep, step, line);
        }
    }

    /** Applies a matrix of {@code to} rows and a columns along both axes. */
    private void gather(Pass pass, int to, float[] x, int at, int step, int n, float[] scratch, float[] y) {
        pass.apply(size, n, x, at, size * step, step, scratch, 0, size * n, n);
        pass.apply(to, n, scratch, 0, n, size * n, y, 0, n, to * n);
    }

    /** A matrix applied along one axis, to several lines of n channels: element i of a line is {@code x[xo + line xLine + i xStep + c]}. */
    @FunctionalInterface
    private interface Pass {
        void apply(int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine);
    }

    /** B^T, a x a. */
    abstract void inputPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine);

    /** A^T, m x a. */
    abstract void outputPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine);

    /** A, a x m. */
    abstract void gradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine);

    /** G, a x r. */
    abstract void filterPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine);

    /** G^T, r x a. */
    abstract void filterGradientPass(
            int lines, int n, float[] x, int xo, int xStep, int xLine, float[] y, int yo, int yStep, int yLine);
}
