package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Exported networks as ONNX Runtime computes them. */
class OnnxTest {
    private static final double TOLERANCE = 1e-4;

    @TempDir
    Path folder;

    static Stream<OracleModel> models() {
        return OracleTest.models();
    }

    private Path export(SequentialModel model, FloatBuffer parameters, double[] mean, double[] deviation)
            throws IOException {
        Path file = folder.resolve("model.onnx");
        try (OutputStream out = Files.newOutputStream(file)) {
            model.toOnnx(parameters, mean, deviation, Map.of("a key", "a value"), out);
        }
        return file;
    }

    /** {@code [image][class]} of what ONNX Runtime computes. */
    private static float[][] run(Path file, float[] images, long[] shape) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(file.toString());
                OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), shape);
                OrtSession.Result result = session.run(Map.of(OnnxGraph.INPUT, tensor))) {
            assertEquals("a value", session.getMetadata().getCustomMetadata().get("a key"));
            return (float[][]) result.get(OnnxGraph.OUTPUT).orElseThrow().getValue();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyLayerIsThatOfOnnx(OracleModel oracle) throws IOException, OrtException {
        SequentialModel model = oracle.parse();
        MultiLayerNetwork network = OracleModel.network(model);
        INDArray input = OracleModel.input(model);
        float[] values = input.ravel().toFloatVector();
        float[][] actual = run(export(model, network.params().data().asNioFloat(), null, null), values, input.shape());
        INDArray stock = network.output(input);
        for (int i = 0; i < OracleModel.BATCH; i++) {
            for (int c = 0; c < model.classes(); c++) {
                assertEquals(stock.getDouble(i, c), actual[i][c], TOLERANCE, "DL4J's class " + c);
            }
        }
        JsonNode layers = oracle.expected().get("layers");
        JsonNode last = layers.get(layers.size() - 1);
        String name = model.layers().get(model.layers().size() - 1).name();
        if (last.get("layer").textValue().equals(name)) {
            double[] listed = OracleModel.numbers(last.get("values"));
            double[] expected = oracle.endsInSoftmax() ? listed : OracleTest.softmax(listed, model.classes());
            for (int i = 0; i < expected.length; i++) {
                float own = actual[i / model.classes()][i % model.classes()];
                assertEquals(expected[i], own, TOLERANCE, "Keras's value " + i);
            }
        }
    }

    /** By logarithms: of a thousand classes each probability is as small as the tolerance. */
    @Test
    void alexNetIsItself() throws IOException, OrtException {
        SequentialModel model =
                SequentialModel.parse(OracleModel.modelFile("alexnet.json"), "alexnet", ModelOptions.DEFAULT);
        float[] flat = new float[Math.toIntExact(model.parameterCount())];
        model.initialize(3, 0, flat);
        INDArray parameters = Nd4j.create(flat, new long[] {1, flat.length});
        MultiLayerNetwork network = new MultiLayerNetwork(model.toDl4j(1));
        network.init(parameters, false);
        Random random = new Random(5);
        float[] pixels = new float[2 * model.input().length()];
        float[] normalized = new float[pixels.length];
        double[] mean = {124, 117, 104};
        double[] deviation = {59, 57, 58};
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextInt(256);
            normalized[i] = (float) ((pixels[i] - mean[i % 3]) / deviation[i % 3]);
        }
        long[] shape = model.input().tensor(2);
        float[][] actual = run(export(model, FloatBuffer.wrap(flat), mean, deviation), pixels, shape);
        INDArray stock = network.output(Nd4j.create(normalized, shape, 'c'));
        double spread = 0;
        for (int i = 0; i < 2; i++) {
            for (int c = 0; c < 1000; c++) {
                double expected = Math.log(stock.getDouble(i, c));
                assertEquals(expected, Math.log(actual[i][c]), TOLERANCE, "class " + c);
                spread = Math.max(spread, Math.abs(expected + Math.log(1000)));
            }
        }
        assertTrue(spread > 100 * TOLERANCE, "classes that are all alike prove nothing: " + spread);
    }
}
