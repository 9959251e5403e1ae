package org.starling.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.InputException;
import org.starling.checkpoint.ForeignModelOptions;
import org.starling.checkpoint.ModelFile;
import org.starling.checkpoint.TestModels;
import org.starling.export.ModelExport.Format;
import org.starling.model.SequentialModel;

class ModelExportTest {
    private static final Path READER = Path.of("../tools/oracle/read_safetensors.py");

    @TempDir
    Path folder;

    private final SequentialModel model = TestModels.batchNormalized("channels_last", 3, 5);
    private Path zip;

    @BeforeEach
    void writeModel() throws IOException {
        zip = folder.resolve("model.zip");
        ModelFile.write(
                path(zip),
                new Configuration(),
                TestModels.description(model),
                TestModels.chunks(TestModels.parameters(model, 4), 1000));
    }

    private static org.apache.hadoop.fs.Path path(Path path) {
        return new org.apache.hadoop.fs.Path(path.toUri());
    }

    private Path export(Format format, boolean normalized) {
        Path file = folder.resolve("exported-" + format + normalized);
        ModelExport.write(path(zip), ForeignModelOptions.NONE, path(file), format, normalized, new Configuration());
        return file;
    }

    @Test
    void anotherProgramReadsTheWeightsByNameInKerassShapes() throws Exception {
        Path file = export(Format.SAFETENSORS, false);
        Process python;
        try {
            python = new ProcessBuilder("python3", READER.toString(), file.toString())
                    .redirectError(folder.resolve("errors").toFile())
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "no python3 is installed");
            return;
        }
        String text = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, python.waitFor(), Files.readString(folder.resolve("errors")));
        Map<String, JsonNode> arrays = new HashMap<>();
        for (String line : text.split("\n")) {
            JsonNode array = new ObjectMapper().readTree(line);
            arrays.put(array.get("name").asText(), array);
        }
        assertEquals(model.parameters().size(), arrays.size());
        assertEquals("[3,3,3,4]", arrays.get("conv/kernel").get("shape").toString());
        assertEquals("[64,16]", arrays.get("hidden/kernel").get("shape").toString());
        // By DL4J's own reading of its file: a convolution's weights are [out, in, height, width].
        MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(zip.toFile());
        INDArray kernel = stock.getParam("0_W");
        JsonNode values = arrays.get("conv/kernel").get("values");
        for (int h = 0, k = 0; h < 3; h++) {
            for (int w = 0; w < 3; w++) {
                for (int in = 0; in < 3; in++) {
                    for (int out = 0; out < 4; out++, k++) {
                        assertEquals(kernel.getFloat(out, in, h, w), (float)
                                values.get(k).doubleValue());
                    }
                }
            }
        }
        INDArray dense = stock.getParam("3_W");
        JsonNode hidden = arrays.get("hidden/kernel").get("values");
        for (int in = 0; in < 64; in++) {
            for (int out = 0; out < 16; out++) {
                assertEquals(dense.getFloat(in, out), (float)
                        hidden.get(in * 16 + out).doubleValue());
            }
        }
    }

    @Test
    void anOnnxModelTakesPixelsUnlessItIsToTakeWhatIsNormalized() throws OrtException, IOException {
        MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(zip.toFile());
        float[] pixels = new float[3 * 8 * 8 * 3];
        float[] normalized = new float[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = i * 37 % 256;
            normalized[i] = pixels[i] / 255;
        }
        long[] shape = model.input().tensor(3);
        float[] expected =
                stock.output(Nd4j.create(normalized, shape, 'c')).ravel().toFloatVector();
        assertArrayEquals(expected, run(export(Format.ONNX, false), pixels, shape), 1e-5f);
        assertArrayEquals(expected, run(export(Format.ONNX, true), normalized, shape), 1e-5f);
    }

    private static float[] run(Path file, float[] images, long[] shape) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(file.toString());
                OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), shape);
                OrtSession.Result result = session.run(Map.of("images", tensor))) {
            assertEquals(
                    "[\"a\",\"b\",\"c\",\"d\",\"e\"]",
                    session.getMetadata().getCustomMetadata().get("labels"));
            float[][] rows =
                    (float[][]) result.get("probabilities").orElseThrow().getValue();
            float[] all = new float[rows.length * rows[0].length];
            for (int i = 0; i < all.length; i++) {
                all[i] = rows[i / rows[0].length][i % rows[0].length];
            }
            return all;
        }
    }

    @Test
    void whatExistsIsLeftAlone() throws IOException {
        Path file = folder.resolve("precious.onnx");
        Files.writeString(file, "x");
        InputException refusal = assertThrows(
                InputException.class,
                () -> ModelExport.write(
                        path(zip), ForeignModelOptions.NONE, path(file), Format.ONNX, false, new Configuration()));
        assertTrue(refusal.getMessage().contains("exists already"), refusal.getMessage());
        assertEquals("x", Files.readString(file));
    }
}
