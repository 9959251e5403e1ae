package org.starling.kernels.jpeg;

/** The kernels of JPEG pictures there are. */
public final class JpegKernels {
    private JpegKernels() {}

    /** Plain Java, needs nothing. */
    public static JpegKernel scalar() {
        return new ScalarJpeg();
    }

    /** On the JDK Vector API, whose module must be there. */
    public static JpegKernel vector() {
        return new VectorJpeg();
    }
}
