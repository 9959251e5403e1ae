package org.starling.kernels.gemm;

/** The micro-kernels there are. */
public final class MicroKernels {
    private MicroKernels() {}

    /** Plain Java, needs nothing. */
    public static MicroKernel scalar() {
        return new ScalarKernel();
    }

    /**
     * On the JDK Vector API, whose module must be there.
     *
     * @param bits of a vector; 512 comes with 32 registers, less with at least 16
     */
    public static MicroKernel vector(int bits) {
        return bits >= 512 ? new Kernel14x2() : new Kernel6x2();
    }
}
