package org.starling.model;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One line of a model's description.
 *
 * @param name name in the model file
 * @param type Keras's class name
 * @param output shape of one image's activations in the model's data format: three numbers, or one after flattening
 * @param kernel {@code {height, width, in, out}} of a convolution, {@code {in, out}} of a dense layer, else empty
 * @param parameters elements of the layer's arrays, running statistics included, as Keras counts them
 * @param multiplyAdds multiplications with an addition for one image's forward pass
 */
public record LayerSummary(
        String name, String type, List<Integer> output, List<Integer> kernel, long parameters, long multiplyAdds)
        implements Serializable {
    /** The shape of its activations for people, {@code 6x6x256}. */
    public String outputShape() {
        return output.stream().map(String::valueOf).collect(Collectors.joining("x"));
    }
}
