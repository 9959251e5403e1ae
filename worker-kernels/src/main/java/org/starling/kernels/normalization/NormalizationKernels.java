package org.starling.kernels.normalization;

/** The normalization kernels there are. */
public final class NormalizationKernels {
    private NormalizationKernels() {}

    /** Plain Java, needs nothing. */
    public static NormalizationKernel scalar() {
        return new ScalarNormalization();
    }

    /**
     * On the JDK Vector API, whose module must be there.
     *
     * @param bits of a vector. For those of less than 256 the JDK has no instructions that convert two doubles, and plain Java is faster
     */
    public static NormalizationKernel vector(int bits) {
        return bits < 256 ? scalar() : new VectorNormalization();
    }
}
