package org.starling.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.starling.InputException;
import org.starling.PrintableText;

/**
 * The arguments of one layer in a model file. Every getter notes the key it was asked for, and {@link #refuseOthers()} refuses
 * what no one asked for, so that no argument is ever ignored in silence.
 */
final class LayerArguments {
    /** What Keras writes for every layer and what changes nothing here; batch shapes are read from the first layer. */
    private static final Set<String> OF_EVERY_LAYER =
            Set.of("name", "trainable", "dtype", "batch_input_shape", "batch_shape", "input_dtype");

    /** Values that stand in it may be as long as a file. */
    private static final int LONGEST_MESSAGE = 2000;

    private final String source;
    private final String type;
    private final String name;
    private final JsonNode config;
    private final Set<String> known = new LinkedHashSet<>();

    LayerArguments(String source, String type, String name, JsonNode config) {
        this.source = source;
        this.type = type;
        this.name = name;
        this.config = config;
    }

    String source() {
        return source;
    }

    String type() {
        return type;
    }

    String name() {
        return name;
    }

    /** The argument's JSON; a null node where it is absent or null. */
    JsonNode node(String key) {
        known.add(key);
        JsonNode value = config.get(key);
        return value == null ? JsonNodeFactory.instance.nullNode() : value;
    }

    boolean has(String key) {
        return config.hasNonNull(key);
    }

    InputException error(String message) {
        return new InputException("%s: layer \"%s\" (%s): %s"
                .formatted(
                        source,
                        PrintableText.line(name),
                        PrintableText.line(type),
                        PrintableText.excerpt(message, LONGEST_MESSAGE)));
    }

    private InputException wrong(String key, String expected) {
        return error("%s is %s, but must be %s."
                .formatted(key, has(key) ? shortened(config.get(key)) : "missing", expected));
    }

    int positiveInteger(String key) {
        JsonNode value = node(key);
        if (!isPositiveInteger(value)) {
            throw wrong(key, "a positive integer");
        }
        return value.intValue();
    }

    int positiveInteger(String key, int otherwise) {
        node(key);
        return has(key) ? positiveInteger(key) : otherwise;
    }

    private static boolean isPositiveInteger(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToInt() && value.intValue() > 0;
    }

    /** (height, width), given as a pair or as one number for both. */
    int[] pair(String key) {
        JsonNode value = node(key);
        if (isPositiveInteger(value)) {
            return new int[] {value.intValue(), value.intValue()};
        }
        if (value.isArray()
                && value.size() == 2
                && isPositiveInteger(value.get(0))
                && isPositiveInteger(value.get(1))) {
            return new int[] {value.get(0).intValue(), value.get(1).intValue()};
        }
        throw wrong(key, "a positive integer or a pair of them (height, width)");
    }

    int[] pair(String key, int... otherwise) {
        node(key);
        return has(key) ? pair(key) : otherwise;
    }

