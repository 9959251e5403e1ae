package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.starling.model.KerasText.FLATTEN;
import static org.starling.model.KerasText.HEAD;
import static org.starling.model.KerasText.assertRefused;
import static org.starling.model.KerasText.layer;
import static org.starling.model.KerasText.model;
import static org.starling.model.KerasText.parse;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Initial values: the distributions of tf.keras, as functions of seed and place. */
class InitializerTest {
    /** Deviation of a standard normal distribution that is cut at two. */
    private static final double TRUNCATED = 0.87962566103423978;

    static Stream<JsonNode> moments() {
        return StreamSupport.stream(OracleModel.tree("initializers.json").spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("moments")
    void distributionsAreKeras(JsonNode expected) {
        float[] values = kernel(expected.get("shape"), expected.get("keras").toString());
        double deviation = expected.get("deviation").doubleValue();
        double reach = expected.get("max").doubleValue() - expected.get("min").doubleValue();
        // TensorFlow.js does not correct scaled normal distributions for their truncation; Keras's documentation does.
        boolean corrected = expected.get("keras").asText().matches("(glorot|he|lecun)_normal");
        double correction = corrected ? 1 / TRUNCATED : 1;
        DoubleSummaryStatistics actual = statistics(values);
        double error = 6 * deviation / Math.sqrt(values.length);
        assertEquals(expected.get("mean").doubleValue(), actual.getAverage(), error + 1e-7, "mean");
        assertEquals(deviation * correction, deviation(values), 0.03 * deviation + 1e-7, "deviation");
        boolean unbounded = expected.toString().contains("RandomNormal");
        double slack = (unbounded ? 0.3 : 0.01) * reach + 1e-7;
        double middle = expected.get("mean").doubleValue();
        assertEquals(
                middle + correction * (expected.get("max").doubleValue() - middle), actual.getMax(), slack, "largest");
        assertEquals(
                middle + correction * (expected.get("min").doubleValue() - middle), actual.getMin(), slack, "smallest");
    }

    /** scale / fan is the variance, and truncation at two deviations is corrected for: Keras's documentation. */
    @ParameterizedTest
    @CsvSource({"truncated_normal", "untruncated_normal", "normal", "uniform"})
    void varianceScalingHasTheVarianceItSays(String distribution) {
        float[] values = kernel(
                OracleModel.tree("initializers.json").get(0).get("shape"),
                "{'class_name':'VarianceScaling','config':{'scale':3,'mode':'fan_in','distribution':'%s'}}"
                        .formatted(distribution));
        double deviation = Math.sqrt(3 / (3.0 * 3 * 16));
        assertEquals(deviation, deviation(values), 0.03 * deviation);
        double largest = statistics(values).getMax();
        double limit =
                switch (distribution) {
                    case "uniform" -> Math.sqrt(3) * deviation;
                    case "untruncated_normal" -> 6 * deviation;
                    default -> 2 * deviation / TRUNCATED;
                };
        assertTrue(largest <= limit * (1 + 1e-6), largest + " above " + limit);
        assertTrue(largest > (distribution.equals("untruncated_normal") ? 2.5 * deviation : 0.98 * limit));
    }

    @Test
    void defaultsAreGlorotUniformAndZeros() {
        float[] values = all(parse(model("10,10,3", FLATTEN, layer("Dense", "d", "'units':200"), HEAD)), 1);
        double limit = Math.sqrt(6.0 / (300 + 200));
        DoubleSummaryStatistics kernel = statistics(Arrays.copyOf(values, 300 * 200));
        assertEquals(limit, kernel.getMax(), 0.01 * limit);
        assertEquals(-limit, kernel.getMin(), 0.01 * limit);
        float[] bias = Arrays.copyOfRange(values, 300 * 200, 300 * 200 + 200);
        assertArrayEquals(new float[200], bias);
    }

    /** DL4J would divide a convolution's fan_out by its strides; Keras does not. */
    @Test
    void stridesDoNotChangeAConvolutionsFans() {
        String conv = "'filters':64,'kernel_size':3,'kernel_initializer':'glorot_uniform','strides':";
        float[] one = all(parse(model("9,9,3", layer("Conv2D", "c", conv + "1"), FLATTEN, HEAD)), 1);
        float[] two = all(parse(model("9,9,3", layer("Conv2D", "c", conv + "2"), FLATTEN, HEAD)), 1);
        int length = 64 + 9 * 3 * 64;
        assertArrayEquals(Arrays.copyOf(one, length), Arrays.copyOf(two, length));
    }

    @Test
    void everyPartIsTheSameAsInTheWhole() {
        SequentialModel model = parse(model(
                "9,9,3",
                layer("Conv2D", "c", "'filters':8,'kernel_size':3,'kernel_initializer':'he_normal'"),
                layer("BatchNormalization", "n", ""),
                FLATTEN,
                layer("Dense", "d", "'units':16,'kernel_initializer':'orthogonal','bias_initializer':'random_normal'"),
                HEAD));
        float[] whole = all(model, 5);
        for (int length : new int[] {1, 7, 100, 1000}) {
            for (int offset = 0; offset + length <= whole.length; offset += length * 3 + 11) {
                float[] part = new float[length];
                model.initialize(5, offset, part);
                assertArrayEquals(Arrays.copyOfRange(whole, offset, offset + length), part, "offset " + offset);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> model.initialize(5, whole.length, new float[1]));
    }

    @Test
    void seedsAndPlacesDiffer() {
        SequentialModel model = parse(model("9,9,3", FLATTEN, layer("Dense", "d", "'units':10"), HEAD));
        float[] one = all(model, 1);
        float[] two = all(model, 2);
        assertArrayEquals(one, all(model, 1));
        int same = 0;
        for (int i = 0; i < 2430; i++) {
            same += one[i] == two[i] ? 1 : 0;
        }
        assertTrue(same < 10, same + " values of two seeds are alike");
        assertTrue(Arrays.equals(one, 0, 100, one, 100, 200) == false);
        // Neighbours are not correlated: four standard deviations of a correlation over 2,430 values.
        double sum = 0;
        for (int i = 1; i < 2430; i++) {
            sum += one[i] * (double) one[i - 1];
        }
        double variance = Math.pow(deviation(Arrays.copyOf(one, 2430)), 2);
        assertTrue(Math.abs(sum / 2430 / variance) < 4 / Math.sqrt(2430));
    }

    @ParameterizedTest
    @CsvSource({"20,30", "30,20", "25,25"})
    void orthogonalHasOrthonormalRowsOrColumnsOfKerasMatrix(int in, int out) {
        SequentialModel model = parse(model(
                "1," + in + ",1",
                FLATTEN,
                layer(
                        "Dense",
                        "d",
                        "'units':%d,'kernel_initializer':{'class_name':'Orthogonal','config':{'gain':2}}"
                                .formatted(out)),
                HEAD));
        assertOrthogonal(matrix(model, 0, in, out), 4);
    }

    @Test
    void orthogonalConvolutionIsAMatrixOfPatchesByFilters() {
        SequentialModel model = parse(model(
                "5,5,3",
                layer("Conv2D", "c", "'filters':6,'kernel_size':2,'use_bias':false,'kernel_initializer':'orthogonal'"),
                FLATTEN,
                HEAD));
        assertOrthogonal(matrix(model, 0, 12, 6), 1);
    }

    @Test
    void orthogonalIsLimitedInSize() {
        assertRefused(
                model("64,64,1", FLATTEN, layer("Dense", "d", "'units':512,'kernel_initializer':'orthogonal'"), HEAD),
                "1,048,576 elements",
                "he_normal");
    }

    @Test
    void identityIsADiagonalOfKerasMatrix() {
        SequentialModel model = parse(model(
                "1,4,1",
                FLATTEN,
                layer("Dense", "d", "'units':6,'kernel_initializer':{'class_name':'Identity','config':{'gain':3}}"),
                HEAD));
        double[][] matrix = matrix(model, 0, 4, 6);
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 6; j++) {
                assertEquals(i == j ? 3 : 0, matrix[i][j]);
            }
        }
    }

    /** Wichura's own check values (AS 241) and the tables' quantiles. */
    @ParameterizedTest
    @CsvSource({
        "0.25, -0.6744897501960817",
        "0.001, -3.090232306167814",
        "1e-20, -9.262340089798408",
        "0.5, 0",
        "0.975, 1.959963984540054",
        "0.022750131948179207, -2"
    })
    void normalQuantilesAreExact(double probability, double expected) {
        assertEquals(expected, PositionedRandom.normalQuantile(probability), 1e-14 * Math.max(1, Math.abs(expected)));
    }

    private static float[] all(SequentialModel model, long seed) {
        float[] values = new float[(int) model.parameterCount()];
        model.initialize(seed, 0, values);
        return values;
    }

    /** Values of a kernel of Keras's shape. */
    private static float[] kernel(JsonNode shape, String initializer) {
        String json = shape.size() == 2
                ? model(
                        "1," + shape.get(0) + ",1",
                        FLATTEN,
                        layer("Dense", "d", "'units':%s,'kernel_initializer':%s".formatted(shape.get(1), initializer)),
                        HEAD)
                : model(
                        "5,5,1",
                        layer("Conv2D", "first", "'filters':%s,'kernel_size':1".formatted(shape.get(2))),
                        layer(
                                "Conv2D",
                                "d",
                                "'filters':%s,'kernel_size':[%s,%s],'kernel_initializer':%s"
                                        .formatted(shape.get(3), shape.get(0), shape.get(1), initializer)),
                        FLATTEN,
                        HEAD);
        SequentialModel model = parse(json);
        ParameterTensor kernel = model.parameters().stream()
                .filter(tensor -> tensor.fullName().equals("d/kernel"))
                .findFirst()
                .orElseThrow();
        float[] values = new float[(int) kernel.length()];
        model.initialize(3, kernel.offset(), values);
        return values;
    }

    private static double[][] matrix(SequentialModel model, int tensor, int rows, int columns) {
        ParameterTensor kernel = model.parameters().get(tensor);
        float[] values = all(model, 1);
        double[][] matrix = new double[rows][columns];
        for (int k = 0; k < rows * columns; k++) {
            matrix[k / columns][k % columns] =
                    values[(int) (kernel.offset() + model.layout(kernel).position(k))];
        }
        return matrix;
    }

    private static void assertOrthogonal(double[][] matrix, double squaredNorm) {
        int rows = matrix.length;
        int columns = matrix[0].length;
        boolean byRows = rows <= columns;
        for (int a = 0; a < Math.min(rows, columns); a++) {
            for (int b = 0; b < Math.min(rows, columns); b++) {
                double product = 0;
                for (int k = 0; k < Math.max(rows, columns); k++) {
                    product += byRows ? matrix[a][k] * matrix[b][k] : matrix[k][a] * matrix[k][b];
                }
                assertEquals(a == b ? squaredNorm : 0, product, 1e-5);
            }
        }
    }

    private static DoubleSummaryStatistics statistics(float[] values) {
        DoubleSummaryStatistics statistics = new DoubleSummaryStatistics();
        for (float value : values) {
            statistics.accept(value);
        }
        return statistics;
    }

    private static double deviation(float[] values) {
        double mean = statistics(values).getAverage();
        double sum = 0;
        for (float value : values) {
            sum += (value - mean) * (value - mean);
        }
        return Math.sqrt(sum / values.length);
    }
}
