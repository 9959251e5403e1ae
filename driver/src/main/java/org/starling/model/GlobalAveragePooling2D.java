package org.starling.model;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;

/** tf.keras.layers.GlobalAveragePooling2D without {@code keepdims}: one mean a map. */
record GlobalAveragePooling2D(String name, Activations output) implements SequentialLayer {

    static SequentialLayer read(LayerArguments arguments, Activations input, ModelFormat format) {
        format.require(arguments, input);
        if (arguments.flag("keepdims", false)) {
            // DL4J's GlobalPoolingLayer gets the kept axes of [N, H, W, C] wrong; one window over everything is the
            // same mean.
            int[] everything = {input.height(), input.width()};
            return new Pooling2D(
                    arguments.name(),
                    arguments.type(),
                    false,
                    new Window(everything, everything, new int[] {1, 1}, false),
                    input,
                    Activations.maps(1, 1, input.channels()));
        }
        return new GlobalAveragePooling2D(arguments.name(), Activations.vector(input.channels()));
    }

    @Override
    public String type() {
        return "GlobalAveragePooling2D";
    }

    @Override
    public void translate(OnnxGraph graph) {
        graph.apply(name + "/mean", "GlobalAveragePool", List.of());
        graph.apply(name, "Flatten", List.of(), OnnxGraph.integer("axis", 1));
    }

    @Override
    public void translate(Translation translation) {
        translation.add(
                new GlobalPoolingLayer.Builder(PoolingType.AVG).name(name).build());
    }
}
