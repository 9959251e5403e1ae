package org.starling.model;

import java.util.ArrayList;
import java.util.List;
import onnx.Onnx.AttributeProto;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/**
 * tf.keras.layers.MaxPooling2D, AveragePooling2D, and GlobalAveragePooling2D with its dimensions kept. Under {@code same},
 * padding never counts: neither in the maximum nor in the number of cells that a sum is divided by.
 */
record Pooling2D(String name, String type, boolean max, Window window, Activations input, Activations output)
        implements SequentialLayer {

    static Pooling2D read(LayerArguments arguments, Activations input, ModelFormat format, boolean max) {
        format.require(arguments, input);
        int[] size = arguments.pair("pool_size", 2, 2);
        Window window = new Window(size, arguments.pair("strides", size), new int[] {1, 1}, arguments.samePadding());
        window.refuseLargerThan(input, arguments);
        return new Pooling2D(
                arguments.name(), arguments.type(), max, window, input, window.over(input, input.channels()));
    }

    /** The output, and where each maximum was. */
    @Override
    public long keptPerImage() {
        return (max ? 2 : 1) * output.length();
    }

    @Override
    public void translate(OnnxGraph graph) {
        List<AttributeProto> attributes = new ArrayList<>(window.onnx(input));
        if (!max) {
            attributes.add(OnnxGraph.integer("count_include_pad", 0));
        }
        graph.apply(name, max ? "MaxPool" : "AveragePool", List.of(), attributes.toArray(AttributeProto[]::new));
    }

    @Override
    public void translate(Translation translation) {
        window.cutUnused(name, input, translation);
        translation.add(new SubsamplingLayer.Builder(
                        max ? SubsamplingLayer.PoolingType.MAX : SubsamplingLayer.PoolingType.AVG,
                        window.kernel(),
                        window.stride())
                .convolutionMode(window.mode())
                .dataFormat(translation.format())
                .name(name)
                .build());
    }
}
