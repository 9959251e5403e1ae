package org.starling.model;

/**
 * Keras's orthogonal: the kernel as a matrix {@code [height * width * in, out]} has orthonormal rows or columns, whichever are
 * fewer, times {@code gain}. Every part needs the whole matrix, so the size is limited where the model is read.
 */
record OrthogonalInitializer(double gain, KernelLayout layout) implements Initializer {
    /** Elements of the largest kernel, about a second of work for a square one. */
    static final long LARGEST = 1L << 20;

    @Override
    public void fill(long seed, long offset, long from, float[] target, int start, int count) {
        int columns = layout.shape().get(layout.shape().size() - 1);
        int rows = Math.toIntExact(layout.length() / columns);
        boolean tall = rows >= columns;
        double[][] basis = orthonormal(seed, offset, Math.min(rows, columns), Math.max(rows, columns));
        for (int i = 0; i < count; i++) {
            long index = layout.kerasIndex(from + i);
            int row = (int) (index / columns);
            int column = (int) (index % columns);
            target[start + i] = (float) (gain * (tall ? basis[column][row] : basis[row][column]));
        }
    }

    /** Gram-Schmidt, twice for each vector, over normal deviates: the same distribution as QR with a positive diagonal. */
    private static double[][] orthonormal(long seed, long offset, int vectors, int length) {
        double[][] basis = new double[vectors][length];
        for (int v = 0; v < vectors; v++) {
            double[] vector = basis[v];
            for (int i = 0; i < length; i++) {
                vector[i] =
                        PositionedRandom.normalQuantile(PositionedRandom.uniform(seed, offset + (long) v * length + i));
            }
            for (int pass = 0; pass < 2; pass++) {
                for (int u = 0; u < v; u++) {
                    subtract(vector, basis[u], dot(vector, basis[u]));
                }
            }
            double norm = Math.sqrt(dot(vector, vector));
            for (int i = 0; i < length; i++) {
                vector[i] /= norm;
            }
        }
        return basis;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void subtract(double[] vector, double[] direction, double factor) {
        for (int i = 0; i < vector.length; i++) {
            vector[i] -= factor * direction[i];
        }
    }
}
