package org.starling.model;

import java.io.Serializable;
import java.util.List;
import onnx.Onnx.AttributeProto;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;

/**
 * A kernel that moves over maps, along one axis or both: (height, width) in every pair.
 *
 * @param same whether zeros around the input make the output {@code ceil(N / stride)}, the odd row and column at the bottom and
 *     right; otherwise the kernel stays within the input
 */
record Window(int[] kernel, int[] stride, int[] dilation, boolean same) implements Serializable {
    private static final String[] AXES = {"height", "width"};

    /** Output size along an axis: {@code ceil(N / s)}, or {@code (N - F) / s + 1} without its remainder. */
    int output(int axis, int input) {
        return same ? (input - 1) / stride[axis] + 1 : (input - reach(axis)) / stride[axis] + 1;
    }

    /** Cells from the first to the last that the kernel covers: {@code d (F - 1) + 1}. */
    int reach(int axis) {
        return Math.addExact(Math.multiplyExact(dilation[axis], kernel[axis] - 1), 1);
    }

    /** Zeros before and after an axis of the input, together. */
    int padding(int axis, int input) {
        return same ? Math.max(0, Math.addExact((output(axis, input) - 1) * stride[axis], reach(axis)) - input) : 0;
    }

    /** @throws ArithmeticException when the input with its zeros is longer than an array may be */
    Activations over(Activations input, int channels) {
        Math.toIntExact(Activations.maps(
                        Math.addExact(input.height(), padding(0, input.height())),
                        Math.addExact(input.width(), padding(1, input.width())),
                        input.channels())
                .length());
        return Activations.maps(output(0, input.height()), output(1, input.width()), channels);
    }

    void refuseLargerThan(Activations input, LayerArguments layer) {
        for (int axis = 0; axis < 2 && !same; axis++) {
            int size = size(input, axis);
            if (reach(axis) > size) {
                throw layer.error(
                        "its window covers %d cells of %s, but the input has only %d (%dx%dx%d). Use a smaller window or padding \"same\"."
                                .formatted(
                                        reach(axis),
                                        AXES[axis],
                                        size,
                                        input.height(),
                                        input.width(),
                                        input.channels()));
            }
        }
    }

    /** Refuses a size that the stride does not divide, with the arithmetic and the sizes that would do. */
    void refuseRemainder(Activations input, LayerArguments layer) {
        for (int axis = 0; axis < 2 && !same; axis++) {
            int size = size(input, axis);
            int remainder = (size - reach(axis)) % stride[axis];
            if (remainder != 0) {
                throw layer.error(
                        ("the output %s (N - F) / stride + 1 = (%d - %d) / %d + 1 = %.2f is not whole. The nearest input sizes that"
                                        + " fit are %d and %d. Change the input, kernel_size, strides or padding, or set"
                                        + " model.convolutionRemainder=floor to leave out the last %d as tf.keras does.")
                                .formatted(
                                        AXES[axis],
                                        size,
                                        reach(axis),
                                        stride[axis],
                                        (double) (size - reach(axis)) / stride[axis] + 1,
                                        size - remainder,
                                        size - remainder + stride[axis],
                                        remainder));
            }
        }
    }

    private static int size(Activations input, int axis) {
        return axis == 0 ? input.height() : input.width();
    }

    /** DL4J's name for the padding. Sizes have been checked, so that truncation only ever leaves out what Keras leaves out. */
    ConvolutionMode mode() {
        return same ? ConvolutionMode.Same : ConvolutionMode.Truncate;
    }

    /**
     * With {@code same} and a stride beyond the kernel, the last rows or columns are under no window. DL4J would compute a
     * negative padding and refuse, so they are cut off first.
     */
    void cutUnused(String name, Activations input, Translation translation) {
        int bottom = unused(0, input.height());
        int right = unused(1, input.width());
        if (bottom == 0 && right == 0) {
            return;
        }
        if (translation.isEmpty()) {
            // Cropping hands on a view, and DL4J takes none of the network's own input: pad by nothing for a copy.
            translation.add(new ZeroPaddingLayer.Builder(0, 0)
                    .dataFormat(translation.format())
                    .name(name + "/copy")
                    .build());
        }
        translation.add(new Cropping2D.Builder(0, bottom, 0, right)
                .dataFormat(translation.format())
                .name(name + "/unused")
                .build());
    }

    /** ONNX's attributes of the window: zeros around the input first at the top and left, the odd ones at the bottom and right. */
    List<AttributeProto> onnx(Activations input) {
        int rows = padding(0, input.height());
        int columns = padding(1, input.width());
        return List.of(
                OnnxGraph.integers("kernel_shape", kernel[0], kernel[1]),
                OnnxGraph.integers("strides", stride[0], stride[1]),
                OnnxGraph.integers("pads", rows / 2, columns / 2, rows - rows / 2, columns - columns / 2));
    }

    private int unused(int axis, int input) {
        return same ? Math.max(0, input - (output(axis, input) - 1) * stride[axis] - reach(axis)) : 0;
    }
}
