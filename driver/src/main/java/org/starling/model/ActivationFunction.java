package org.starling.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.nd4j.linalg.activations.Activation;

/** Activation functions of tf.keras that DL4J computes identically; {@code SOFTMAX} only where a model ends. */
enum ActivationFunction {
    LINEAR(Activation.IDENTITY),
    RELU(Activation.RELU),
    RELU6(Activation.RELU6),
    ELU(Activation.ELU),
    SELU(Activation.SELU),
    SIGMOID(Activation.SIGMOID),
    TANH(Activation.TANH),
    SOFTPLUS(Activation.SOFTPLUS),
    SOFTSIGN(Activation.SOFTSIGN),
    SILU(Activation.SWISH),
    /** Older name of silu. */
    SWISH(Activation.SWISH),
    MISH(Activation.MISH),
    SOFTMAX(Activation.SOFTMAX);

    private final Activation dl4j;

    ActivationFunction(Activation dl4j) {
        this.dl4j = dl4j;
    }

    Activation dl4j() {
        return dl4j;
    }

    String kerasName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The layer's {@code activation}; linear where none is given. */
    static ActivationFunction of(LayerArguments layer) {
        var value = layer.node("activation");
        if (value.isNull()) {
            return LINEAR;
        }
        for (ActivationFunction function : values()) {
            if (value.isTextual() && value.textValue().equals(function.kerasName())) {
                return function;
            }
        }
        throw layer.error("activation %s is not supported. Supported are %s."
                .formatted(LayerArguments.shortened(value), supported()));
    }

    private static String supported() {
        return Arrays.stream(values()).map(ActivationFunction::kerasName).collect(Collectors.joining(", "));
    }
}
