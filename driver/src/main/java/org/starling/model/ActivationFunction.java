package org.starling.model;

import java.util.Arrays;
import java.util.List;
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

    /** Adds the function, if it is one, to a graph. */
    void translate(String layer, OnnxGraph graph) {
        String name = layer + "/" + kerasName();
        switch (this) {
            case LINEAR -> {}
            case RELU -> graph.apply(name, "Relu", List.of());
            case RELU6 -> cutAtSix(name, graph);
            case ELU -> graph.apply(name, "Elu", List.of());
            case SELU -> graph.apply(name, "Selu", List.of());
            case SIGMOID -> graph.apply(name, "Sigmoid", List.of());
            case TANH -> graph.apply(name, "Tanh", List.of());
            case SOFTPLUS -> graph.apply(name, "Softplus", List.of());
            case SOFTSIGN -> graph.apply(name, "Softsign", List.of());
            case SILU, SWISH -> {
                String before = graph.current();
                graph.apply(name + "/gate", "Sigmoid", List.of());
                graph.combine(name, "Mul", before);
            }
            case MISH -> {
                String before = graph.current();
                graph.apply(name + "/softplus", "Softplus", List.of());
                graph.apply(name + "/gate", "Tanh", List.of());
                graph.combine(name, "Mul", before);
            }
            default -> throw new IllegalStateException(name + " within a network");
        }
    }

    static void cutAtSix(String name, OnnxGraph graph) {
        graph.apply(
                name,
                "Clip",
                List.of(graph.constant(name + "/min", new long[0], 0), graph.constant(name + "/max", new long[0], 6)));
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
