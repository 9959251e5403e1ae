package org.starling.kernels.conv;

/**
 * Geometry of a convolution of images {@code x[N, H, W, C]} with filters {@code [KH, KW, C, O]} into {@code y[N, OH, OW, O]}:
 *
 * <pre>y[n, p, q, o] = b[o] + sum x[n, p SH + i DH - PT, q SW + j DW - PL, c] w[i, j, c, o]   over i, j, c</pre>
 *
 * where x outside the image is zero.
 *
 * @param images N
 * @param height H
 * @param width W
 * @param channels C
 * @param filters O
 * @param kernelHeight KH
 * @param kernelWidth KW
 * @param strideHeight SH
 * @param strideWidth SW
 * @param padTop PT
 * @param padLeft PL
 * @param dilationHeight DH
 * @param dilationWidth DW
 * @param outHeight OH
 * @param outWidth OW
 */
public record ConvolutionShape(
        int images,
        int height,
        int width,
        int channels,
        int filters,
        int kernelHeight,
        int kernelWidth,
        int strideHeight,
        int strideWidth,
        int padTop,
        int padLeft,
        int dilationHeight,
        int dilationWidth,
        int outHeight,
        int outWidth) {

    /** Rows of the implicit matrix: output pixels of all images. */
    int pixels() {
        return images * outHeight * outWidth;
    }

    /** Columns of the implicit matrix: a patch, in the order (i, j, c). */
    int patch() {
        return kernelHeight * kernelWidth * channels;
    }

    /**
     * The convolution that turns the gradient of y into the gradient of x: of {@code dy}, with zeros between its pixels where the stride is
     * more than 1, with the filters turned around and channels and filters exchanged.
     */
    ConvolutionShape backwardData() {
        return new ConvolutionShape(
                images,
                (outHeight - 1) * strideHeight + 1,
                (outWidth - 1) * strideWidth + 1,
                filters,
                channels,
                kernelHeight,
                kernelWidth,
                1,
                1,
                (kernelHeight - 1) * dilationHeight - padTop,
                (kernelWidth - 1) * dilationWidth - padLeft,
                dilationHeight,
                dilationWidth,
                height,
                width);
    }
}
