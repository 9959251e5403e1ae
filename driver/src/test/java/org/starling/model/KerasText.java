package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.starling.InputException;

/** Small Keras files, and what reading them says. */
final class KerasText {
    /** Ends a model in three scores. */
    static final String FLATTEN = layer("Flatten", "flatten", "");

    static final String HEAD = layer("Dense", "head", "'units':3");

    private KerasText() {}

    /** JSON with apostrophes for quotation marks. */
    static String json(String text) {
        return text.replace('\'', '"');
    }

    static String layer(String type, String name, String arguments) {
        return json("{'class_name':'%s','config':{'name':'%s'%s}}"
                .formatted(type, name, arguments.isEmpty() ? "" : "," + arguments));
    }

    /** A model over images of the given shape, such as {@code 7,7,3}. */
    static String model(String shape, String... layers) {
        return json("{'class_name':'Sequential','config':{'name':'small','layers':[")
                + layer("InputLayer", "images", "'batch_input_shape':[null," + shape + "]")
                + "," + String.join(",", layers) + "]}}";
    }

    /** The model with {@code tested} before a flatten and a dense layer. */
    static String between(String shape, String tested) {
        return model(shape, tested, FLATTEN, HEAD);
    }

    static String conv(String arguments) {
        return layer("Conv2D", "conv", arguments);
    }

    static SequentialModel parse(String json) {
        return parse(json, ModelOptions.DEFAULT);
    }

    static SequentialModel parse(String json, ModelOptions options) {
        return SequentialModel.parse(json, "small.json", options);
    }

    static List<Integer> firstOutput(String json) {
        return parse(json).layers().get(0).output();
    }

    /** Reading fails with one paragraph that names the file and holds every one of {@code parts}. */
    static void assertRefused(String json, String... parts) {
        assertRefused(json, ModelOptions.DEFAULT, parts);
    }

    static void assertRefused(String json, ModelOptions options, String... parts) {
        String message =
                assertThrows(InputException.class, () -> parse(json, options)).getMessage();
        assertTrue(message.startsWith("small.json: "), message);
        assertTrue(!message.contains("\n"), message);
        for (String part : parts) {
            assertTrue(message.contains(part), "\"" + part + "\" is not in: " + message);
        }
    }
}
