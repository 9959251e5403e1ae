package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.junit.jupiter.api.Test;

/** AlexNet as published, in the form it comes with and as Keras 2 and Keras 3 write it, and its small sister. */
class AlexNetTest {
    private static final ModelOptions OPTIONS = ModelOptions.DEFAULT;
    private final SequentialModel alexnet =
            SequentialModel.parse(OracleModel.modelFile("alexnet.json"), "alexnet", OPTIONS);
    private final SequentialModel small =
            SequentialModel.parse(OracleModel.modelFile("alexnet-small.json"), "alexnet-small", OPTIONS);

    @Test
    void hasThePublishedLayersAndParameters() {
        String table =
                """
                CONV1 55x55x96, MAXPOOL1 27x27x96, NORM1 27x27x96, CONV2 27x27x256, MAXPOOL2 13x13x256, NORM2 13x13x256,\
                 CONV3 13x13x384, CONV4 13x13x384, CONV5 13x13x256, MAXPOOL3 6x6x256, FLATTEN 9216, FC6 4096, DROP6 4096,\
                 FC7 4096, DROP7 4096, FC8 1000""";
        assertEquals(table, shapes(alexnet));
        assertEquals(62_378_344, alexnet.parameterCount());
        assertEquals(new ImageShape(227, 227, 3, DataFormat.CHANNELS_LAST), alexnet.input());
        assertEquals(1000, alexnet.classes());
    }

    private static String shapes(SequentialModel model) {
        return model.layers().stream()
                .map(layer -> layer.name() + " "
                        + layer.output().stream().map(String::valueOf).collect(Collectors.joining("x")))
                .collect(Collectors.joining(", "));
    }

    @Test
    void kernelsAreThePapers() {
        Map<String, List<Integer>> kernels = alexnet.layers().stream()
                .filter(layer -> !layer.kernel().isEmpty())
                .collect(Collectors.toMap(LayerSummary::name, LayerSummary::kernel));
        assertEquals(
                Map.of(
                        "CONV1", List.of(11, 11, 3, 96),
                        "CONV2", List.of(5, 5, 96, 256),
                        "CONV3", List.of(3, 3, 256, 384),
                        "CONV4", List.of(3, 3, 384, 384),
                        "CONV5", List.of(3, 3, 384, 256),
                        "FC6", List.of(9216, 4096),
                        "FC7", List.of(4096, 4096),
                        "FC8", List.of(4096, 1000)),
                kernels);
    }

    @Test
    void countsAreThoseOfTensorFlowJs() {
        JsonNode table = OracleModel.tree("alexnet-table.json");
        assertEquals(table.get("parameters").longValue(), alexnet.parameterCount());
        for (int i = 0; i < alexnet.layers().size(); i++) {
            JsonNode expected = table.get("layers").get(i);
            LayerSummary layer = alexnet.layers().get(i);
            List<Integer> shape = new ArrayList<>();
            expected.get("shape").forEach(size -> shape.add(size.intValue()));
            assertEquals(expected.get("name").textValue(), layer.name());
            assertEquals(shape, layer.output(), layer.name());
            assertEquals(expected.get("parameters").longValue(), layer.parameters(), layer.name());
        }
    }

    /** Keras 2's form is written by TensorFlow.js; Keras 3's follows Keras's documentation. */
    @Test
    void bothFormsOfKerasAreTheSameModel() {
        MultiLayerConfiguration configuration = alexnet.toDl4j(1);
        for (String form : List.of("alexnet-keras2.json", "alexnet-keras3.json")) {
            SequentialModel model = SequentialModel.parse(OracleModel.tree(form).toString(), form, OPTIONS);
            assertEquals(alexnet.layers(), model.layers(), form);
            assertEquals(alexnet.parameters(), model.parameters(), form);
            assertEquals(configuration.toJson(), model.toDl4j(1).toJson(), form);
            float[] expected = new float[100_000];
            float[] actual = new float[100_000];
            alexnet.initialize(1, 1_400_000, expected);
            model.initialize(1, 1_400_000, actual);
            assertArrayEquals(expected, actual, form);
        }
    }

