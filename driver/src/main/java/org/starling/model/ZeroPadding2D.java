package org.starling.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;

/**
 * tf.keras.layers.ZeroPadding2D.
 *
 * @param padding rows at the top and bottom, columns at the left and right
 */
record ZeroPadding2D(String name, int[] padding, Activations output) implements SequentialLayer {

    static ZeroPadding2D read(LayerArguments arguments, Activations input, ModelFormat format) {
        format.require(arguments, input);
        int[] padding = padding(arguments);
        return new ZeroPadding2D(
                arguments.name(),
                padding,
                Activations.maps(
                        Math.addExact(input.height(), Math.addExact(padding[0], padding[1])),
                        Math.addExact(input.width(), Math.addExact(padding[2], padding[3])),
                        input.channels()));
    }

    /** An integer, a pair (rows, columns), or a pair of pairs ((top, bottom), (left, right)). */
    private static int[] padding(LayerArguments arguments) {
        JsonNode value = arguments.node("padding");
        int[] padding = new int[4];
        for (int i = 0; i < 4; i++) {
            JsonNode axis = value.isArray() && value.size() == 2 ? value.get(i / 2) : value;
            JsonNode side = axis.isArray() && axis.size() == 2 && axis != value ? axis.get(i % 2) : axis;
            if (value.isNull()) {
                padding[i] = 1;
            } else if (side.isIntegralNumber() && side.canConvertToInt() && side.intValue() >= 0) {
                padding[i] = side.intValue();
            } else {
                throw arguments.error(
                        "padding is %s, but must be an integer of at least 0, a pair (rows, columns), or a pair of pairs ((top, bottom), (left, right))."
                                .formatted(value));
            }
        }
        return padding;
    }

    @Override
    public String type() {
        return "ZeroPadding2D";
    }

    @Override
    public void translate(OnnxGraph graph) {
        String pads = graph.constant(name + "/pads", 0, 0, padding[0], padding[2], 0, 0, padding[1], padding[3]);
        graph.apply(name, "Pad", List.of(pads));
    }

    @Override
    public void translate(Translation translation) {
        translation.add(new ZeroPaddingLayer.Builder(padding)
                .dataFormat(translation.format())
                .name(name)
                .build());
    }
}
