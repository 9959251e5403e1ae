package org.starling.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.starling.BoundedJson;
import org.starling.PrintableText;
import org.starling.Version;
import org.starling.checkpoint.CoefficientsFormat.MalformedException;
import org.starling.data.Normalization;
import org.starling.data.Preprocessing;
import org.starling.model.ConvolutionRemainder;
import org.starling.model.DataFormat;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

/**
 * The JSON beside a model's zip.
 *
 * @param length bytes of the zip
 * @param crc32c of the zip
 * @param parameters floats in the zip
 * @param description what they mean
 */
record ModelDescriptionJson(long length, long crc32c, long parameters, ModelDescription description) {
    private static final int FORMAT_VERSION = 1;
    private static final int LARGEST = 32 << 20;
    private static final int LONGEST_SIDE = 1 << 16;
    private static final ObjectMapper JSON = BoundedJson.mapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** @param model the network that the description describes */
    byte[] toBytes(SequentialModel model) throws JsonProcessingException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("formatVersion", FORMAT_VERSION);
        json.put("starlingVersion", Version.current());
        json.put("name", model.name());
        json.put("length", length);
        json.put("crc32c", String.format("%08x", crc32c));
        json.put("parameters", parameters);
        json.put("labels", description.labels());
        Map<String, Object> input = new LinkedHashMap<>();
        input.put("height", model.input().height());
        input.put("width", model.input().width());
        input.put("channels", model.input().channels());
        input.put("dataFormat", model.input().format().kerasName());
        input.put("shortSide", description.preprocessing().shortSide());
        json.put("input", input);
        Map<String, Object> normalization = new LinkedHashMap<>();
        normalization.put("mean", description.preprocessing().normalization().mean());
        normalization.put(
                "deviation", description.preprocessing().normalization().deviation());
        json.put("normalization", normalization);
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("dataFormat", description.options().dataFormat().kerasName());
        options.put(
                "convolutionRemainder",
                description.options().convolutionRemainder().name().toLowerCase(Locale.ROOT));
        json.put("options", options);
        json.put("seed", description.seed());
        json.put("training", description.training());
        json.put("keras", description.keras());
        return JSON.writeValueAsBytes(json);
    }

    /** @throws MalformedException when the bytes are not such a JSON, or contradict themselves */
    static ModelDescriptionJson parse(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(LARGEST + 1);
        if (bytes.length > LARGEST) {
            throw new MalformedException("it is larger than 32 MB");
        }
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new MalformedException("it is not JSON (" + e.getOriginalMessage() + ")");
        }
        long version = integer(root, "formatVersion");
        if (version != FORMAT_VERSION) {
            throw new MalformedException("its formatVersion is %d, and Starling %s reads %d"
                    .formatted(version, Version.current(), FORMAT_VERSION));
        }
        ModelOptions options = new ModelOptions(
                oneOf(DataFormat.values(), DataFormat::kerasName, root, "options", "dataFormat"),
                oneOf(
                        ConvolutionRemainder.values(),
                        remainder -> remainder.name().toLowerCase(Locale.ROOT),
                        root,
                        "options",
                        "convolutionRemainder"));
        ModelDescription description = new ModelDescription(
                labels(root),
                new Preprocessing(
                        shortSide(root),
                        new Normalization(
                                numbers(root, "normalization", "mean"), numbers(root, "normalization", "deviation"))),
                text(root, "keras"),
                options,
                integer(root, "seed"),
                training(root));
        return new ModelDescriptionJson(
                integer(root, "length"), checksum(root), integer(root, "parameters"), description);
    }

    /** @throws MalformedException when the description does not fit its network */
    void check(SequentialModel model) throws MalformedException {
        Optional<String> contradiction = description.contradiction(model);
        if (contradiction.isPresent()) {
            throw new MalformedException(contradiction.get());
        }
        if (parameters != model.parameterCount()) {
            throw new MalformedException(
                    "it says %,d parameters and its network has %,d".formatted(parameters, model.parameterCount()));
        }
    }

    private static JsonNode at(JsonNode root, String... key) throws MalformedException {
        JsonNode node = root;
        for (String part : key) {
            node = node.path(part);
        }
        if (node.isMissingNode()) {
            throw new MalformedException("it has no key \"" + String.join(".", key) + "\"");
        }
        return node;
    }

    private static MalformedException wrong(String expected, JsonNode found, String... key) {
        return new MalformedException("its key \"%s\" is %s where %s was expected"
                .formatted(String.join(".", key), PrintableText.excerpt(found.toString(), 60), expected));
    }

    private static long integer(JsonNode root, String... key) throws MalformedException {
        JsonNode node = at(root, key);
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw wrong("an integer", node, key);
        }
        return node.longValue();
    }

    /** Earlier models have none. */
    private static int shortSide(JsonNode root) throws MalformedException {
        if (root.path("input").path("shortSide").isMissingNode()) {
            return 0;
        }
        long side = integer(root, "input", "shortSide");
        if (side < 0 || side > LONGEST_SIDE) {
            throw wrong(
                    "a number from 0 to " + LONGEST_SIDE, root.path("input").path("shortSide"), "input", "shortSide");
        }
        return (int) side;
    }

    private static String text(JsonNode root, String... key) throws MalformedException {
        JsonNode node = at(root, key);
        if (!node.isTextual()) {
            throw wrong("text", node, key);
        }
        return node.textValue();
    }

    private static long checksum(JsonNode root) throws MalformedException {
        String hex = text(root, "crc32c");
        if (!hex.matches("[0-9a-f]{8}")) {
            throw wrong("eight hexadecimal digits", root.path("crc32c"), "crc32c");
        }
        return Long.parseLong(hex, 16);
    }

    private static Map<String, Object> training(JsonNode root) throws MalformedException {
        JsonNode node = at(root, "training");
        if (!node.isObject()) {
            throw wrong("an object", node, "training");
        }
        return JSON.convertValue(node, new TypeReference<LinkedHashMap<String, Object>>() {});
    }

    private static List<String> labels(JsonNode root) throws MalformedException {
        JsonNode node = at(root, "labels");
        List<String> labels = new ArrayList<>();
        for (JsonNode label : node) {
            if (!label.isTextual() || !StandardCharsets.UTF_8.newEncoder().canEncode(label.textValue())) {
                throw wrong("a list of class names", node, "labels");
            }
            labels.add(label.textValue());
        }
        return labels;
    }

    private static double[] numbers(JsonNode root, String... key) throws MalformedException {
        JsonNode node = at(root, key);
        DoubleStream.Builder numbers = DoubleStream.builder();
        for (JsonNode number : node) {
            if (!number.isNumber() || !Double.isFinite(number.doubleValue())) {
                throw wrong("a list of numbers", node, key);
            }
            numbers.add(number.doubleValue());
        }
        return numbers.build().toArray();
    }

    private static <T> T oneOf(T[] values, Function<T, String> name, JsonNode root, String... key)
            throws MalformedException {
        String found = text(root, key);
        for (T value : values) {
            if (name.apply(value).equals(found)) {
                return value;
            }
        }
        throw wrong("one of " + Arrays.stream(values).map(name).toList(), at(root, key), key);
    }
}
