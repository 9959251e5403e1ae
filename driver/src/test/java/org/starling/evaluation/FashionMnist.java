package org.starling.evaluation;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.checkpoint.ModelDescription;
import org.starling.checkpoint.ModelFile;
import org.starling.data.Normalization;
import org.starling.data.Preprocessing;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

/**
 * Images of Fashion-MNIST and a small network trained on them, both without Starling's data and training code: this reads the files itself,
 * and DL4J's own {@code fit} trains.
 */
final class FashionMnist {
    static final Path COMMITTED = Path.of("..", "data", "fashion-mnist");
    static final Path FULL = Path.of("/usr/share/datasets/fashion-mnist");
    static final int SIDE = 28;
    static final int CLASSES = 10;

    private static final double MEAN = 73;
    private static final double DEVIATION = 90;

    private static Path model;

    final byte[] pixels;
    final int[] labels;

    private FashionMnist(byte[] pixels, int[] labels) {
        this.pixels = pixels;
        this.labels = labels;
    }

    /** @param part train or t10k */
    static FashionMnist read(Path folder, String part) throws IOException {
        byte[] labels = content(folder.resolve(part + "-labels-idx1-ubyte.gz"), 1);
        return new FashionMnist(
                content(folder.resolve(part + "-images-idx3-ubyte.gz"), 3),
                IntStream.range(0, labels.length).map(i -> labels[i]).toArray());
    }

    private static byte[] content(Path file, int dimensions) throws IOException {
        try (DataInputStream in = new DataInputStream(new GZIPInputStream(Files.newInputStream(file)))) {
            in.skipNBytes(4 + 4 * dimensions);
            return in.readAllBytes();
        }
    }

    int size() {
        return labels.length;
    }

    /** Normalized images {@code [count, 28, 28, 1]}. */
    INDArray features(int first, int count) {
        float[] values = new float[count * SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (((pixels[first * SIDE * SIDE + i] & 0xFF) - MEAN) / DEVIATION);
        }
        return Nd4j.create(values, new long[] {count, SIDE, SIDE, 1}, 'c');
    }

    /** A model file, trained at its first use. */
    static synchronized Path model() throws IOException {
        if (model == null) {
            Path folder = Files.createTempDirectory("fashion");
            Path zip = folder.resolve("model.zip");
            writeModel(zip, 1);
            zip.toFile().deleteOnExit();
            model = zip;
        }
        return model;
    }

    /** Trains with another seed, and so another model. */
    static void writeModel(Path zip, long seed) throws IOException {
        SequentialModel keras = SequentialModel.parse(
                """
                {"class_name": "Sequential", "config": {"name": "fashion", "layers": [
                  {"class_name": "Conv2D", "config": {"name": "conv", "batch_input_shape": [null, 28, 28, 1], "filters": 8,
                    "kernel_size": [5, 5], "strides": [2, 2], "padding": "same", "activation": "relu"}},
                  {"class_name": "MaxPooling2D", "config": {"name": "pool", "pool_size": [2, 2]}},
                  {"class_name": "Flatten", "config": {"name": "flat"}},
                  {"class_name": "Dense", "config": {"name": "scores", "units": 10, "activation": "softmax"}}]}}
                """,
                "fashion",
                ModelOptions.DEFAULT);
        float[] parameters = new float[Math.toIntExact(keras.parameterCount())];
        keras.initialize(seed, 0, parameters);
        MultiLayerNetwork network = new MultiLayerNetwork(keras.toDl4j(seed));
        network.init(Nd4j.create(parameters, new long[] {1, parameters.length}, 'c'), true);
        network.setLearningRate(0.1);
        FashionMnist training = read(COMMITTED, "train");
        for (int first = 0; first < 6000; first += 50) {
            network.fit(training.features(first, 50), training.oneHot(first, 50));
        }
        List<String> names = Files.readAllLines(COMMITTED.resolve("classes.txt"));
        Preprocessing preprocessing =
                new Preprocessing(0, new Normalization(new double[] {MEAN}, new double[] {DEVIATION}));
        Iterator<float[]> chunks = List.of(network.params().toFloatVector()).iterator();
        ModelFile.write(
                new org.apache.hadoop.fs.Path(zip.toUri()),
                new Configuration(),
                ModelDescription.of(keras, names, preprocessing, seed, Map.of()),
                chunks);
    }

    private INDArray oneHot(int first, int count) {
        INDArray labels = Nd4j.zeros(DataType.FLOAT, count, CLASSES);
        for (int i = 0; i < count; i++) {
            labels.putScalar(i, this.labels[first + i], 1);
        }
        return labels;
    }
}
