package org.starling.model;

import java.util.List;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;

/** tf.keras.layers.ReLU as far as DL4J has it: plain, with a negative slope, or cut at six. */
record ReLU(String name, Activations output, boolean cutAtSix, double negativeSlope) implements SequentialLayer {

    static ReLU read(LayerArguments arguments, Activations input) {
        arguments.refuseUnless("threshold", "0.0", "use 0.0.");
        double slope = arguments.number("negative_slope", 0);
        double max = arguments.number("max_value", Double.POSITIVE_INFINITY);
        if (slope < 0) {
            throw arguments.error("negative_slope is %s, but must be at least 0.".formatted(slope));
        }
        if (max != 6 && max != Double.POSITIVE_INFINITY || max == 6 && slope != 0) {
            throw arguments.error("max_value = %s%s is not supported; max_value 6 without a negative_slope is, or none."
                    .formatted(max, slope == 0 ? "" : " with a negative_slope"));
        }
        return new ReLU(arguments.name(), input, max == 6, slope);
    }

    @Override
    public String type() {
        return "ReLU";
    }

    @Override
    public void translate(OnnxGraph graph) {
        if (cutAtSix) {
            ActivationFunction.cutAtSix(name, graph);
        } else if (negativeSlope == 0) {
            graph.apply(name, "Relu", List.of());
        } else {
            graph.apply(name, "LeakyRelu", List.of(), OnnxGraph.real("alpha", negativeSlope));
        }
    }

    @Override
    public void translate(Translation translation) {
        IActivation function = cutAtSix
                ? new ActivationReLU6()
                : negativeSlope == 0 ? new ActivationReLU() : new ActivationLReLU(negativeSlope);
        ActivationLayer.add(name, function, translation);
    }
}
