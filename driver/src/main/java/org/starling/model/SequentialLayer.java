package org.starling.model;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.starling.kernels.conv.ConvolutionShape;
import org.starling.kernels.dense.DenseShape;

/** A layer of a Keras Sequential model, its arguments checked and its input known. */
interface SequentialLayer extends Serializable {
    /** Name in the model file. */
    String name();

    /** Keras's class name. */
    String type();

    /** Shape of one image's activations behind this layer. */
    Activations output();

    /** Adds the layer to a network of stock DL4J layers. */
    void translate(Translation translation);

    /** Adds the layer, as it is in inference, to a graph of ONNX's operators. */
    void translate(OnnxGraph graph);

    /** Arrays in the order of DL4J's flat vector. */
    default List<WeightArray> weights() {
        return List.of();
    }

    /** Multiplications with an addition for one image, counted for convolution and dense layers only. */
    default long multiplyAdds() {
        return 0;
    }

    /** The convolution that the layer is, for so many images. */
    default Optional<ConvolutionShape> convolution(int images) {
        return Optional.empty();
    }

    /** The fully connected layer that it is, for so many images. */
    default Optional<DenseShape> product(int images) {
        return Optional.empty();
    }

    /** float32 values that Starling's kernels keep for one image from the forward pass to the backward pass. */
    default long keptPerImage() {
        return 0;
    }

    /** float32 values of scratch memory that DL4J needs for one image in training, beside activations and their gradients. */
    default long scratchPerImage() {
        return 0;
    }
}
