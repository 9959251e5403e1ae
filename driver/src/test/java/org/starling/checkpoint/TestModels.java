package org.starling.checkpoint;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.starling.data.Normalization;
import org.starling.data.Preprocessing;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

/** Small networks with random parameters. */
public final class TestModels {
    private TestModels() {}

    /** 8x8, with batch normalization and two dense layers; ends in softmax. */
    public static SequentialModel batchNormalized(String dataFormat, int channels, int classes) {
        String shape = dataFormat.equals("channels_last") ? "8, 8, " + channels : channels + ", 8, 8";
        int axis = dataFormat.equals("channels_last") ? 3 : 1;
        String json =
                """
                {"class_name": "Sequential", "config": {"name": "small", "layers": [
                  {"class_name": "Conv2D", "config": {"name": "conv", "batch_input_shape": [null, %s], "filters": 4,
                    "kernel_size": [3, 3], "padding": "same", "activation": "relu", "data_format": "%s"}},
                  {"class_name": "BatchNormalization", "config": {"name": "bn", "axis": [%d]}},
                  {"class_name": "MaxPooling2D", "config": {"name": "pool", "pool_size": [2, 2], "data_format": "%2$s"}},
                  {"class_name": "Flatten", "config": {"name": "flat", "data_format": "%2$s"}},
                  {"class_name": "Dense", "config": {"name": "hidden", "units": 16, "activation": "relu"}},
                  {"class_name": "Dropout", "config": {"name": "drop", "rate": 0.5}},
                  {"class_name": "Dense", "config": {"name": "scores", "units": %4$d, "activation": "softmax"}}]},
                 "keras_version": "2.15.0", "backend": "tensorflow"}
                """
                        .formatted(shape, dataFormat, axis, classes);
        return SequentialModel.parse(json, "test", ModelOptions.DEFAULT);
    }

    /** Labels {@code a, b, c ...}; 0 to 255 becomes 0 to 1. */
    public static ModelDescription description(SequentialModel model) {
        double[] mean = new double[model.input().channels()];
        double[] deviation = new double[mean.length];
        Arrays.fill(deviation, 255);
        List<String> labels = IntStream.range(0, model.classes())
                .mapToObj(c -> Character.toString('a' + c))
                .toList();
        return ModelDescription.of(
                model, labels, new Preprocessing(0, new Normalization(mean, deviation)), 7, Map.of("epochs", 3));
    }

    /** Between -0.3 and 0.3, variances positive. */
    public static float[] parameters(SequentialModel model, long seed) {
        Random random = new Random(seed);
        float[] parameters = new float[Math.toIntExact(model.parameterCount())];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = random.nextFloat(-0.3f, 0.3f);
        }
        model.parameters().stream()
                .filter(tensor -> tensor.name().equals("moving_variance"))
                .forEach(tensor -> {
                    for (long i = tensor.offset(); i < tensor.offset() + tensor.length(); i++) {
                        parameters[(int) i] = 0.5f + Math.abs(parameters[(int) i]);
                    }
                });
        return parameters;
    }

    /** The array in chunks of at most {@code length}. */
    public static Iterator<float[]> chunks(float[] values, int length) {
        return IntStream.iterate(0, from -> from < values.length, from -> from + length)
                .mapToObj(from -> Arrays.copyOfRange(values, from, Math.min(values.length, from + length)))
                .iterator();
    }
}
