package org.starling.kernels.epilogue;

/** Bias and ReLU of one pixel or example, n outputs. Arguments are not checked. */
public interface EpilogueKernel {
    /** Stores sums: {@code y[yo + i] = epilogue(x[xo + i])}. x may be y, at the same place. */
    void store(Epilogue epilogue, int n, float[] x, int xo, float[] y, int yo);

    /** {@code dy[at + i]} becomes 0 where {@code y[at + i]} is not above 0: ReLU let nothing through. */
    void gate(int n, float[] y, float[] dy, int at);

    /** {@code sums[so + i] += dy[at + i]}. */
    void add(int n, float[] dy, int at, float[] sums, int so);
}
