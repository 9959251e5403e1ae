package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.starling.model.KerasText.assertRefused;
import static org.starling.model.KerasText.between;
import static org.starling.model.KerasText.conv;
import static org.starling.model.KerasText.firstOutput;
import static org.starling.model.KerasText.parse;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The arguments of Conv2D, legal and illegal. {@link OracleTest} holds the values that legal ones lead to. */
class Conv2DTest {
    private static final String PLAIN = "'filters':2,'kernel_size':[3,3]";
    private static final ModelOptions FLOOR = new ModelOptions(DataFormat.CHANNELS_LAST, ConvolutionRemainder.FLOOR);

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "2.5", "'2'", "[2]", "true", "3000000000"})
    void filtersMustBeAPositiveInteger(String filters) {
        assertRefused(
                between("7,7,3", conv("'filters':%s,'kernel_size':3".formatted(filters))),
                "layer \"conv\" (Conv2D)",
                "filters is " + filters.replace('\'', '"'),
                "positive integer");
    }

    @Test
    void filtersMustBeGiven() {
        assertRefused(between("7,7,3", conv("'kernel_size':3")), "filters is missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"3|5,5,2", "[3,3]|5,5,2", "[2,5]|6,3,2", "7|1,1,2", "1|7,7,2"})
    void kernelSizeIsAnIntegerOrAPairOfHeightAndWidth(String size, String output) {
        String model = between("7,7,3", conv("'filters':2,'kernel_size':" + size));
        assertEquals(output.replace(",", ", "), inner(firstOutput(model)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "[3]", "[3,3,3]", "[3,0]", "'3'", "[3,2.5]", "null"})
    void otherKernelSizesAreRefused(String size) {
        assertRefused(
                between("7,7,3", conv("'filters':2,'kernel_size':" + size)),
                "kernel_size is",
                "a positive integer or a pair of them (height, width)");
    }

    @Test
    void kernelLargerThanTheInputIsRefused() {
        assertRefused(
                between("5,7,3", conv("'filters':2,'kernel_size':[6,3]")),
                "window covers 6 cells of height, but the input has only 5 (5x7x3)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"1|5,5,2", "2|3,3,2", "[2,1]|3,5,2", "4|2,2,2"})
    void outputSizeIsInputMinusKernelByStridePlusOne(String strides, String output) {
        String model = between("7,7,3", conv(PLAIN + ",'strides':" + strides));
        assertEquals(output.replace(",", ", "), inner(firstOutput(model)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "[1]", "[2,-1]", "1.5"})
    void otherStridesAreRefused(String strides) {
        assertRefused(between("7,7,3", conv(PLAIN + ",'strides':" + strides)), "strides is " + strides);
    }

    @Test
    void aSizeThatIsNotWholeShowsTheArithmeticTheNearestSizesAndTheSwitch() {
        assertRefused(
                between("7,7,3", conv(PLAIN + ",'strides':3")),
                "(N - F) / stride + 1 = (7 - 3) / 3 + 1 = 2.33",
                "height",
                "are 6 and 9",
                "model.convolutionRemainder=floor");
        assertRefused(between("6,7,3", conv(PLAIN + ",'strides':3")), "width");
    }

    @Test
    void stridesAndDilationExcludeEachOther() {
        assertRefused(
                between("9,9,3", conv(PLAIN + ",'strides':[1,2],'dilation_rate':[2,1]")),
                "strides (1, 2) and dilation_rate (2, 1)");
        assertRefused(between("9,9,3", conv(PLAIN + ",'strides':2,'dilation_rate':2")), "cannot both differ from 1");
    }

    @Test
    void withFloorTheRemainderIsLeftOut() {
        SequentialModel model = parse(between("7,7,3", conv(PLAIN + ",'strides':3")), FLOOR);
        assertEquals(List.of(2, 2, 2), model.layers().get(0).output());
    }

    @ParameterizedTest
    @CsvSource({"2,8", "3,7", "5,5", "9,1"})
    void dilationSpreadsTheKernel(int filter, int size) {
        String model = between("9,9,3", conv("'filters':2,'kernel_size':%d,'dilation_rate':1".formatted(filter)));
        assertEquals(List.of(size, size, 2), firstOutput(model));
        // d (F - 1) + 1
        String dilated = between("17,17,3", conv("'filters':2,'kernel_size':%d,'dilation_rate':2".formatted(filter)));
        int reach = 2 * (filter - 1) + 1;
        assertEquals(List.of(17 - reach + 1, 17 - reach + 1, 2), firstOutput(dilated));
    }

    @ParameterizedTest
    @ValueSource(strings = {"valid", "Valid", "VALID", "same", "Same", "SAME"})
    void paddingIsReadInAnyCase(String padding) {
        int size = padding.equalsIgnoreCase("same") ? 7 : 5;
        String model = between("7,7,3", conv(PLAIN + ",'padding':'%s'".formatted(padding)));
        assertEquals(List.of(size, size, 2), firstOutput(model));
    }

    @ParameterizedTest
    @ValueSource(strings = {"causal", "full", ""})
    void otherPaddingsAreRefused(String padding) {
        assertRefused(
                between("7,7,3", conv(PLAIN + ",'padding':'%s'".formatted(padding))),
                "padding is \"" + padding + "\"",
                "\"valid\" or \"same\"");
    }

    @ParameterizedTest
    @CsvSource({"3,1", "5,1", "7,1", "3,2", "3,4"})
    void sameKeepsTheSizeAtStrideOneAndRoundsUpAtOthers(int filter, int stride) {
        String model = between(
                "7,6,3", conv("'filters':2,'kernel_size':%d,'strides':%d,'padding':'same'".formatted(filter, stride)));
        assertEquals(List.of((int) Math.ceil(7.0 / stride), (int) Math.ceil(6.0 / stride), 2), firstOutput(model));
    }

    @Test
    void dataFormatDefaultsToChannelsLastAndCanBeSetOnce() {
        assertEquals(List.of(5, 6, 2), firstOutput(between("7,8,3", conv(PLAIN))));
        SequentialModel first = parse(
                between("3,7,8", conv(PLAIN)), new ModelOptions(DataFormat.CHANNELS_FIRST, ConvolutionRemainder.ERROR));
        assertEquals(List.of(2, 5, 6), first.layers().get(0).output());
        assertEquals(new ImageShape(7, 8, 3, DataFormat.CHANNELS_FIRST), first.input());
    }

    @Test
    void theFilesDataFormatGoesBeforeTheDefault() {
        SequentialModel model = parse(between("3,7,8", conv(PLAIN + ",'data_format':'channels_first'")));
        assertEquals(List.of(2, 5, 6), model.layers().get(0).output());
    }

    @Test
    void anotherDataFormatIsRefused() {
        assertRefused(
                between("7,7,3", conv(PLAIN + ",'data_format':'NHWC'")), "\"channels_last\" or \"channels_first\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",'activation':null", ",'activation':'linear'"})
    void noActivationMeansLinear(String activation) {
        SequentialModel model = parse(between("7,7,3", conv(PLAIN + activation)));
        INDArray values = OracleModel.network(model)
                .feedForwardToLayer(0, OracleModel.input(model), false)
                .get(1);
        assertEquals(true, values.minNumber().doubleValue() < 0, "a linear layer has negative values");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'gelu'", "'Relu'", "'hard_sigmoid'", "{'class_name':'function','config':'mine'}"})
    void otherActivationsAreRefusedWithTheListOfThoseSupported(String activation) {
        assertRefused(
                between("7,7,3", conv(PLAIN + ",'activation':" + activation)),
                "activation " + activation.replace('\'', '"') + " is not supported",
                "linear, relu, relu6, elu");
    }

    @Test
    void biasIsThereUnlessUseBiasIsFalse() {
        assertEquals(
                3 * 3 * 3 * 2 + 2,
                parse(between("7,7,3", conv(PLAIN))).layers().get(0).parameters());
        assertEquals(
                3 * 3 * 3 * 2,
                parse(between("7,7,3", conv(PLAIN + ",'use_bias':false")))
                        .layers()
                        .get(0)
                        .parameters());
        assertRefused(between("7,7,3", conv(PLAIN + ",'use_bias':1")), "use_bias is 1", "true or false");
    }

    @Test
    void kernelIsShownAsHeightWidthInOut() {
        LayerSummary summary = parse(between("7,7,3", conv("'filters':2,'kernel_size':[5,4]")))
                .layers()
                .get(0);
        assertEquals(List.of(5, 4, 3, 2), summary.kernel());
        assertEquals(5 * 4 * 3 * 2 + 2, summary.parameters());
        assertEquals(3 * 4 * 2 * (5 * 4 * 3), summary.multiplyAdds());
    }

    @Test
    void regularizersReachTheirArraysAndNotDl4j() {
        SequentialModel model = parse(between(
                "7,7,3",
                conv(PLAIN
                        + ",'kernel_regularizer':{'class_name':'L2','config':{'l2':0.25}},'bias_regularizer':'l1'")));
        ParameterTensor bias = model.parameters().get(0);
        ParameterTensor kernel = model.parameters().get(1);
        assertArrayEquals(new double[] {0, 0.25}, new double[] {kernel.l1(), kernel.l2()});
        assertArrayEquals(new double[] {0.01, 0}, new double[] {bias.l1(), bias.l2()});
        var layer = (org.deeplearning4j.nn.conf.layers.ConvolutionLayer)
                model.toDl4j(1).getConf(0).getLayer();
        assertEquals(List.of(), layer.getRegularization());
        assertEquals(List.of(), layer.getRegularizationBias());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'kernel_regularizer':{'class_name':'OrthogonalRegularizer','config':{}}",
                "'kernel_regularizer':{'class_name':'L2','config':{'l2':-1}}",
                "'kernel_initializer':'my_normal'",
                "'bias_initializer':'orthogonal'",
                "'kernel_initializer':'identity'",
                "'kernel_initializer':{'class_name':'VarianceScaling','config':{'scale':0}}",
                "'kernel_initializer':{'class_name':'VarianceScaling','config':{'mode':'fan'}}",
                "'kernel_initializer':{'class_name':'VarianceScaling','config':{'distribution':'cauchy'}}",
                "'kernel_initializer':{'class_name':'RandomNormal','config':{'stddev':-1}}",
                "'kernel_initializer':{'class_name':'RandomUniform','config':{'minval':1,'maxval':0}}",
                "'kernel_initializer':{'class_name':'Constant','config':{'value':[1,2]}}",
                "'activity_regularizer':{'class_name':'L2','config':{'l2':1}}",
                "'kernel_constraint':{'class_name':'MaxNorm','config':{}}",
                "'groups':3",
                "'trainable':false",
                "'dtype':'float16'",
                "'dtype':{'class_name':'DTypePolicy','config':{'name':'mixed_float16'}}",
                "'colour':'red'"
            })
    void whatIsNotSupportedIsRefusedByName(String argument) {
        String key = argument.substring(1, argument.indexOf('\'', 1));
        assertRefused(between("7,7,3", conv(PLAIN + "," + argument)), "layer \"conv\" (Conv2D)", key);
    }

    @Test
    void anUnknownArgumentIsAnsweredWithTheKnownOnes() {
        assertRefused(
                between("7,7,3", conv(PLAIN + ",'colour':'red'")),
                "argument colour is not supported",
                "data_format, dilation_rate, dtype, filters");
    }

    private static String inner(List<Integer> shape) {
        return shape.toString().replaceAll("[\\[\\]]", "");
    }
}
