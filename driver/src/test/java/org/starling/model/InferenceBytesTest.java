package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InferenceBytesTest {
    private static final String CONVOLUTION =
            "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"first\", \"batch_input_shape\": [null, %s], \"filters\": 4, \"kernel_size\": [3, 3], \"activation\": \"%s\", \"data_format\": \"%s\"}},";

    private static long bytes(String firstLayer, String dataFormat) {
        String json =
                """
                {"class_name": "Sequential", "config": {"name": "small", "layers": [
                  %s
                  {"class_name": "Flatten", "config": {"name": "flat", "data_format": "%s"}},
                  {"class_name": "Dense", "config": {"name": "scores", "units": 2, "activation": "softmax"}}]}}
                """
                        .formatted(firstLayer, dataFormat);
        return SequentialModel.parse(json, "test", ModelOptions.DEFAULT).inferenceBytes(10);
    }

    /** Pictures of 48 values. The convolution gives out 16, which are flattened to 16. */
    @ParameterizedTest
    @CsvSource({
        "'4, 4, 3', channels_last, relu, 80",
        "'4, 4, 3', channels_last, linear, 80",
        "'4, 4, 3', channels_last, tanh, 160",
        "'3, 4, 4', channels_first, relu, 160"
    })
    void picturesAreThereTwiceWhereTheFirstLayerDoesNotReadThemInPlace(
            String shape, String dataFormat, String activation, long values) {
        assertEquals(
                10 * Float.BYTES * values, bytes(CONVOLUTION.formatted(shape, activation, dataFormat), dataFormat));
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"class_name\": \"Dropout\", \"config\": {\"name\": \"first\", \"batch_input_shape\": [null, 4, 4, 3], \"rate\": 0.5}},', 192",
        // 6 x 6 x 3 values behind it.
        "'{\"class_name\": \"ZeroPadding2D\", \"config\": {\"name\": \"first\", \"batch_input_shape\": [null, 4, 4, 3], \"padding\": 1}},', 312",
        // 2 x 2 x 3.
        "'{\"class_name\": \"MaxPooling2D\", \"config\": {\"name\": \"first\", \"batch_input_shape\": [null, 4, 4, 3]}},', 72"
    })
    void ofOtherFirstLayersOnlyPoolingReadsThemInPlace(String layer, long values) {
        assertEquals(10 * Float.BYTES * values, bytes(layer, "channels_last"));
    }
}
