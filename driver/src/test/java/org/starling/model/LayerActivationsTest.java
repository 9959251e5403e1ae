package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class LayerActivationsTest {
    private static final int BATCH = 3;

    private static String json(String format, String flatten, String inputShape) {
        return """
               {"class_name": "Sequential", "config": {"name": "m", "layers": [
                 {"class_name": "Dropout", "config": {"name": "drop0", "batch_input_shape": %3$s, "rate": 0.5}},
                 {"class_name": "Conv2D", "config": {"name": "conv", "filters": 4, "kernel_size": [3, 3], "activation": "relu", "data_format": "%1$s"}},
                 {"class_name": "BatchNormalization", "config": {"name": "norm", "axis": %4$d}},
                 {"class_name": "Activation", "config": {"name": "tanh", "activation": "tanh"}},
                 {"class_name": "Activation", "config": {"name": "linear", "activation": "linear"}},
                 {"class_name": "MaxPooling2D", "config": {"name": "pool", "pool_size": [2, 2], "data_format": "%1$s"}},
                 {"class_name": "Flatten", "config": {"name": "flat", "data_format": "%2$s"}},
                 {"class_name": "Dense", "config": {"name": "dense", "units": 5, "activation": "relu"}},
                 {"class_name": "Dropout", "config": {"name": "drop", "rate": 0.5}},
                 {"class_name": "Dense", "config": {"name": "scores", "units": 3, "activation": "softmax"}}]}}
               """
                .formatted(format, flatten, inputShape, format.equals("channels_last") ? 3 : 1);
    }

    /** {@code [batch, channels, height, width]} in the order height, width, channels. */
    private static float[] channelsToEnd(INDArray maps) {
        long[] shape = maps.shape();
        float[] values = new float[Math.toIntExact(maps.length())];
        int to = 0;
        for (long n = 0; n < shape[0]; n++) {
            for (long y = 0; y < shape[2]; y++) {
                for (long x = 0; x < shape[3]; x++) {
                    for (long c = 0; c < shape[1]; c++) {
                        values[to++] = maps.getFloat(n, c, y, x);
                    }
                }
            }
        }
        return values;
    }

    private static float[] values(INDArray array) {
        return array.dup('c').data().asFloat();
    }

    @ParameterizedTest
    @CsvSource({
        "channels_last,channels_last",
        "channels_first,channels_last",
        "channels_first,channels_first",
    })
    void aNetworkUpToALayerPutsOutItsActivations(String format, String flatten) {
        boolean last = format.equals("channels_last");
        SequentialModel model = SequentialModel.parse(
                json(format, flatten, last ? "[null, 8, 10, 3]" : "[null, 3, 8, 10]"), "m", ModelOptions.DEFAULT);
        float[] parameters = new float[Math.toIntExact(model.parameterCount())];
        Random random = new Random(1);
        for (int i = 0; i < parameters.length; i++) {
            // Variances among them.
            parameters[i] = 0.1f + random.nextFloat() / 4;
        }
        INDArray flat = Nd4j.create(parameters, new long[] {1, parameters.length}, 'c');
        MultiLayerNetwork whole = new MultiLayerNetwork(model.toDl4j(1));
        whole.init(flat, false);
        INDArray images = Nd4j.rand(model.input().tensor(BATCH));
        Map<String, float[]> expected = new HashMap<>();
        for (int i = 0; i < whole.getnLayers(); i++) {
            // One layer at a time: the next may compute in place.
            List<INDArray> before = whole.feedForwardToLayer(i, images, false);
            INDArray output = before.get(before.size() - 1);
            String name = whole.getLayer(i).conf().getLayer().getLayerName();
            expected.put(name, values(output));
            if (name.equals("pool")) {
                boolean turned = !last && flatten.equals("channels_first");
                expected.put("flat", turned ? channelsToEnd(output) : values(output));
            }
        }
        expected.put("drop0", values(images));
        expected.put("linear", expected.get("tanh"));
        expected.put("drop", expected.get("dense"));
        expected.put("scores", values(whole.output(images)));
        for (LayerSummary layer : model.layers()) {
            MultiLayerNetwork part = new MultiLayerNetwork(model.toDl4j(1, layer.name()));
            long count = model.parameterCount(layer.name());
            part.init(count == 0 ? null : flat.get(NDArrayIndex.all(), NDArrayIndex.interval(0, count)), false);
            INDArray output = part.output(images);
            long[] shape = new long[layer.output().size() + 1];
            shape[0] = BATCH;
            for (int i = 1; i < shape.length; i++) {
                shape[i] = layer.output().get(i - 1);
            }
            assertArrayEquals(shape, output.shape(), layer.name());
            assertArrayEquals(expected.get(layer.name()), values(output), 1e-6f, layer.name());
        }
        assertEquals(10, model.layers().size());
    }
}
