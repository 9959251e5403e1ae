package org.starling.kernels.pool;

/** The pooling kernels there are. */
public final class PoolingKernels {
    private PoolingKernels() {}

    /** Plain Java, needs nothing. */
    public static PoolingKernel scalar() {
        return new ScalarPooling();
    }

    /** On the JDK Vector API, whose module must be there. */
    public static PoolingKernel vector() {
        return new VectorPooling();
    }
}
