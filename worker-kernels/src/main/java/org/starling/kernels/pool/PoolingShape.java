package org.starling.kernels.pool;

/**
 * Geometry of pooling images {@code x[N, H, W, C]} into {@code y[N, OH, OW, C]}, channel by channel:
 *
 * <pre>y[n, p, q, c] = pool of x[n, p SH + i - PT, q SW + j - PL, c]   over i &lt; KH, j &lt; KW</pre>
 *
 * where windows are clipped to the image: what lies outside of it takes no part. Every window must hold at least one cell of the image.
 *
 * @param images N
 * @param height H
 * @param width W
 * @param channels C
 * @param windowHeight KH
 * @param windowWidth KW
 * @param strideHeight SH
 * @param strideWidth SW
 * @param padTop PT
 * @param padLeft PL
 * @param outHeight OH
 * @param outWidth OW
 */
public record PoolingShape(
        int images,
        int height,
        int width,
        int channels,
        int windowHeight,
        int windowWidth,
        int strideHeight,
        int strideWidth,
        int padTop,
        int padLeft,
        int outHeight,
        int outWidth) {

    public PoolingShape {
        refuseEmptyWindows("height", height, windowHeight, strideHeight, padTop, outHeight);
        refuseEmptyWindows("width", width, windowWidth, strideWidth, padLeft, outWidth);
    }

    private static void refuseEmptyWindows(String axis, int size, int window, int stride, int pad, int out) {
        if (window < 1 || stride < 1) {
            throw new IllegalArgumentException(
                    "pooling " + axis + ": window " + window + ", stride " + stride + ", expected at least 1");
        }
        if (pad < 0 || pad >= window) {
            throw new IllegalArgumentException("pooling " + axis + ": padding " + pad + " before a window of " + window
                    + ", expected 0 to " + (window - 1) + ", as the first window would lie outside of the image");
        }
        if ((long) (out - 1) * stride - pad >= size) {
            throw new IllegalArgumentException("pooling " + axis + ": " + out + " windows at stride " + stride
                    + " and padding " + pad + ", the last of which lies outside of the image's " + size);
        }
    }

    /** Values of x. */
    public int inputLength() {
        return Math.multiplyExact(Math.multiplyExact(images, height * width), channels);
    }

    /** Values of y. */
    public int outputLength() {
        return Math.multiplyExact(Math.multiplyExact(images, outHeight * outWidth), channels);
    }
}
