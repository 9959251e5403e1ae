package org.starling.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.starling.InputException;
import org.starling.data.Normalization;
import org.starling.model.ConvolutionRemainder;
import org.starling.model.ImageSize;
import org.starling.model.SequentialModel;

/** Networks that plain DL4J builds and saves are read, and give DL4J's outputs. */
class ForeignModelTest {
    @TempDir
    Path folder;

    private static ForeignModelOptions sized(int height, int width, int channels) {
        return new ForeignModelOptions(
                null,
                List.of(),
                new ImageSize(height, width, channels),
                List.of(),
                List.of(),
                0,
                ConvolutionRemainder.ERROR);
    }

    private static org.apache.hadoop.fs.Path path(Path file) {
        return new org.apache.hadoop.fs.Path(file.toString());
    }

    private static SavedModel read(Path file, ForeignModelOptions options) {
        return ForeignModel.read(path(file), options, new Configuration());
    }

    /** Images as vectors, every layer that DL4J shares with Keras, and what only training needs. */
    private static MultiLayerNetwork flat(boolean logarithms) {
        return trained(new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam(0.02))
                .l2(1e-4)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .padding(1, 2)
                        .activation(Activation.RELU)
                        .build())
                .layer(new BatchNormalization.Builder().useLogStd(logarithms).build())
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(new LocalResponseNormalization.Builder(2, 1e-2, 0.75)
                        .n(3)
                        .build())
                .layer(new ConvolutionLayer.Builder(2, 2)
                        .nOut(3)
                        .convolutionMode(ConvolutionMode.Same)
                        .activation(Activation.IDENTITY)
                        .hasBias(false)
                        .name("second")
                        .build())
                .layer(new ActivationLayer(Activation.LEAKYRELU))
                .layer(new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
                        .kernelSize(2, 2)
                        .stride(1, 1)
                        .build())
                .layer(new DropoutLayer(0.7))
                .layer(new ZeroPaddingLayer(1, 2))
                .layer(new DenseLayer.Builder()
                        .nOut(6)
                        .dropOut(0.5)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.NEGATIVELOGLIKELIHOOD)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutionalFlat(8, 9, 1))
                .build()));
    }

    private static MultiLayerNetwork maps(CNN2DFormat format) {
        return trained(new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .updater(new Adam(0.02))
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .dataFormat(format)
                        .activation(Activation.ELU)
                        .build())
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(5)
                        .stride(2, 2)
                        .dataFormat(format)
                        .activation(Activation.SWISH)
                        .build())
                .layer(
                        format == CNN2DFormat.NHWC
                                ? new GlobalPoolingLayer.Builder(PoolingType.AVG).build()
                                : new ActivationLayer(Activation.SOFTSIGN))
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(9, 10, 3, format))
                .build()));
    }

    /** So that moving statistics and biases are not what they began as. */
    private static MultiLayerNetwork trained(MultiLayerNetwork network) {
        network.init();
        INDArray labels = Nd4j.zeros(6, 3);
        for (int i = 0; i < 6; i++) {
            labels.putScalar(i, i % 3, 1);
        }
        for (int step = 0; step < 5; step++) {
            network.fit(images(network, step), labels);
        }
        return network;
    }

    private static INDArray images(MultiLayerNetwork network, int seed) {
        boolean flat = network.getLayerWiseConfigurations().getInputPreProcess(0) != null;
        boolean last = ((ConvolutionLayer)
                                network.getLayerWiseConfigurations().getConf(0).getLayer())
                        .getCnn2dDataFormat()
                == CNN2DFormat.NHWC;
        long[] shape = flat ? new long[] {6, 72} : last ? new long[] {6, 9, 10, 3} : new long[] {6, 3, 9, 10};
        return Nd4j.rand(seed + 1, shape);
    }

    private Path saved(MultiLayerNetwork network) throws IOException {
        Path file = folder.resolve("network.zip");
        ModelSerializer.writeModel(network, file.toFile(), true);
        return file;
    }

    private static void assertSameOutputs(MultiLayerNetwork network, SavedModel found) {
        INDArray images = images(network, 77);
        INDArray input = images.rank() == 2 ? images.reshape('c', 6, 1, 8, 9) : images;
        assertArrayEquals(
                network.output(images).data().asFloat(),
                found.network().output(input).data().asFloat(),
                1e-5f);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNetworkThatTakesVectorsSaysTheSizeOfItsImages(boolean logarithms) throws IOException {
        MultiLayerNetwork network = flat(logarithms);
        SavedModel found = read(saved(network), ForeignModelOptions.NONE);
        assertSameOutputs(network, found);
        assertEquals(List.of("0", "1", "2"), found.description().labels());
    }

    @ParameterizedTest
    @CsvSource({"NHWC", "NCHW"})
    void aNetworkThatTakesMapsIsToldIt(CNN2DFormat format) throws IOException {
        MultiLayerNetwork network = maps(format);
        Path file = saved(network);
        assertSameOutputs(network, read(file, sized(9, 10, 3)));
        refuses(file, ForeignModelOptions.NONE, "does not say the size of its images", "--image-size");
        refuses(file, sized(9, 10, 1), "layer \"layer0\" takes 3 inputs", "9x10x1");
        if (format == CNN2DFormat.NCHW) {
            refuses(file, sized(19, 10, 3), "layer \"layer3\" takes 45 inputs", "19x10x3");
        }
    }

    private void refuses(Path file, ForeignModelOptions options, String... parts) {
        String message =
                assertThrows(InputException.class, () -> read(file, options)).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    /** Both ways in which Keras flattens, through the network that Starling writes for DL4J. */
    @ParameterizedTest
    @CsvSource({"channels_last, channels_last", "channels_first, channels_first", "channels_first, channels_last"})
    void aZipOfStarlingsWithoutItsJsonIsReadAsDl4js(String format, String flatten) throws IOException {
        String shape = format.equals("channels_last") ? "[null,9,10,3]" : "[null,3,9,10]";
        String keras =
                """
                {"class_name":"Sequential","config":{"name":"m","layers":[
                 {"class_name":"InputLayer","config":{"name":"in","batch_input_shape":%s}},
                 {"class_name":"Conv2D","config":{"name":"conv","filters":4,"kernel_size":[3,3],"activation":"relu","data_format":"%s"}},
                 {"class_name":"BatchNormalization","config":{"name":"norm","axis":%d}},
                 {"class_name":"Flatten","config":{"name":"flat","data_format":"%s"}},
                 {"class_name":"Dense","config":{"name":"out","units":3,"activation":"softmax"}}]}}
                """
                        .formatted(shape, format, format.equals("channels_last") ? -1 : 1, flatten);
        SequentialModel model = SequentialModel.parse(keras, "m.json", org.starling.model.ModelOptions.DEFAULT);
        float[] parameters = new float[(int) model.parameterCount()];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = 0.1f + (i * 37 % 101) / 300f;
        }
        ModelDescription description = ModelDescription.of(
                model,
                List.of("a", "b", "c"),
                new org.starling.data.Preprocessing(0, new Normalization(new double[3], new double[] {1, 1, 1})),
                1,
                Map.of());
        Path file = folder.resolve("model.zip");
        ModelFile.write(
                path(file),
                new Configuration(),
                description,
                List.of(parameters).iterator());
        SavedModel own = SavedModel.shared(path(file), new Configuration());
        INDArray images =
                Nd4j.rand(5, format.equals("channels_last") ? new long[] {2, 9, 10, 3} : new long[] {2, 3, 9, 10});
        float[] expected = own.network().output(images).data().asFloat();
        Files.delete(folder.resolve("model.json"));
        assertTrue(ForeignModel.isForeign(path(file), new Configuration()));
        SavedModel foreign = read(file, sized(9, 10, 3));
        assertArrayEquals(expected, foreign.network().output(images).data().asFloat());
    }

    @Test
    void kerasWeightsAreReadWithTheirNetworkAndWhatIsSaidOfThem() {
        Path oracle = KerasWeightsTest.ORACLE;
        ForeignModelOptions options = new ForeignModelOptions(
                oracle.resolve("weights-last.json").toString(),
                List.of("x", "y", "z"),
                null,
                List.of(110.0, 120.0, 130.0),
                List.of(60.0),
                0,
                ConvolutionRemainder.ERROR);
        SavedModel found = read(oracle.resolve("weights-last.h5"), options);
        assertEquals(List.of("x", "y", "z"), found.description().labels());
        assertArrayEquals(
                new double[] {60, 60, 60},
                found.description().preprocessing().normalization().deviation());
        refuses(oracle.resolve("weights-last.h5"), ForeignModelOptions.NONE, "--architecture");
        // model.save has the network too.
        assertArrayEquals(
                floats(found), floats(read(oracle.resolve("weights-last-model.h5"), ForeignModelOptions.NONE)));
        ForeignModelOptions two = new ForeignModelOptions(
                options.architecture(), List.of("x", "y"), null, List.of(), List.of(), 0, ConvolutionRemainder.ERROR);
        refuses(oracle.resolve("weights-last.h5"), two, "2 labels and its network 3 outputs");
        ForeignModelOptions means = new ForeignModelOptions(
                options.architecture(), List.of(), null, List.of(1.0, 2.0), List.of(), 0, ConvolutionRemainder.ERROR);
        refuses(oracle.resolve("weights-last.h5"), means, "3 channels");
    }

    private static float[] floats(SavedModel model) {
        float[] floats = new float[model.parameters().remaining()];
        model.parameters().get(floats);
        return floats;
    }

    /** A zip's entries, changed and written again. */
    private Path changed(Path zip, UnaryOperator<Map<String, byte[]>> change) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
        }
        Path file = Files.createTempFile(folder, "changed", ".zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> entry : change.apply(entries).entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
                out.closeEntry();
            }
        }
        return file;
    }

    private Path withConfiguration(Path zip, String from, String to) throws IOException {
        return changed(zip, entries -> {
            String json = new String(entries.get("configuration.json"), StandardCharsets.UTF_8);
            assertTrue(json.contains(from), from);
            entries.put("configuration.json", json.replace(from, to).getBytes(StandardCharsets.UTF_8));
            return entries;
        });
    }

    @Test
    void noClassIsLoadedAndNothingElseIsOpened() throws IOException {
        Path file = saved(flat(true));
        refuses(
                withConfiguration(
                        file, "org.deeplearning4j.nn.conf.layers.LocalResponseNormalization", "javax.swing.JFrame"),
                ForeignModelOptions.NONE,
                "layer \"layer3\"",
                "a layer of class JFrame");
        refuses(
                withConfiguration(file, "org.nd4j.linalg.activations.impl.ActivationTanH", "java.lang.ProcessBuilder"),
                ForeignModelOptions.NONE,
                "the activation ProcessBuilder");
        refuses(
                withConfiguration(
                        file,
                        "org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor",
                        "org.deeplearning4j.nn.conf.preprocessor.BinomialSamplingPreProcessor"),
                ForeignModelOptions.NONE,
                "the preprocessor BinomialSamplingPreProcessor");
        refuses(
                changed(file, entries -> {
                    entries.put("../../evil", new byte[3]);
                    return with("../../evil", entries);
                }),
                ForeignModelOptions.NONE,
                "a foreign entry");
        refuses(
                changed(file, entries -> {
                    entries.remove("coefficients.bin");
                    return entries;
                }),
                ForeignModelOptions.NONE,
                "it holds no coefficients.bin");
        refuses(
                changed(file, entries -> {
                    entries.put("coefficients.bin", Arrays.copyOf(entries.get("coefficients.bin"), 300));
                    return entries;
                }),
                ForeignModelOptions.NONE,
                "end before");
        refuses(withConfiguration(file, "\"confs\"", "\"vertices\""), ForeignModelOptions.NONE, "ComputationGraph");
        Path text = Files.writeString(folder.resolve("text.zip"), "no zip");
        refuses(text, ForeignModelOptions.NONE, "it is no zip", "text.json");
    }

    /** First, where the reader has to pass it. */
    private static Map<String, byte[]> with(String name, Map<String, byte[]> entries) {
        Map<String, byte[]> all = new LinkedHashMap<>();
        all.put(name, entries.get(name));
        all.putAll(entries);
        return all;
    }

    @Test
    void aConfigurationWithoutEndIsNotReadIntoMemory() throws IOException {
        Path file = folder.resolve("large.zip");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("configuration.json"));
            byte[] spaces = new byte[1 << 20];
            Arrays.fill(spaces, (byte) ' ');
            for (int i = 0; i < 100; i++) {
                zip.write(spaces);
            }
            zip.closeEntry();
        }
        refuses(file, ForeignModelOptions.NONE, "larger than 4 MB");
    }

    @Test
    void aModelOfStarlingsOrNothingIsNotForeign() throws IOException {
        assertFalse(ForeignModel.isForeign(path(folder), new Configuration()));
        assertFalse(ForeignModel.isForeign(path(folder.resolve("nowhere.zip")), new Configuration()));
        assertTrue(ForeignModel.isForeign(path(saved(maps(CNN2DFormat.NHWC))), new Configuration()));
    }

    /** Three parts, as of an entry of more than twice what a stream skips at once. */
    @Test
    void entriesThatArePassedOverEndWithinABound() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("updaterState.bin"));
            zip.write(new byte[1000]);
        }
        for (int bound : new int[] {999, 1000, 1001}) {
            try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes.toByteArray())) {
                @Override
                public long skip(long n) throws IOException {
                    return super.skip(Math.min(n, 400));
                }
            }) {
                zip.getNextEntry();
                assertEquals(bound >= 1000, Dl4jZip.endsWithin(zip, bound), bound + " bytes");
            }
        }
    }
}
