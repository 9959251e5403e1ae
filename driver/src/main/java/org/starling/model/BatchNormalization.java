package org.starling.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** tf.keras.layers.BatchNormalization over the channel axis. */
record BatchNormalization(String name, Activations output, double momentum, double epsilon, List<WeightArray> weights)
        implements SequentialLayer {

    static BatchNormalization read(LayerArguments arguments, Activations input, ModelFormat format) {
        requireChannelAxis(arguments, input, format.model());
        for (String key : List.of("scale", "center")) {
            if (!arguments.flag(key, true)) {
                // DL4J's own switch fails in training under [N, H, W, C].
                throw arguments.error(key + " = false is not supported. Set it to true.");
            }
        }
        double momentum = arguments.number("momentum", 0.99);
        double epsilon = arguments.number("epsilon", 1e-3);
        if (!(momentum >= 0 && momentum <= 1) || !(epsilon > 0)) {
            throw arguments.error("momentum = %s, epsilon = %s, but momentum must be within 0 and 1, epsilon above 0."
                    .formatted(momentum, epsilon));
        }
        for (String key : List.of("beta_constraint", "gamma_constraint", "renorm_clipping", "virtual_batch_size")) {
            arguments.refuseUnless(key, "null", "remove it.");
        }
        arguments.refuseUnless("renorm", "false", "set it to false.");
        arguments.refuseUnless("synchronized", "false", "replicas are averaged, not synchronized. Set it to false.");
        return new BatchNormalization(arguments.name(), input, momentum, epsilon, weights(arguments, input.channels()));
    }

    private static void requireChannelAxis(LayerArguments arguments, Activations input, DataFormat format) {
        JsonNode value = arguments.node("axis");
        JsonNode axis = value.isArray() && value.size() == 1 ? value.get(0) : value;
        int rank = input.vector() ? 2 : 4;
        int channelAxis = format == DataFormat.CHANNELS_FIRST ? 1 : rank - 1;
        int given = axis.isNull() ? -1 : axis.isInt() ? axis.intValue() : Integer.MIN_VALUE;
        if ((given < 0 ? given + rank : given) != channelAxis) {
            throw arguments.error("axis is %s, but must be %d, the axis of the channels in a %s model."
                    .formatted(value, channelAxis, format.kerasName()));
        }
    }

    private static List<WeightArray> weights(LayerArguments arguments, int channels) {
        KernelLayout layout = new KernelLayout(List.of(channels));
        return List.of(
                trained(arguments, "gamma", "ones", layout),
                trained(arguments, "beta", "zeros", layout),
                statistic(arguments, "moving_mean", "zeros", layout),
                statistic(arguments, "moving_variance", "ones", layout));
    }

    private static WeightArray trained(LayerArguments arguments, String name, String initializer, KernelLayout layout) {
        return new WeightArray(
                name,
                ParameterTensor.Role.BIAS,
                layout,
                arguments.initializer(name + "_initializer", initializer, layout),
                arguments.regularizer(name + "_regularizer"));
    }

    private static WeightArray statistic(
            LayerArguments arguments, String name, String initializer, KernelLayout layout) {
        return new WeightArray(
                name,
                ParameterTensor.Role.RUNNING_STATISTIC,
                layout,
                arguments.initializer(name + "_initializer", initializer, layout),
                Regularizer.NONE);
    }

    @Override
    public String type() {
        return "BatchNormalization";
    }

    @Override
    public void translate(OnnxGraph graph) {
        graph.apply(
                name,
                "BatchNormalization",
                weights.stream().map(array -> graph.weight(name, array)).toList(),
                OnnxGraph.real("epsilon", epsilon));
    }

    @Override
    public void translate(Translation translation) {
        translation.add(new org.deeplearning4j.nn.conf.layers.BatchNormalization.Builder()
                .decay(momentum)
                .eps(epsilon)
                // The logarithm that DL4J would keep instead of the variance cannot be averaged over replicas.
                .useLogStd(false)
                .nIn(output.channels())
                .nOut(output.channels())
                .dataFormat(translation.format())
                .name(name)
                .build());
    }
}
