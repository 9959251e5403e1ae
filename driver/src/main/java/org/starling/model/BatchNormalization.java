package org.starling.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** tf.keras.layers.BatchNormalization over the channel axis. */
record BatchNormalization(String name, Activations output, double momentum, double epsilon, List<WeightArray> weights)
        implements SequentialLayer {

    static BatchNormalization read(LayerArguments arguments, Activations input, ModelFormat format) {
        requireChannelAxis(arguments, input, format.model());
        boolean scale = arguments.flag("scale", true);
        boolean center = arguments.flag("center", true);
        if (scale != center) {
            throw arguments.error("scale = %s with center = %s is not supported; both true or both false is."
                    .formatted(scale, center));
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
        return new BatchNormalization(
                arguments.name(), input, momentum, epsilon, weights(arguments, input.channels(), scale));
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

    private static List<WeightArray> weights(LayerArguments arguments, int channels, boolean trained) {
        KernelLayout layout = new KernelLayout(List.of(channels));
        List<WeightArray> weights = new ArrayList<>();
        WeightArray gamma = new WeightArray(
                "gamma",
                ParameterTensor.Role.BIAS,
                layout,
                arguments.initializer("gamma_initializer", "ones", layout),
                arguments.regularizer("gamma_regularizer"));
        WeightArray beta = new WeightArray(
                "beta",
                ParameterTensor.Role.BIAS,
                layout,
                arguments.initializer("beta_initializer", "zeros", layout),
                arguments.regularizer("beta_regularizer"));
        if (trained) {
            weights.add(gamma);
            weights.add(beta);
        }
        weights.add(statistic(arguments, "moving_mean", "zeros", layout));
        weights.add(statistic(arguments, "moving_variance", "ones", layout));
        return List.copyOf(weights);
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
    public void translate(Translation translation) {
        boolean trained = weights.size() == 4;
        translation.add(new org.deeplearning4j.nn.conf.layers.BatchNormalization.Builder()
                .decay(momentum)
                .eps(epsilon)
                // The logarithm that DL4J would keep instead of the variance cannot be averaged over replicas.
                .useLogStd(false)
                .lockGammaBeta(!trained)
                .nIn(output.channels())
                .nOut(output.channels())
                .dataFormat(translation.format())
                .name(name)
                .build());
    }
}
