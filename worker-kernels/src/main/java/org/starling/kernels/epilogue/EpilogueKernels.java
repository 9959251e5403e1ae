package org.starling.kernels.epilogue;

/** The epilogue kernels there are. */
public final class EpilogueKernels {
    private EpilogueKernels() {}

    /** Plain Java, needs nothing. */
    public static EpilogueKernel scalar() {
        return new ScalarEpilogue();
    }

    /** On the JDK Vector API, whose module must be there. */
    public static EpilogueKernel vector() {
        return new VectorEpilogue();
    }
}
