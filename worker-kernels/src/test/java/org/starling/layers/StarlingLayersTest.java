package org.starling.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.starling.kernels.ComputeTeam;

class StarlingLayersTest {
    private static MultiLayerNetwork network(CNN2DFormat format, Activation activation) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Sgd(0.1))
                .weightInit(WeightInit.XAVIER)
                .list()
                .layer(new ConvolutionLayer.Builder(5, 5)
                        .nIn(3)
                        .nOut(7)
                        .stride(2, 2)
                        .dataFormat(format)
                        .convolutionMode(ConvolutionMode.Truncate)
                        .activation(activation)
                        .biasInit(0.1)
                        .build())
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(9)
                        .dataFormat(format)
                        .convolutionMode(ConvolutionMode.Same)
                        .activation(Activation.IDENTITY)
                        .build())
                .layer(new ConvolutionLayer.Builder(2, 3)
                        .nOut(6)
                        .stride(2, 1)
                        .hasBias(false)
                        .dataFormat(format)
                        .convolutionMode(ConvolutionMode.Same)
                        .activation(Activation.RELU)
                        .build())
                .layer(new SubsamplingLayer.Builder(
                                SubsamplingLayer.PoolingType.MAX, new int[] {2, 2}, new int[] {2, 2})
                        .dataFormat(format)
                        .build())
                .layer(new LocalResponseNormalization.Builder(2, 1e-4, 0.75)
                        .dataFormat(format)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nOut(11)
                        .activation(Activation.RELU)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nOut(9)
                        .activation(Activation.IDENTITY)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(4)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(17, 19, 3, format))
                .build());
        network.init();
        return network;
    }

    private static INDArray images(CNN2DFormat format) {
        Nd4j.getRandom().setSeed(1);
        return format == CNN2DFormat.NHWC ? Nd4j.randn(6, 17, 19, 3) : Nd4j.randn(6, 3, 17, 19);
    }

    private static INDArray labels() {
        INDArray labels = Nd4j.zeros(6, 4);
        for (int i = 0; i < 6; i++) {
            labels.putScalar(i, i % 4, 1);
        }
        return labels;
    }

    private static void assertClose(INDArray expected, INDArray actual, String what) {
        // By hand, as ND4J's largest value passes over NaN.
        float[] values = actual.dup('c').data().asFloat();
        float[] wanted = expected.dup('c').data().asFloat();
        assertEquals(wanted.length, values.length, what);
        double error = 0;
        double largest = 0;
        for (int i = 0; i < wanted.length; i++) {
            error = Math.max(error, Math.abs((double) wanted[i] - values[i]));
            largest = Math.max(largest, Math.abs(wanted[i]));
        }
        assertTrue(error <= 1e-5 * largest, what + ": error " + error + ", largest value " + largest);
    }

    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void activationsAndGradientsAreStockDl4jsLayerByLayer(CNN2DFormat format) {
        MultiLayerNetwork stock = network(format, Activation.RELU);
        MultiLayerNetwork ours = network(format, Activation.RELU);
        try (ComputeTeam team = new ComputeTeam(2)) {
            StarlingLayers.install(ours, team);
            assertInstanceOf(Convolution2D.class, ours.getLayer(0));
            assertSame(ours.getLayer(0), ours.getLayer(ours.getLayerNames().get(0)));
            INDArray x = images(format);
            List<INDArray> expected = stock.feedForward(x, false);
            List<INDArray> actual = ours.feedForward(x, false);
            for (int i = 0; i < expected.size(); i++) {
                assertClose(expected.get(i), actual.get(i), "activation " + i);
            }
            for (MultiLayerNetwork network : List.of(stock, ours)) {
                network.setInput(x);
                network.setLabels(labels());
                network.computeGradientAndScore();
            }
            stock.gradient()
                    .gradientForVariable()
                    .forEach((name, gradient) ->
                            assertClose(gradient, ours.gradient().getGradientFor(name), "gradient of " + name));
            assertClose(stock.getFlattenedGradients(), ours.getFlattenedGradients(), "flat gradient");
        }
    }

    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void fitMovesTheSameParameters(CNN2DFormat format) {
        MultiLayerNetwork stock = network(format, Activation.RELU);
        MultiLayerNetwork ours = network(format, Activation.RELU);
        try (ComputeTeam team = new ComputeTeam(2)) {
            StarlingLayers.install(ours, team);
            for (int step = 0; step < 5; step++) {
                stock.fit(images(format), labels());
                ours.fit(images(format), labels());
            }
            assertClose(stock.params(), ours.params(), "parameters");
        }
    }

    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void outputIsStockDl4jsWhateverCameBefore(CNN2DFormat format) {
        MultiLayerNetwork stock = network(format, Activation.RELU);
        MultiLayerNetwork ours = network(format, Activation.RELU);
        try (ComputeTeam team = new ComputeTeam(2)) {
            StarlingLayers.install(ours, team);
            INDArray expected = stock.output(images(format));
            assertClose(expected, ours.output(images(format)), "output");
            ours.feedForward(images(format), false);
            assertClose(expected, ours.output(images(format)), "output after feedForward");
            ours.setInput(images(format));
            ours.setLabels(labels());
            ours.computeGradientAndScore();
            assertClose(expected, ours.output(images(format)), "output after a step");
        }
    }

    private static MultiLayerConfiguration beginningWith(Layer layer) {
        return builder()
                .list()
                .layer(layer)
                .layer(output())
                .setInputType(InputType.convolutional(17, 19, 3, CNN2DFormat.NHWC))
                .build();
    }

    /** Networks, images, and whether the first layer takes them where they lie. */
    private static Stream<Arguments> firstLayers() {
        CNN2DFormat last = CNN2DFormat.NHWC;
        CNN2DFormat first = CNN2DFormat.NCHW;
        SubsamplingLayer pooling = new SubsamplingLayer.Builder(
                        SubsamplingLayer.PoolingType.MAX, new int[] {2, 2}, new int[] {2, 2})
                .dataFormat(last)
                .build();
        LocalResponseNormalization normalization = new LocalResponseNormalization.Builder(3, 1e-4, 0.75)
                .k(1)
                .dataFormat(last)
                .build();
        ConvolutionLayer dropout = new ConvolutionLayer.Builder(3, 3)
                .nOut(5)
                .dataFormat(last)
                .activation(Activation.RELU)
                .dropOut(0.5)
                .build();
        DenseLayer dense =
                new DenseLayer.Builder().nOut(5).activation(Activation.RELU).build();
        MultiLayerConfiguration vectors = builder()
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(12)
                        .nOut(5)
                        .activation(Activation.RELU)
                        .build())
                .layer(output())
                .build();
        return Stream.of(
                Arguments.of(network(last, Activation.RELU).getLayerWiseConfigurations(), images(last), true),
                Arguments.of(beginningWith(pooling), images(last), true),
                Arguments.of(beginningWith(normalization), images(last), true),
                Arguments.of(vectors, Nd4j.randn(6, 12), true),
                Arguments.of(network(first, Activation.RELU).getLayerWiseConfigurations(), images(first), false),
                Arguments.of(network(last, Activation.ELU).getLayerWiseConfigurations(), images(last), false),
                Arguments.of(beginningWith(dropout), images(last), false),
                Arguments.of(beginningWith(dense), images(last), false));
    }

    @ParameterizedTest
    @MethodSource("firstLayers")
    void minibatchesFromJavasArraysGiveTheBitsOfDl4jsArrays(
            MultiLayerConfiguration configuration, INDArray images, boolean inPlace) {
        MultiLayerNetwork given = initialized(configuration);
        MultiLayerNetwork taken = initialized(configuration);
        try (ComputeTeam team = new ComputeTeam(2);
                NetworkInput input = StarlingLayers.install(taken, team)) {
            StarlingLayers.install(given, team);
            for (int step = 1; step < 4; step++) {
                INDArray x = images.mul(step);
                // Longer, as an array that is used again for a smaller minibatch.
                float[] values = Arrays.copyOf(x.dup('c').data().asFloat(), (int) x.length() + 7);
                float[] before = values.clone();
                INDArray features = input.of(values, x.shape());
                assertEquals(inPlace, Float.isNaN(features.getFloat(0)));
                assertArrayEquals(
                        given.output(x).toFloatMatrix(), taken.output(features).toFloatMatrix());
                computeGradient(given, x, step);
                computeGradient(taken, input.of(values, x.shape()), step);
                assertArrayEquals(
                        given.getFlattenedGradients().dup().data().asFloat(),
                        taken.getFlattenedGradients().dup().data().asFloat());
                assertEquals(given.score(), taken.score());
                assertArrayEquals(before, values);
            }
        }
    }

    /** @param seed of dropout; 0 would be none to ND4J */
    private static void computeGradient(MultiLayerNetwork network, INDArray x, int seed) {
        Nd4j.getRandom().setSeed(seed);
        network.setInput(x);
        network.setLabels(labels());
        network.computeGradientAndScore();
        network.clear();
    }

    /** Along a random direction in each layer's parameters: central differences of the loss. */
    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void gradientsAreTheSlopeOfTheLoss(CNN2DFormat format) {
        MultiLayerNetwork network = network(format, Activation.RELU);
        try (ComputeTeam team = new ComputeTeam(2)) {
            StarlingLayers.install(network, team);
            INDArray x = images(format);
            loss(network, x);
            Map<String, INDArray> gradients = new TreeMap<>();
            network.gradient().gradientForVariable().forEach((name, gradient) -> gradients.put(name, gradient.dup()));
            gradients.forEach((name, gradient) -> {
                INDArray parameter = network.getParam(name);
                INDArray values = parameter.dup();
                // Along the gradient itself, where the slope is steepest; single precision needs a steep one.
                double norm = gradient.norm2Number().doubleValue();
                INDArray step = gradient.mul(2e-3 / norm);
                parameter.addi(step);
                double above = loss(network, x);
                parameter.assign(values).subi(step);
                double below = loss(network, x);
                parameter.assign(values);
                double slope = (above - below) / 4e-3 * 6;
                assertEquals(norm, slope, 0.03 * norm + 1e-3, name);
            });
        }
    }

    private static double loss(MultiLayerNetwork network, INDArray x) {
        network.setInput(x);
        network.setLabels(labels());
        network.computeGradientAndScore();
        return network.score();
    }

    @Test
    void aListenerThatLooksAtActivationsSeesThem() {
        MultiLayerNetwork stock = network(CNN2DFormat.NHWC, Activation.RELU);
        MultiLayerNetwork ours = network(CNN2DFormat.NHWC, Activation.RELU);
        try (ComputeTeam team = new ComputeTeam(2)) {
            StarlingLayers.install(ours, team);
            List<List<INDArray>> seen = new ArrayList<>();
            for (MultiLayerNetwork network : List.of(stock, ours)) {
                network.setListeners(new BaseTrainingListener() {
                    @Override
                    public void onForwardPass(Model model, List<INDArray> activations) {
                        seen.add(activations.stream()
                                .map(activation -> activation.dup().detach())
                                .toList());
                    }
                });
                network.fit(images(CNN2DFormat.NHWC), labels());
            }
            for (int i = 0; i < seen.get(0).size(); i++) {
                assertClose(seen.get(0).get(i), seen.get(1).get(i), "activation " + i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Activation.class,
            names = {"RELU", "TANH"})
    void theMultiplicationsThatStayStockAreKnownFromTheConfiguration(Activation activation) {
        MultiLayerNetwork network = network(CNN2DFormat.NHWC, activation);
        Map<String, String> stock = StarlingLayers.stockMultiplications(network.getLayerWiseConfigurations());
        try (ComputeTeam team = new ComputeTeam(1)) {
            StarlingLayers.install(network, team);
        }
        List<String> dl4js = Arrays.stream(network.getLayers())
                .filter(layer -> layer.numParams() > 0)
                .filter(layer -> layer.getClass().getPackageName().startsWith("org.deeplearning4j."))
                .map(layer -> layer.conf().getLayer().getLayerName())
                .toList();
        assertEquals(dl4js, List.copyOf(stock.keySet()));
        assertEquals(activation == Activation.TANH ? "activation tanh" : null, stock.get("layer0"));
        // A whole dense layer, in DL4J.
        assertEquals("OutputLayer is not among Starling's layers", stock.get("layer7"));
    }

    @Test
    void aLayerWithAnotherActivationStaysStock() {
        MultiLayerNetwork network = network(CNN2DFormat.NHWC, Activation.ELU);
        try (ComputeTeam team = new ComputeTeam(1)) {
            StarlingLayers.install(network, team);
            assertEquals(
                    org.deeplearning4j.nn.layers.convolution.ConvolutionLayer.class,
                    network.getLayer(0).getClass());
            assertEquals(Convolution2D.class, network.getLayer(1).getClass());
        }
    }

    @Test
    void layersThatDeclareDifferentLayoutsAreNotJoined() {
        MultiLayerConfiguration configuration = builder()
                .list()
                .layer(new ConvolutionLayer.Builder(1, 1)
                        .nIn(6)
                        .nOut(6)
                        .dataFormat(CNN2DFormat.NHWC)
                        .activation(Activation.IDENTITY)
                        .build())
                .layer(new SubsamplingLayer.Builder(
                                SubsamplingLayer.PoolingType.MAX, new int[] {2, 2}, new int[] {2, 2})
                        .dataFormat(CNN2DFormat.NCHW)
                        .build())
                .build();
        Nd4j.getRandom().setSeed(1);
        INDArray x = Nd4j.randn(2, 6, 6, 6);
        MultiLayerNetwork ours = initialized(configuration);
        try (ComputeTeam team = new ComputeTeam(1)) {
            StarlingLayers.install(ours, team);
            assertClose(initialized(configuration).output(x), ours.output(x), "output");
        }
    }

    private static NeuralNetConfiguration.Builder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Sgd(0.1))
                .weightInit(WeightInit.XAVIER);
    }

    private static ConvolutionLayer convolution(CNN2DFormat format, int kernel) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .nOut(5)
                .dataFormat(format)
                .activation(Activation.RELU)
                .build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(4)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static MultiLayerNetwork initialized(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration.clone());
        network.init();
        return network;
    }

    private static void assertFitsAsStock(MultiLayerConfiguration configuration, INDArray x) {
        MultiLayerNetwork stock = initialized(configuration);
        MultiLayerNetwork ours = initialized(configuration);
        try (ComputeTeam team = new ComputeTeam(2)) {
            StarlingLayers.install(ours, team);
            assertClose(stock.output(x), ours.output(x), "output");
            for (int step = 0; step < 3; step++) {
                Nd4j.getRandom().setSeed(step);
                stock.fit(x, labels());
                Nd4j.getRandom().setSeed(step);
                ours.fit(x, labels());
            }
            assertClose(stock.params(), ours.params(), "parameters");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DOUBLE", "HALF", "INT", "UBYTE"})
    void imagesOfAnyDataTypeAreTaken(DataType type) {
        for (CNN2DFormat format : CNN2DFormat.values()) {
            MultiLayerConfiguration configuration = builder()
                    .list()
                    .layer(convolution(format, 3))
                    .layer(output())
                    .setInputType(InputType.convolutional(17, 19, 3, format))
                    .build();
            INDArray x = Transforms.abs(images(format)).mul(2).castTo(type);
            assertFitsAsStock(configuration, x);
        }
    }

    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void aDropoutOfWhatIsPooledIsPassedOverAsInDl4j(CNN2DFormat format) {
        MultiLayerConfiguration configuration = builder()
                .list()
                .layer(convolution(format, 3))
                .layer(new SubsamplingLayer.Builder(
                                SubsamplingLayer.PoolingType.MAX, new int[] {2, 2}, new int[] {2, 2})
                        .dataFormat(format)
                        .dropOut(0.5)
                        .build())
                .layer(output())
                .setInputType(InputType.convolutional(17, 19, 3, format))
                .build();
        assertFitsAsStock(configuration, images(format));
    }

    @Test
    void aNormalizationWhoseDenominatorMayBeZeroStaysStock() {
        MultiLayerConfiguration configuration = builder()
                .list()
                .layer(convolution(CNN2DFormat.NHWC, 3))
                .layer(new LocalResponseNormalization.Builder(0, 1, 0.75)
                        .dataFormat(CNN2DFormat.NHWC)
                        .build())
                .layer(output())
                .setInputType(InputType.convolutional(17, 19, 3, CNN2DFormat.NHWC))
                .build();
        MultiLayerNetwork network = initialized(configuration);
        try (ComputeTeam team = new ComputeTeam(1)) {
            StarlingLayers.install(network, team);
            assertEquals(
                    org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization.class,
                    network.getLayer(1).getClass());
            network.output(images(CNN2DFormat.NHWC));
        }
    }

    @Test
    void examplesThatAMaskHidesAreHiddenAsInDl4j() {
        MultiLayerConfiguration configuration = builder()
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(7)
                        .nOut(9)
                        .activation(Activation.RELU)
                        .build())
                .layer(new DenseLayer.Builder()
                        .nOut(8)
                        .activation(Activation.IDENTITY)
                        .build())
                .layer(output())
                .setInputType(InputType.feedForward(7))
                .build();
        MultiLayerNetwork stock = initialized(configuration);
        MultiLayerNetwork ours = initialized(configuration);
        INDArray x = Nd4j.randn(6, 7);
        INDArray mask = Nd4j.create(new float[] {1, 0, 1, 1, 0, 1}, new long[] {6, 1});
        try (ComputeTeam team = new ComputeTeam(2)) {
            StarlingLayers.install(ours, team);
            assertClose(stock.output(x, false, mask, null), ours.output(x, false, mask, null), "output");
            DataSet masked = new DataSet(x, labels(), mask, null);
            for (int step = 0; step < 3; step++) {
                stock.fit(masked);
                ours.fit(masked);
            }
            assertClose(stock.params(), ours.params(), "parameters");
        }
    }

    /** A frozen layer infers in training too, into an array that gradients are written to later. */
    @Test
    void aLayerAfterOneThatWasFrozenKeepsItsInput() {
        MultiLayerConfiguration configuration = builder()
                .list()
                .layer(convolution(CNN2DFormat.NHWC, 3))
                .layer(convolution(CNN2DFormat.NHWC, 3))
                .layer(convolution(CNN2DFormat.NHWC, 2))
                .layer(convolution(CNN2DFormat.NHWC, 1))
                .layer(output())
                .setInputType(InputType.convolutional(17, 19, 3, CNN2DFormat.NHWC))
                .build();
        MultiLayerNetwork stock = initialized(configuration);
        MultiLayerNetwork ours = initialized(configuration);
        try (ComputeTeam team = new ComputeTeam(2)) {
            StarlingLayers.install(ours, team);
            for (MultiLayerNetwork network : List.of(stock, ours)) {
                network.getLayers()[0] = new FrozenLayer(network.getLayer(0));
                network.setInput(images(CNN2DFormat.NHWC));
                network.setLabels(labels());
                network.computeGradientAndScore();
            }
            assertClose(stock.getFlattenedGradients(), ours.getFlattenedGradients(), "gradient");
        }
    }
}
