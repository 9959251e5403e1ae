package org.starling.model;

/**
 * The one data format of a model.
 *
 * @param model of the first layer that names one, otherwise {@code otherwise}
 * @param otherwise what a layer that names none has
 * @param remainder what a convolution whose window does not fit evenly means
 */
record ModelFormat(DataFormat model, DataFormat otherwise, ConvolutionRemainder remainder) {
    /** Refuses a layer behind a vector, where height and width are lost, and a layer of another format. */
    void require(LayerArguments layer, Activations input) {
        requireMaps(layer, input);
        layer.requireDataFormat(model, otherwise);
    }

    /** Refuses a layer behind a vector. */
    void requireMaps(LayerArguments layer, Activations input) {
        if (input.vector()) {
            throw layer.error(
                    "it needs height and width, but its input is a vector of %d. Put it before Flatten or GlobalAveragePooling2D."
                            .formatted(input.channels()));
        }
    }
}