    double number(String key, double otherwise) {
        JsonNode value = node(key);
        if (value.isNull()) {
            return otherwise;
        }
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw wrong(key, "a number");
        }
        return value.doubleValue();
    }

    boolean flag(String key, boolean otherwise) {
        JsonNode value = node(key);
        if (value.isNull()) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw wrong(key, "true or false");
        }
        return value.booleanValue();
    }

    String text(String key, String otherwise) {
        JsonNode value = node(key);
        if (value.isNull()) {
            return otherwise;
        }
        if (!value.isTextual()) {
            throw wrong(key, "a name");
        }
        return value.textValue();
    }

    /** Whether {@code padding} is {@code same} and not {@code valid}; in any case, as Keras accepts it. */
    boolean samePadding() {
        String padding = text("padding", "valid");
        return switch (padding.toLowerCase(Locale.ROOT)) {
            case "same" -> true;
            case "valid" -> false;
            default -> throw wrong("padding", "\"valid\" or \"same\"");
        };
    }

    /** The layer's {@code data_format}, or {@code otherwise} where the file is silent. */
    DataFormat dataFormat(DataFormat otherwise) {
        String value = text("data_format", otherwise.kerasName());
        for (DataFormat format : DataFormat.values()) {
            if (format.kerasName().equals(value)) {
                return format;
            }
        }
        throw wrong("data_format", "\"channels_last\" or \"channels_first\"");
    }

    /** Refuses a layer that is not in the model's format. */
    void requireDataFormat(DataFormat model, DataFormat otherwise) {
        DataFormat own = dataFormat(otherwise);
        if (own != model) {
            throw error(
                    "its data_format is %s%s, but the model's first layer with one has %s. Give all layers of the model one"
                                    .formatted(
                                            own.kerasName(),
                                            has("data_format") ? "" : " (model.dataFormat, as the file names none)",
                                            model.kerasName())
                            + " data_format.");
        }
    }

    /** Refuses an argument that is set: {@code null}, or {@code neutral}, are what it may be. */
    void refuseUnless(String key, String neutral, String why) {
        JsonNode value = node(key);
        if (!value.isNull() && !value.toString().equals(neutral)) {
            throw error("%s = %s is not supported: %s".formatted(key, shortened(value), why));
        }
    }

    /** An initializer by its name or by its Keras object. */
    Initializer initializer(String key, String otherwise, KernelLayout layout) {
        return new InitializerArgument(this, key, node(key), otherwise).read(layout);
    }

    /** Keras's l1, l2 or l1_l2. */
    Regularizer regularizer(String key) {
        JsonNode value = node(key);
        if (value.isNull()) {
            return Regularizer.NONE;
        }
        String kind =
                value.isTextual() ? value.textValue() : value.path("class_name").asText("");
        double l1 = coefficient(key, value, "l1");
        double l2 = coefficient(key, value, "l2");
        return switch (kind) {
            case "L1", "l1" -> new Regularizer(l1, 0);
            case "L2", "l2" -> new Regularizer(0, l2);
            case "L1L2", "l1_l2" -> new Regularizer(l1, l2);
            default -> throw error("%s %s is not supported; l1, l2 and l1_l2 are.".formatted(key, shortened(value)));
        };
    }

    private double coefficient(String key, JsonNode regularizer, String name) {
        JsonNode value = regularizer.path("config").path(name);
        if (value.isMissingNode() || value.isNull()) {
            // Keras's defaults: a bare "l1" or "l2" means 0.01, L1L2 means nothing that it does not name.
            return regularizer.path("class_name").asText("").equals("L1L2") ? 0 : 0.01;
        }
        if (!value.isNumber() || !(value.doubleValue() >= 0) || !Double.isFinite(value.doubleValue())) {
            throw error("%s of %s is %s, but must be a number of at least 0.".formatted(name, key, value));
        }
        return value.doubleValue();
    }

    /** Ends the reading of this layer: checks what all layers have, and refuses every key that was not asked for. */
    void refuseOthers() {
        refuseUnless("trainable", "true", "every layer is trained. Set trainable to true.");
        refuseUnless("activity_regularizer", "null", "remove it; kernel and bias regularizers are supported.");
        refuseUnless("kernel_constraint", "null", "remove it.");
        refuseUnless("bias_constraint", "null", "remove it.");
        refuseUnless("quantization_config", "null", "remove it.");
        refuseUnless("lora_rank", "null", "remove it.");
        checkDtype(source, "layer \"" + name + "\" (" + type + ")", node("dtype"));
        Set<String> unknown = new TreeSet<>();
        for (Iterator<Map.Entry<String, JsonNode>> fields = config.fields(); fields.hasNext(); ) {
            String key = fields.next().getKey();
            if (!known.contains(key) && !OF_EVERY_LAYER.contains(key)) {
                unknown.add(key);
            }
        }
        if (!unknown.isEmpty()) {
            known.removeAll(
                    Set.of("kernel_constraint", "bias_constraint", "activity_regularizer", "quantization_config"));
            known.remove("lora_rank");
            throw error("argument %s is not supported. Supported are %s."
                    .formatted(String.join(", ", unknown), String.join(", ", new TreeSet<>(known))));
        }
    }

    /** Refuses every dtype but float32, given by name or as one of Keras's policy objects. */
    static void checkDtype(String source, String where, JsonNode dtype) {
        String name = dtype.isObject() ? dtype.path("config").path("name").asText("") : dtype.asText("float32");
        if (!dtype.isNull() && !dtype.isMissingNode() && !name.equals("float32")) {
            throw new InputException("%s: %s has dtype %s. Only float32 is supported; build the model with float32."
                    .formatted(source, where, name.isEmpty() ? shortened(dtype) : PrintableText.excerpt(name, 120)));
        }
    }

    static String shortened(JsonNode value) {
        return PrintableText.excerpt(value.toString(), 120);
    }
}
