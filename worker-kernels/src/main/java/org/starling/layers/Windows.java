package org.starling.layers;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where the windows of a convolution or pooling lie, as DL4J places them. */
record Windows(int padTop, int padLeft, int outHeight, int outWidth) {
    /** Of the layer with this geometry on an input. */
    static Windows of(
            INDArray input,
            int[] window,
            int[] stride,
            int[] padding,
            int[] dilation,
            ConvolutionMode mode,
            CNN2DFormat format) {
        int[] size = ImageTensor.heightWidthChannels(input, format);
        boolean same = mode == ConvolutionMode.Same;
        int[] out =
                ConvolutionUtils.getOutputSize(input, window, stride, same ? null : padding, mode, dilation, format);
        int[] pad = same
                ? ConvolutionUtils.getSameModeTopLeftPadding(
                        out, new int[] {size[0], size[1]}, window, stride, dilation)
                : padding;
        return new Windows(pad[0], pad[1], out[0], out[1]);
    }
}
