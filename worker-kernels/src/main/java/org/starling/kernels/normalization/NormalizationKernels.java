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
     * @param bits of a vector. For less than 256 there is no vector of as many bytes as floats, and plain Java is taken
     */
    public static NormalizationKernel vector(int bits) {
        return bits < 256 ? scalar() : new VectorNormalization();
    }
}
