package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.starling.model.KerasText.FLATTEN;
import static org.starling.model.KerasText.HEAD;
import static org.starling.model.KerasText.assertRefused;
import static org.starling.model.KerasText.between;
import static org.starling.model.KerasText.firstOutput;
import static org.starling.model.KerasText.layer;
import static org.starling.model.KerasText.model;
import static org.starling.model.KerasText.parse;

import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Arguments of every layer but Conv2D, legal and illegal. {@link OracleTest} holds the values that legal ones lead to. */
class LayersTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|3, 3, 1",
                "'pool_size':3|2, 2, 1",
                "'pool_size':[2,3],'strides':[1,2]|6, 3, 1",
                "'pool_size':3,'strides':2|3, 3, 1",
                "'pool_size':3,'strides':3,'padding':'same'|3, 3, 1",
                "'pool_size':7|1, 1, 1"
            })
    void poolingFloorsUnderValidAndRoundsUpUnderSame(String arguments, String output) {
        for (String type : List.of("MaxPooling2D", "AveragePooling2D")) {
            String json = between("7,7,1", layer(type, "pool", arguments.equals("''") ? "" : arguments));
            assertEquals("[" + output + "]", firstOutput(json).toString());
        }
    }

    @Test
    void aPoolingWindowLargerThanTheInputIsRefusedUnderValidOnly() {
        assertRefused(
                between("7,5,1", layer("MaxPooling2D", "pool", "'pool_size':[2,6]")),
                "layer \"pool\" (MaxPooling2D)",
                "window covers 6 cells of width, but the input has only 5");
        assertEquals(
                List.of(1, 1, 1),
                firstOutput(between("7,5,1", layer("MaxPooling2D", "pool", "'pool_size':9,'padding':'same'"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"2|7, 7, 1", "[1,2]|5, 7, 1", "[[0,1],[2,3]]|4, 8, 1", "0|3, 3, 1", "null|5, 5, 1"})
    void zeroPaddingIsANumberAPairOrPairs(String padding, String output) {
        String json = between("3,3,1", layer("ZeroPadding2D", "pad", "'padding':" + padding));
        assertEquals("[" + output + "]", firstOutput(json).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "[1,2,3]", "[[1,2],[3]]", "[[1,2],3.5]", "'same'", "[[1,2],[3,[4]]]"})
    void otherZeroPaddingsAreRefused(String padding) {
        assertRefused(
                between("3,3,1", layer("ZeroPadding2D", "pad", "'padding':" + padding)),
                "padding is " + padding.replace('\'', '"'),
                "pair of pairs ((top, bottom), (left, right))");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-2", "1.5", "null"})
    void denseNeedsAPositiveNumberOfUnits(String units) {
        assertRefused(model("2,2,1", FLATTEN, layer("Dense", "d", "'units':" + units)), "units is");
    }

    @Test
    void denseNeedsAVector() {
        assertRefused(model("2,2,1", HEAD), "its input has shape 2x2x1", "Put a Flatten");
    }

    @Test
    void layersOfMapsAreRefusedBehindFlatten() {
        assertRefused(
                model("2,2,1", FLATTEN, layer("MaxPooling2D", "pool", ""), HEAD),
                "it needs height and width, but its input is a vector of 4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'rate':1.0", "'rate':-0.1", "'rate':'half'", "'noise_shape':[1]", "'x':1"})
    void dropoutNeedsARateBelowOne(String arguments) {
        assertRefused(model("2,2,1", FLATTEN, layer("Dropout", "drop", arguments), HEAD), "layer \"drop\" (Dropout)");
    }

    @Test
    void dropoutZeroesItsRateAndScalesTheRestInTrainingOnly() {
        String json = model("40,50,3", layer("Dropout", "drop", "'rate':0.3,'seed':7"), FLATTEN, HEAD);
        MultiLayerNetwork network = new MultiLayerNetwork(parse(json).toDl4j(1));
        network.init();
        INDArray ones = Nd4j.ones(1, 40, 50, 3);
        INDArray training = network.feedForwardToLayer(0, ones.dup(), true).get(1);
        INDArray inference = network.feedForwardToLayer(0, ones.dup(), false).get(1);
        double zeros = training.eq(0).castTo(ones.dataType()).meanNumber().doubleValue();
        // Four standard deviations of a mean over 6,000.
        assertEquals(0.3, zeros, 4 * Math.sqrt(0.3 * 0.7 / 6000));
        assertEquals(1 / 0.7, training.maxNumber().doubleValue(), 1e-6);
        assertEquals(ones, inference);
    }

    @Test
    void dropoutAsFirstLayerTrainsAndAnswers() {
        SequentialModel model = parse(model("4,4,1", layer("Dropout", "drop", "'rate':0.5"), FLATTEN, HEAD));
        MultiLayerNetwork network = OracleModel.network(model);
        network.setInput(OracleModel.input(model));
        network.setLabels(OracleModel.labels(model));
        network.computeGradientAndScore();
        assertEquals(
                1,
                network.output(OracleModel.input(model)).getRow(0).sumNumber().doubleValue(),
                1e-6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'max_value':4.0",
                "'max_value':6.0,'negative_slope':0.1",
                "'threshold':0.5",
                "'negative_slope':-1"
            })
    void otherReluArgumentsAreRefused(String arguments) {
        assertRefused(between("2,2,1", layer("ReLU", "relu", arguments)), "layer \"relu\" (ReLU)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'axis':1",
                "'axis':[2]",
                "'axis':[1,2]",
                "'scale':false",
                "'center':false",
                "'epsilon':0",
                "'momentum':1.5",
                "'renorm':true",
                "'synchronized':true",
                "'beta_constraint':{}",
                "'virtual_batch_size':4"
            })
    void otherBatchNormalizationsAreRefused(String arguments) {
        String key = arguments.substring(1, arguments.indexOf('\'', 1));
        assertRefused(
                between("2,2,1", layer("BatchNormalization", "bn", arguments)),
                "layer \"bn\" (BatchNormalization)",
                key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'axis':-1", "'axis':3", "'axis':[3]", "'synchronized':false,'renorm':false"})
    void batchNormalizationIsAlongTheChannels(String arguments) {
        SequentialModel model = parse(between("2,2,3", layer("BatchNormalization", "bn", arguments)));
        assertEquals(12, model.layers().get(0).parameters());
    }

    /** The defaults are those of Keras's documentation; DL4J's are 0.9, 1e-5 and the logarithm of the deviation. */
    @Test
    void batchNormalizationHasKerasDefaults() {
        var layer = (org.deeplearning4j.nn.conf.layers.BatchNormalization)
                parse(between("2,2,3", layer("BatchNormalization", "bn", "")))
                        .toDl4j(1)
                        .getConf(0)
                        .getLayer();
        assertEquals(0.99, layer.getDecay());
        assertEquals(1e-3, layer.getEps());
        assertEquals(false, layer.isUseLogStd());
    }

    @Test
    void batchNormalizationBehindDenseIsAlongTheVector() {
        SequentialModel model = parse(model("2,2,1", FLATTEN, layer("BatchNormalization", "bn", "'axis':-1"), HEAD));
        assertEquals(16, model.layers().get(1).parameters());
        OracleModel.network(model).output(OracleModel.input(model));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'n':4", "'n':0", "'n':2.5", "'k':0", "'alpha':-1", "'beta':-1", "'depth_radius':2"})
    void otherResponseNormalizationsAreRefused(String arguments) {
        assertRefused(
                between("2,2,1", layer("Starling>LocalResponseNormalization", "norm", arguments)),
                "layer \"norm\" (LocalResponseNormalization)");
    }

    @Test
    void responseNormalizationHasThePapersConstants() {
        var layer = (org.deeplearning4j.nn.conf.layers.LocalResponseNormalization)
                parse(between("2,2,3", layer("Starling>LocalResponseNormalization", "norm", "")))
                        .toDl4j(1)
                        .getConf(0)
                        .getLayer();
        assertEquals(
                List.of(2.0, 5.0, 1e-4, 0.75), List.of(layer.getK(), layer.getN(), layer.getAlpha(), layer.getBeta()));
    }

    @Test
    void aModelOfTwoDataFormatsIsRefusedByName() {
        String first = layer("Conv2D", "conv", "'filters':2,'kernel_size':1,'data_format':'channels_first'");
        String second = layer("MaxPooling2D", "pool", "'data_format':'channels_last'");
        String silent = layer("MaxPooling2D", "pool", "");
        assertRefused(model("3,6,6", first, second, FLATTEN, HEAD), "\"pool\"", "channels_last", "channels_first");
        assertRefused(model("3,6,6", first, silent, FLATTEN, HEAD), "\"pool\"", "model.dataFormat");
        assertRefused(
                model("6,6,3", second, layer("Flatten", "flat", "'data_format':'channels_first'"), HEAD), "\"flat\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'class_name':'ZeroPadding2D','config':{'name':'big','padding':2000000000}}",
                "{'class_name':'ZeroPadding2D','config':{'name':'big','padding':60000}}",
                "{'class_name':'Conv2D','config':{'name':'big','filters':2000000000,'kernel_size':1}}",
                "{'class_name':'Conv2D','config':{'name':'big','filters':1,'kernel_size':70000,'dilation_rate':70000}}"
            })
    void aLayerTooLargeForAnArrayIsRefused(String tested) {
        assertRefused(
                between("9,9,3", KerasText.json(tested)), "\"big\"", "too large: an array may hold 2,147,483,647");
    }

    @Test
    void aModelTooLargeForAVectorIsRefused() {
        assertRefused(
                model("200,200,3", FLATTEN, layer("Dense", "d", "'units':20000"), HEAD),
                "2,400,080,003 parameters",
                "at most 2,147,483,647");
    }

    @Test
    void softmaxMayStandOnlyAtTheEnd() {
        assertRefused(
                model("2,2,1", FLATTEN, layer("Dense", "d", "'units':3,'activation':'softmax'"), HEAD),
                "layer \"d\" (Dense) has activation softmax");
        assertRefused(model("2,2,1", FLATTEN, layer("Softmax", "s", ""), HEAD), "\"s\"");
        assertRefused(
                model("2,2,1", layer("Softmax", "s", ""), FLATTEN, HEAD), "softmax is supported over the classes");
        assertRefused(model("2,2,1", FLATTEN, HEAD, layer("Softmax", "s", "'axis':0")), "\"s\"");
    }

    @Test
    void aModelMustEndInScoresOrSoftmax() {
        assertRefused(
                model("2,2,1", FLATTEN, layer("Dense", "d", "'units':3,'activation':'sigmoid'")),
                "has activation sigmoid",
                "logits");
        assertRefused(model("2,2,1", FLATTEN, layer("Dense", "d", "'units':1")), "at least two classes");
        assertRefused(
                model("2,2,1", layer("ZeroPadding2D", "pad", "")),
                "layer \"pad\" (ZeroPadding2D)",
                "one score a class");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Flatten", "GlobalAveragePooling2D"})
    void scoresMayComeWithoutADenseLayer(String type) {
        String conv = layer("Conv2D", "conv", "'filters':3,'kernel_size':[4,5]");
        SequentialModel model = parse(model("4,5,3", conv, layer(type, "scores", "")));
        MultiLayerNetwork network = OracleModel.network(model);
        INDArray scores = network.feedForwardToLayer(0, OracleModel.input(model), false)
                .get(1)
                .reshape(2, 3);
        assertEquals(Transforms.softmax(scores, true), network.output(OracleModel.input(model)));
        assertEquals(3, model.classes());
    }

    @Test
    void bodyEndsInScoresAndALossLayerInAllThreeForms() {
        String[] ends = {
            model("2,2,1", FLATTEN, HEAD),
            model("2,2,1", FLATTEN, layer("Dense", "head", "'units':3,'activation':'softmax'")),
            model("2,2,1", FLATTEN, HEAD, layer("Softmax", "softmax", "'axis':-1"))
        };
        INDArray scores = null;
        for (String json : ends) {
            SequentialModel model = parse(json);
            MultiLayerNetwork network = OracleModel.network(model);
            assertEquals(2, network.getnLayers(), json);
            assertTrue(
                    network.getLayer(1).conf().getLayer() instanceof org.deeplearning4j.nn.conf.layers.LossLayer, json);
            INDArray own = network.feedForwardToLayer(0, OracleModel.input(model), false)
                    .get(1);
            assertEquals(scores == null ? own : scores, own);
            scores = own;
        }
    }
}
