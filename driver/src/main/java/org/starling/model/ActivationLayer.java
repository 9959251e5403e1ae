package org.starling.model;

import org.nd4j.linalg.activations.IActivation;

/** tf.keras.layers.Activation, and Softmax where a model ends. */
record ActivationLayer(String name, String type, Activations output, ActivationFunction activation)
        implements SequentialLayer, WithActivation {

    static ActivationLayer read(LayerArguments arguments, Activations input) {
        if (!arguments.has("activation")) {
            throw arguments.error("activation is missing.");
        }
        return new ActivationLayer(arguments.name(), arguments.type(), input, ActivationFunction.of(arguments));
    }

    static ActivationLayer readSoftmax(LayerArguments arguments, Activations input) {
        int axis = (int) arguments.number("axis", -1);
        if (!input.vector() || axis != -1 && axis != 1) {
            throw arguments.error(
                    "softmax is supported over the classes at the end of a model only (axis -1 after a Flatten,"
                            + " Dense or GlobalAveragePooling2D).");
        }
        return new ActivationLayer(arguments.name(), arguments.type(), input, ActivationFunction.SOFTMAX);
    }

    @Override
    public ActivationLayer linear() {
        return new ActivationLayer(name, type, output, ActivationFunction.LINEAR);
    }

    @Override
    public void translate(OnnxGraph graph) {
        activation.translate(name, graph);
    }

    @Override
    public void translate(Translation translation) {
        if (activation != ActivationFunction.LINEAR) {
            add(name, activation.dl4j().getActivationFunction(), translation);
        }
    }

    static void add(String name, IActivation function, Translation translation) {
        translation.add(new org.deeplearning4j.nn.conf.layers.ActivationLayer.Builder()
                .activation(function)
                .name(name)
                .build());
    }
}
