package org.starling.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.starling.kernels.dense.DenseShape;

/** tf.keras.layers.Dense: every input times a kernel {@code {in, out}}. */
record Dense(String name, int inputs, Activations output, List<WeightArray> weights, ActivationFunction activation)
        implements SequentialLayer, WithActivation {

    static Dense read(LayerArguments arguments, Activations input) {
        if (!input.vector()) {
            throw arguments.error("its input has shape %dx%dx%d. Put a Flatten or GlobalAveragePooling2D before it."
                    .formatted(input.height(), input.width(), input.channels()));
        }
        int units = arguments.positiveInteger("units");
        List<WeightArray> weights = new ArrayList<>();
        weights.add(kernel(arguments, new KernelLayout(List.of(input.channels(), units))));
        bias(arguments, units).ifPresent(weights::add);
        return new Dense(
                arguments.name(),
                input.channels(),
                Activations.vector(units),
                List.copyOf(weights),
                ActivationFunction.of(arguments));
    }

    static WeightArray kernel(LayerArguments arguments, KernelLayout layout) {
        return new WeightArray(
                "kernel",
                ParameterTensor.Role.KERNEL,
                layout,
                arguments.initializer("kernel_initializer", "glorot_uniform", layout),
                arguments.regularizer("kernel_regularizer"));
    }

    static Optional<WeightArray> bias(LayerArguments arguments, int length) {
        KernelLayout layout = new KernelLayout(List.of(length));
        WeightArray bias = new WeightArray(
                "bias",
                ParameterTensor.Role.BIAS,
                layout,
                arguments.initializer("bias_initializer", "zeros", layout),
                arguments.regularizer("bias_regularizer"));
        return arguments.flag("use_bias", true) ? Optional.of(bias) : Optional.empty();
    }

    @Override
    public String type() {
        return "Dense";
    }

    @Override
    public Dense linear() {
        return new Dense(name, inputs, output, weights, ActivationFunction.LINEAR);
    }

    @Override
    public long multiplyAdds() {
        return (long) inputs * output.channels();
    }

    @Override
    public Optional<DenseShape> product(int images) {
        return Optional.of(new DenseShape(images, inputs, output.channels()));
    }

    @Override
    public long keptPerImage() {
        return output.length();
    }

    /** Names of the arrays in a graph: kernel, and bias where there is one. */
    static List<String> kernelFirst(String layer, List<WeightArray> weights, OnnxGraph graph) {
        return weights.stream()
                .sorted(Comparator.comparing(array -> array.role() != ParameterTensor.Role.KERNEL))
                .map(array -> graph.weight(layer, array))
                .toList();
    }

    @Override
    public void translate(OnnxGraph graph) {
        graph.apply(name, "Gemm", kernelFirst(name, weights, graph), OnnxGraph.integer("transB", 1));
        activation.translate(name, graph);
    }

    @Override
    public void translate(Translation translation) {
        translation.add(new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(output.channels())
                .hasBias(weights.size() == 2)
                .activation(activation.dl4j())
                .name(name)
                .build());
    }
}