    @Test
    void initialWeightsAreNormalAndBiasesZeroOrATenth() {
        List<String> tenths = List.of("CONV2", "CONV4", "CONV5", "FC6", "FC7");
        for (ParameterTensor tensor : alexnet.parameters()) {
            float[] values = new float[(int) Math.min(tensor.length(), 30_000)];
            alexnet.initialize(1, tensor.offset(), values);
            if (tensor.role() == ParameterTensor.Role.BIAS) {
                float[] expected = new float[values.length];
                Arrays.fill(expected, tenths.contains(tensor.layer()) ? 0.1f : 0);
                assertArrayEquals(expected, values, tensor.fullName());
            } else {
                double squares = 0;
                for (float value : values) {
                    squares += (double) value * value;
                }
                assertEquals(0.01, Math.sqrt(squares / values.length), 3e-4, tensor.fullName());
            }
        }
    }

    @Test
    void poolsBeforeItNormalizesAndDropsHalf() {
        List<String> types = alexnet.layers().stream().map(LayerSummary::type).toList();
        assertEquals("MaxPooling2D", types.get(types.indexOf("LocalResponseNormalization") - 1));
        var drop = (org.deeplearning4j.nn.conf.layers.DropoutLayer) layer(alexnet.toDl4j(1), "DROP7");
        assertEquals(0.5, ((org.deeplearning4j.nn.conf.dropout.Dropout) drop.getIDropout()).getP());
        var norm = (org.deeplearning4j.nn.conf.layers.LocalResponseNormalization) layer(alexnet.toDl4j(1), "NORM2");
        assertEquals(List.of(2.0, 5.0, 1e-4, 0.75), List.of(norm.getK(), norm.getN(), norm.getAlpha(), norm.getBeta()));
    }

    private static org.deeplearning4j.nn.conf.layers.Layer layer(MultiLayerConfiguration configuration, String name) {
        return configuration.getConfs().stream()
                .map(conf -> conf.getLayer())
                .filter(layer -> layer.getLayerName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void smallModelHasTheTopologyWithinItsBudget() {
        assertTrue(small.multiplyAdds() <= 3_000_000, "multiply-adds " + small.multiplyAdds());
        assertTrue(small.parameterCount() <= 500_000, "parameters " + small.parameterCount());
        assertEquals(10, small.classes());
        assertEquals(new ImageShape(28, 28, 1, DataFormat.CHANNELS_LAST), small.input());
        assertEquals(
                alexnet.layers().stream()
                        .map(layer -> layer.name() + layer.type())
                        .toList(),
                small.layers().stream()
                        .map(layer -> layer.name() + layer.type())
                        .toList());
    }

    @Test
    void tableShowsShapesKernelsTotalsAndMemory() {
        String text = new LayerTable(alexnet, 128, 2).text();
        assertTrue(text.startsWith("alexnet: input 227x227x3 channels_last, 1000 classes\n"), text);
        assertTrue(
                text.lines()
                        .anyMatch(line ->
                                line.matches("CONV1 +Conv2D +55x55x96 +\\{11, 11, 3, 96} +34,944 +105,415,200")),
                text);
        assertTrue(text.lines().anyMatch(line -> line.matches("total +62,378,344 +1,135,256,096")), text);
        assertTrue(text.contains("memory of a replica in training, batch 128, on 2 threads: about "), text);
        assertEquals(
                1, text.lines().skip(2).limit(18).map(String::length).distinct().count(), "columns are aligned");
    }

    @Test
    void kernelsNeedScratchForEveryThread() {
        long worker = alexnet.kernelBytes(128, 2) - alexnet.kernelBytes(128, 1);
        // Two blocks of tiles of 8 x 8: 64 (98 x 400 + 98 x 384) floats, and little else.
        assertEquals(64 * (98 * 400 + 98 * 384) * Float.BYTES, worker, 0.1 * worker);
        assertEquals(14 * worker, alexnet.kernelBytes(128, 16) - alexnet.kernelBytes(128, 2));
    }

    @Test
    void memoryGrowsWithTheBatchAndHoldsTheParameters() {
        long one = alexnet.replicaBytes(1);
        assertTrue(one > 2 * Float.BYTES * alexnet.parameterCount());
        long image = alexnet.replicaBytes(2) - one;
        assertEquals(one + 127 * image, alexnet.replicaBytes(128));
        // im2col of CONV2 alone.
        assertTrue(image > Float.BYTES * 27 * 27 * 5 * 5 * 96);
    }
}
