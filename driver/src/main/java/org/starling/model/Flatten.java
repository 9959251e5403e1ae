package org.starling.model;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.preprocessors.PermutePreprocessor;

/**
 * tf.keras.layers.Flatten. Its {@code data_format} is no statement about its input: {@code channels_first} moves the axis behind
 * the batch to the end before flattening, so that a vector's order is height, width, channels; {@code channels_last} flattens
 * the array as it stands.
 */
record Flatten(String name, Activations input, boolean channelsToEnd) implements SequentialLayer {

    static Flatten read(LayerArguments arguments, Activations input, ModelFormat format) {
        DataFormat own = arguments.dataFormat(format.otherwise());
        if (format.model() == DataFormat.CHANNELS_LAST && own == DataFormat.CHANNELS_FIRST && !input.vector()) {
            throw arguments.error(
                    "its data_format is channels_first in a channels_last model, where it would move the height to"
                            + " the end. Give all layers of the model one data_format.");
        }
        return new Flatten(arguments.name(), input, own == DataFormat.CHANNELS_FIRST);
    }

    @Override
    public String type() {
        return "Flatten";
    }

    @Override
    public Activations output() {
        return Activations.vector(Math.toIntExact(input.length()));
    }

    @Override
    public void translate(OnnxGraph graph) {
        if (input.vector()) {
            return;
        }
        if (graph.format() == DataFormat.CHANNELS_LAST || channelsToEnd) {
            graph.apply(name + "/order", "Transpose", List.of(), OnnxGraph.integers("perm", 0, 2, 3, 1));
        }
        graph.apply(name, "Flatten", List.of(), OnnxGraph.integer("axis", 1));
    }

    @Override
    public void translate(Translation translation) {
        if (input.vector()) {
            return;
        }
        if (translation.format() == CNN2DFormat.NHWC || !channelsToEnd) {
            translation.between(flatten(translation.format()));
        } else {
            // PermutePreprocessor goes back by the same permutation, so the turn of three axes is made of two swaps.
            translation.between(new ComposableInputPreProcessor(
                    new PermutePreprocessor(0, 2, 1, 3),
                    new PermutePreprocessor(0, 1, 3, 2),
                    flatten(CNN2DFormat.NHWC)));
        }
    }

    private CnnToFeedForwardPreProcessor flatten(CNN2DFormat format) {
        return new CnnToFeedForwardPreProcessor(input.height(), input.width(), input.channels(), format);
    }
}
