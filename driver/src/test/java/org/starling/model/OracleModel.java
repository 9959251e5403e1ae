package org.starling.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A model that an independent implementation has computed (see tools/oracle): its JSON, with the shape and values behind its
 * layers and the gradients. Inputs and weights follow from a formula.
 */
record OracleModel(JsonNode expected) {
    static final int BATCH = 2;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Number of an array within its layer, and what is added to its values. */
    private static final Map<String, int[]> ARRAYS = Map.of(
            "kernel", new int[] {0, 0},
            "bias", new int[] {1, 0},
            "gamma", new int[] {0, 1},
            "beta", new int[] {1, 0},
            "moving_mean", new int[] {2, 0},
            "moving_variance", new int[] {3, 1});

    static List<OracleModel> all(String resource) {
        List<OracleModel> models = new ArrayList<>();
        tree(resource).forEach(node -> models.add(new OracleModel(node)));
        return models;
    }

    static JsonNode tree(String resource) {
        try (InputStream in = OracleModel.class.getResourceAsStream("/oracle/" + resource)) {
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return expected.get("name").textValue();
    }

    String json() {
        JsonNode model = expected.get("model");
        return model.isTextual() ? modelFile(model.textValue()) : model.toString();
    }

    /** Whether the values behind the last layer are probabilities and not scores. */
    boolean endsInSoftmax() {
        JsonNode layers = expected.get("model").path("config").path("layers");
        JsonNode last = layers.path(layers.size() - 1);
        return last.path("class_name").asText().equals("Softmax")
                || last.path("config").path("activation").asText().equals("softmax");
    }

    SequentialModel parse() {
        return SequentialModel.parse(
                json(), toString(), new ModelOptions(DataFormat.CHANNELS_LAST, ConvolutionRemainder.FLOOR));
    }

    static float value(int salt, long k) {
        return (float) formula(salt, k);
    }

    private static double formula(int salt, long k) {
        return (k * 7919 + salt * 104729L + 12345) % 10007 / 10007.0 - 0.5;
    }

    /** The input, in the model's data format. */
    static INDArray input(SequentialModel model) {
        ImageShape shape = model.input();
        float[] values = new float[BATCH * shape.length()];
        for (int k = 0; k < values.length; k++) {
            values[k] = value(1, k);
        }
        return Nd4j.create(
                values,
                shape.format() == DataFormat.CHANNELS_LAST
                        ? new long[] {BATCH, shape.height(), shape.width(), shape.channels()}
                        : new long[] {BATCH, shape.channels(), shape.height(), shape.width()},
                'c');
    }

    /** The stock network with the formula's weights, each at its place in the flat vector. */
    static MultiLayerNetwork network(SequentialModel model) {
        float[] flat = new float[Math.toIntExact(model.parameterCount())];
        List<String> layers = model.layers().stream().map(LayerSummary::name).toList();
        for (ParameterTensor tensor : model.parameters()) {
            int[] array = ARRAYS.get(tensor.name());
            KernelLayout layout = model.layout(tensor);
            for (long k = 0; k < tensor.length(); k++) {
                double value = formula(2 + 4 * layers.indexOf(tensor.layer()) + array[0], k) + array[1];
                flat[(int) (tensor.offset() + layout.position(k))] = (float) value;
            }
        }
        MultiLayerNetwork network = new MultiLayerNetwork(model.toDl4j(1));
        network.init(Nd4j.create(flat, new long[] {1, flat.length}), false);
        return network;
    }

    /** Labels 0, 1, 2, 0, ... one-hot. */
    static INDArray labels(SequentialModel model) {
        INDArray labels = Nd4j.zeros(BATCH, model.classes());
        for (int i = 0; i < BATCH; i++) {
            labels.putScalar(i, i % model.classes(), 1);
        }
        return labels;
    }

    static double[] numbers(JsonNode array) {
        double[] numbers = new double[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).doubleValue();
        }
        return numbers;
    }

    /** A file of the repository's conf/models. */
    static String modelFile(String name) {
        try {
            return Files.readString(Path.of("../conf/models", name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
