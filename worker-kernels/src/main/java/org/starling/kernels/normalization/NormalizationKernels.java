package org.starling.kernels.normalization;

/** The normalization kernels there are. */
public final class NormalizationKernels {
    private NormalizationKernels() {}

    /** Plain Java, needs nothing. */
    public static NormalizationKernel scalar() {
        return new ScalarNormalization();
    }

    /**
     * On the JDK Vector API, whose module must be there. In vectors of 128 bits the JDK does not convert two values with an instruction, and plain Java is
     * faster.
     *
     * @param bits of a vector
     */
    public static NormalizationKernel vector(int bits) {
        return bits == Long.SIZE * 2 ? scalar() : new VectorNormalization();
    }
}
