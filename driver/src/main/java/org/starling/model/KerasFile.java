package org.starling.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.starling.BoundedJson;
import org.starling.InputException;
import org.starling.PrintableText;

/**
 * The text of {@code model.to_json()}, opened up: the model's name, its input shape and its layers, in Keras 2's form
 * ({@code class_name} and {@code config} of each layer, {@code batch_input_shape}) or Keras 3's ({@code module},
 * {@code registered_name}, {@code batch_shape}, {@code build_input_shape}).
 *
 * @param name of the model
 * @param inputShape of one image, in the file's order, three numbers
 * @param layers without the InputLayer
 */
record KerasFile(String name, List<Integer> inputShape, List<LayerArguments> layers) {
    private static final ObjectMapper JSON = BoundedJson.mapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    /** Prefix of {@code registered_name} of the one layer that Keras itself does not have. */
    private static final String REGISTERED = "Starling>";

    private static final int LONGEST_NAME = 255;

    private static final int SHOWN_OF_NAME = 40;

    static KerasFile parse(String text, String source) {
        JsonNode root = tree(text, source);
        String kind = root.path("class_name").asText("");
        if (!kind.equals("Sequential")) {
            throw new InputException(
                    "%s: %s Expected the text of model.to_json() of a Keras Sequential model, {\"class_name\": \"Sequential\", ...}."
                            .formatted(
                                    source,
                                    kind.isEmpty()
                                            ? "this is JSON, but not a Keras model."
                                            : "the model is a " + PrintableText.excerpt(kind, LONGEST_NAME)
                                                    + " model, and only Sequential is supported."));
        }
        JsonNode config = root.path("config");
        LayerArguments.checkDtype(source, "the model", config.path("dtype"));
        JsonNode layers = config.isArray() ? config : config.path("layers");
        if (!layers.isArray() || layers.isEmpty()) {
            throw new InputException(source + ": the model has no layers; config.layers must be a list of them.");
        }
        String name = requireName(config.path("name").asText("sequential"), "the model", source);
        return new KerasFile(name, inputShape(layers, config, source), arguments(layers, source));
    }

    private static JsonNode tree(String text, String source) {
        try {
            JsonNode root = JSON.readTree(text.startsWith("\uFEFF") ? text.substring(1) : text);
            // model.to_json() written by json.dump is a JSON string that holds the JSON.
            return root.isTextual() ? JSON.readTree(root.textValue()) : root;
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line %d, column %d"
                            .formatted(
                                    e.getLocation().getLineNr(), e.getLocation().getColumnNr());
            throw new InputException(
                    "%s: not valid JSON%s: %s. Expected the text of model.to_json() of a Keras Sequential model."
                            .formatted(source, where, e.getOriginalMessage()),
                    e);
        }
    }

    private static List<LayerArguments> arguments(JsonNode layers, String source) {
        List<LayerArguments> result = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < layers.size(); i++) {
            JsonNode layer = layers.get(i);
            String type = type(layer, i, source);
            JsonNode config = layer.path("config");
            String name = requireName(
                    config.path("name").asText(type.toLowerCase(Locale.ROOT) + "_" + i), "layer " + i, source);
            if (!config.isObject()) {
                throw new InputException(
                        "%s: layer %d (%s) has no config.".formatted(source, i, PrintableText.line(type)));
            }
            if (!names.add(name)) {
                throw new InputException("%s: two layers are named \"%s\". Give each its own name."
                        .formatted(source, PrintableText.line(name)));
            }
            LayerArguments arguments = new LayerArguments(source, type, name, config);
            if (type.equals("InputLayer")) {
                readInputLayer(arguments, i);
            } else {
                result.add(arguments);
            }
        }
        return result;
    }

    private static String requireName(String name, String of, String source) {
        if (name.length() > LONGEST_NAME) {
            throw new InputException("%s: the name of %s has %,d characters (%s). At most %d are supported."
                    .formatted(source, of, name.length(), PrintableText.excerpt(name, SHOWN_OF_NAME), LONGEST_NAME));
        }
        return name;
    }

    /** The class name; a registered custom class only if it is Starling's. */
    private static String type(JsonNode layer, int index, String source) {
        String type = layer.path("class_name").asText("");
        String registered = layer.path("registered_name").asText("");
        String module = layer.path("module").asText("keras.layers");
        for (String name : List.of(type, registered, module)) {
            requireName(name, "the class of layer " + index, source);
        }
        if (type.isEmpty()) {
            throw new InputException("%s: layer %d has no class_name.".formatted(source, index));
        }
        if (registered.startsWith(REGISTERED)) {
            return registered.substring(REGISTERED.length());
        }
        if (registered.contains(">") || !module.startsWith("keras")) {
            return module + "." + type;
        }
        return type.startsWith(REGISTERED) ? type.substring(REGISTERED.length()) : type;
    }

    private static void readInputLayer(LayerArguments arguments, int index) {
        if (index != 0) {
            throw arguments.error("it is layer %d, but a model has one input, as its first layer.".formatted(index));
        }
        arguments.refuseUnless("sparse", "false", "set it to false.");
        arguments.refuseUnless("ragged", "false", "set it to false.");
        arguments.refuseUnless("optional", "false", "set it to false.");
        arguments.refuseOthers();
    }

    /** From the first layer (Keras 2: batch_input_shape, Keras 3: batch_shape) or from the model (build_input_shape). */
    private static List<Integer> inputShape(JsonNode layers, JsonNode config, String source) {
        JsonNode first = layers.get(0).path("config");
        JsonNode shape = first.path("batch_input_shape");
        if (!shape.isArray()) {
            shape = first.path("batch_shape");
        }
        if (!shape.isArray()) {
            shape = config.path("build_input_shape");
        }
        if (!shape.isArray()) {
            throw new InputException(
                    source
                            + ": the model has no input shape. Begin it with keras.Input(shape=(height, width, channels)) and write it again.");
        }
        List<Integer> sizes = new ArrayList<>();
        for (int i = 1; i < shape.size(); i++) {
            if (!shape.get(i).isIntegralNumber()
                    || !shape.get(i).canConvertToInt()
                    || shape.get(i).intValue() < 1) {
                throw unsuitable(shape, source);
            }
            sizes.add(shape.get(i).intValue());
        }
        if (sizes.size() != 3) {
            throw unsuitable(shape, source);
        }
        return sizes;
    }

    private static InputException unsuitable(JsonNode shape, String source) {
        return new InputException(
                "%s: the input shape %s does not describe images. Expected [null, height, width, channels] with whole numbers, channels 1 or 3."
                        .formatted(source, LayerArguments.shortened(shape)));
    }
}
