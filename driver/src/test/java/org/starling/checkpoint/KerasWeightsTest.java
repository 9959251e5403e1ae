package org.starling.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.InputException;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

/** The files are of tools/oracle/keras_weights.py, which writes them with h5py and computes the networks with NumPy. */
class KerasWeightsTest {
    static final Path ORACLE = Path.of("src/test/resources/oracle");

    @TempDir
    Path folder;

    private static SequentialModel network(String format) throws IOException {
        return SequentialModel.parse(
                Files.readString(ORACLE.resolve("weights-" + format + ".json")), "weights.json", ModelOptions.DEFAULT);
    }

    private static KerasWeights open(Path file, SequentialModel network) {
        return KerasWeights.open(new org.apache.hadoop.fs.Path(file.toString()), network, new Configuration());
    }

    @ParameterizedTest
    @CsvSource({
        "last, weights-last.h5",
        "last, weights-last-model.h5",
        "last, weights-last.weights.h5",
        "first, weights-first.h5",
        "first, weights-first-model.h5",
        "first, weights-first.weights.h5"
    })
    void aNetworkWithKerasWeightsGivesTheOutputsThatWereCalculatedFromThem(String format, String file)
            throws IOException {
        SequentialModel network = network(format);
        MultiLayerNetwork built = new MultiLayerNetwork(network.toDl4j(1));
        built.init();
        WeightMatch match = new WeightMatch(network, open(ORACLE.resolve(file), network), file, false);
        assertEquals(java.util.List.of(), match.initialized());
        float[] parameters = new float[(int) network.parameterCount()];
        match.read((position, values, length) -> System.arraycopy(values, 0, parameters, (int) position, length));
        built.params().data().asNioFloat().put(parameters);

        JsonNode expected = new ObjectMapper()
                .readTree(ORACLE.resolve("weights-" + format + "-outputs.json").toFile());
        INDArray output = built.output(images(expected, format));
        JsonNode probabilities = expected.path("probabilities");
        for (int i = 0; i < probabilities.size(); i++) {
            for (int c = 0; c < 3; c++) {
                assertEquals(probabilities.get(i).get(c).asDouble(), output.getDouble(i, c), 1e-5);
            }
        }
    }

    /** The images are stored [N, height, width, channels]. */
    private static INDArray images(JsonNode expected, String format) {
        int[] shape = new int[4];
        for (int i = 0; i < 4; i++) {
            shape[i] = expected.path("shape").get(i).asInt();
        }
        INDArray images = Nd4j.create(DataType.FLOAT, shape[0], shape[1], shape[2], shape[3]);
        for (int i = 0; i < images.length(); i++) {
            double mean = expected.path("mean").get(i % 3).asDouble();
            double deviation = expected.path("deviation").get(i % 3).asDouble();
            images.data().put(i, (expected.path("images").get(i).asDouble() - mean) / deviation);
        }
        return format.equals("first") ? images.permute(0, 3, 1, 2).dup('c') : images;
    }

    @Test
    void anotherNetworkIsToldWhichLayerDoesNotFit() throws IOException {
        String json = Files.readString(ORACLE.resolve("weights-last.json"));
        refuses(
                json.replace("\"units\": 6", "\"units\": 7"),
                "layer \"hidden\" has bias [6], kernel [30, 6] there, and bias [7], kernel [30, 7] in other.json");
        refuses(json.replace("\"conv_b\"", "\"conv_c\""), null);
    }

    private void refuses(String json, String part) {
        SequentialModel other = SequentialModel.parse(json, "other.json", ModelOptions.DEFAULT);
        WeightSource source = open(ORACLE.resolve("weights-last.h5"), other);
        if (part == null) {
            assertEquals(java.util.List.of("conv_c"), new WeightMatch(other, source, "w.h5", false).initialized());
        } else {
            String message = assertThrows(InputException.class, () -> new WeightMatch(other, source, "w.h5", false))
                    .getMessage();
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void theModelFileHoldsItsNetwork() throws IOException {
        org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(
                ORACLE.resolve("weights-last-model.h5").toString());
        String json = KerasWeights.architecture(file, new Configuration()).orElseThrow();
        assertEquals(Files.readString(ORACLE.resolve("weights-last.json")).strip(), json);
        org.apache.hadoop.fs.Path weights =
                new org.apache.hadoop.fs.Path(ORACLE.resolve("weights-last.h5").toString());
        assertTrue(KerasWeights.architecture(weights, new Configuration()).isEmpty());
    }

    /** Cut anywhere, or with a few bytes changed, a file is refused or gives numbers; nothing else is thrown. */
    @ParameterizedTest
    @CsvSource({"weights-last.h5", "weights-last.weights.h5"})
    void aDamagedFileIsRefusedOrReadAndNothingElse(String name) throws IOException {
        SequentialModel network = network("last");
        byte[] whole = Files.readAllBytes(ORACLE.resolve(name));
        Random random = new Random(5);
        int refused = 0;
        for (int trial = 0; trial < 120; trial++) {
            byte[] bytes = trial % 4 == 0
                    ? java.util.Arrays.copyOf(whole, 8 + random.nextInt(whole.length - 8))
                    : whole.clone();
            for (int change = 0; trial % 4 != 0 && change < 3; change++) {
                // Where structures are: numbers of the weights would change nothing.
                int at = 8 + random.nextInt(Math.min(bytes.length, 12_000) - 16);
                if (trial % 2 == 0) {
                    bytes[at] = (byte) random.nextInt();
                } else {
                    ByteBuffer.wrap(bytes).putLong(at, random.nextInt(3) == 0 ? -1L : random.nextLong());
                }
            }
            Path file = Files.write(folder.resolve(trial + ".h5"), bytes);
            try {
                new WeightMatch(network, open(file, network), file.toString(), false)
                        .read((position, values, length) -> {});
            } catch (InputException e) {
                refused++;
            }
            Files.delete(file);
        }
        assertTrue(refused > 30, refused + " refused");
    }

    @Test
    void whatIsNoHdf5IsToldSo() throws IOException {
        Path file = Files.write(folder.resolve("a.h5"), "text".getBytes(StandardCharsets.UTF_8));
        SequentialModel network = network("last");
        String message =
                assertThrows(InputException.class, () -> open(file, network)).getMessage();
        assertTrue(message.contains("model.save_weights"), message);
    }
}
