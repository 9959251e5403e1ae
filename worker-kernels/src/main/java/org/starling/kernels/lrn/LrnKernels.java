package org.starling.kernels.lrn;

/** The normalization kernels there are. */
public final class LrnKernels {
    private LrnKernels() {}

    /** Plain Java, needs nothing. */
    public static LrnKernel scalar() {
        return new ScalarLrn();
    }

    /** On the JDK Vector API, whose module must be there. */
    public static LrnKernel vector() {
        return new VectorLrn();
    }
}
