package org.starling.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.starling.BoundedJson;
import org.starling.InputException;

/**
 * The network in a {@code configuration.json} of DL4J's, as a Keras Sequential model whose flat vector is DL4J's. Class names in it are compared with
 * those of the layers that are known; none is loaded. What matters to training only (dropout, regularizers, updaters) is left out.
 */
public final class Dl4jConfiguration {
    private static final ObjectMapper JSON =
            BoundedJson.mapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private static final String LAYERS = "org.deeplearning4j.nn.conf.layers.";
    private static final String PREPROCESSORS = "org.deeplearning4j.nn.conf.preprocessor.";
    private static final String PERMUTE = "org.deeplearning4j.preprocessors.PermutePreprocessor";
    private static final String ACTIVATIONS = "org.nd4j.linalg.activations.impl.Activation";

    /** Functions by DL4J's name; those with arguments are looked at one by one. */
    private static final Map<String, ActivationFunction> FUNCTIONS = Map.ofEntries(
            Map.entry("Identity", ActivationFunction.LINEAR),
            Map.entry("ReLU", ActivationFunction.RELU),
            Map.entry("ReLU6", ActivationFunction.RELU6),
            Map.entry("ELU", ActivationFunction.ELU),
            Map.entry("SELU", ActivationFunction.SELU),
            Map.entry("Sigmoid", ActivationFunction.SIGMOID),
            Map.entry("TanH", ActivationFunction.TANH),
            Map.entry("SoftPlus", ActivationFunction.SOFTPLUS),
            Map.entry("SoftSign", ActivationFunction.SOFTSIGN),
            Map.entry("Swish", ActivationFunction.SILU),
            Map.entry("Mish", ActivationFunction.MISH),
            Map.entry("Softmax", ActivationFunction.SOFTMAX));

    private final String source;
    private final JsonNode root;
    private final DataFormat format;
    private final ArrayNode keras = JSON.createArrayNode();
    private final List<String> logarithms = new ArrayList<>();

    private Dl4jConfiguration(JsonNode root, String source) {
        this.root = root;
        this.source = source;
        this.format = format(root.path("confs"));
    }

    /**
     * A network of DL4J's.
     *
     * @param model the same in Keras's terms: each convolution's kernel stands where DL4J has it
     * @param logarithms batch normalizations whose moving variance DL4J keeps as the logarithm (base 10) of the deviation
     */
    public record Network(SequentialModel model, List<String> logarithms) {}

    /**
     * Translates a configuration.
     *
     * @param json text of {@code configuration.json}
     * @param source where it comes from, for messages
     * @param input height, width and channels of its images, where it does not say itself
     * @throws InputException when it is not a network of layers that are known, or does not say the shape of its input
     */
    public static Network parse(String json, String source, Optional<ImageSize> input) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new InputException(
                    "%s: its configuration.json is not valid JSON: %s.".formatted(source, e.getOriginalMessage()), e);
        }
        if (!root.path("confs").isArray() || root.path("confs").isEmpty()) {
            throw new InputException(
                    "%s: its configuration.json has no layers (\"confs\"). Expected what DL4J's ModelSerializer writes for a MultiLayerNetwork; a ComputationGraph is not read."
                            .formatted(source));
        }
        return new Dl4jConfiguration(root, source).translate(input);
    }

    private Network translate(Optional<ImageSize> given) {
        if (!root.path("dataType").asText("FLOAT").equals("FLOAT")) {
            throw new InputException(
                    "%s: its data type is %s, and only FLOAT is read.".formatted(source, root.path("dataType")));
        }
        ImageSize size = input(given);
        ObjectNode first = add("InputLayer", "input");
        ArrayNode shape = first.putArray("batch_input_shape").addNull();
        (format == DataFormat.CHANNELS_LAST
                        ? List.of(size.height(), size.width(), size.channels())
                        : List.of(size.channels(), size.height(), size.width()))
                .forEach(shape::add);
        JsonNode confs = root.path("confs");
        for (int i = 0; i < confs.size(); i++) {
            JsonNode layer = confs.get(i).path("layer");
            String name = layer.path("layerName").asText("layer" + i);
            preprocess(i, name);
            layer(layer, confs.get(i).path("variables"), name);
        }
        ObjectNode model = JSON.createObjectNode().put("class_name", "Sequential");
        model.putObject("config").put("name", "dl4j").set("layers", keras);
        SequentialModel network =
                SequentialModel.parse(model.toString(), source, new ModelOptions(format, ConvolutionRemainder.FLOOR));
        requireInputs(network, confs);
        return new Network(network, List.copyOf(logarithms));
    }

    /** DL4J's configuration says it only where images come as vectors. */
    private ImageSize input(Optional<ImageSize> given) {
        JsonNode first = root.path("inputPreProcessors").path("0");
        if (first.path("@class").asText().equals(PREPROCESSORS + "FeedForwardToCnnPreProcessor")) {
            return new ImageSize(
                    positive(first, "inputHeight", "the first layer's input"),
                    positive(first, "inputWidth", "the first layer's input"),
                    positive(first, "numChannels", "the first layer's input"));
        }
        return given.orElseThrow(() -> new InputException(
                "%s: this is a network of plain DL4J's, without a model's JSON beside it, and DL4J's file does not say the size of its images. Give it, as in --image-size 28x28x1 (height, width, channels)."
                        .formatted(source)));
    }

    private static DataFormat format(JsonNode confs) {
        for (JsonNode conf : confs) {
            for (String key : List.of("cnn2dDataFormat", "cnn2DFormat", "dataFormat")) {
                if (conf.path("layer").path(key).asText().equals("NHWC")) {
                    return DataFormat.CHANNELS_LAST;
                }
            }
        }
        return DataFormat.CHANNELS_FIRST;
    }

    private ObjectNode add(String type, String name) {
        return keras.addObject().put("class_name", type).putObject("config").put("name", name);
    }

    private void preprocess(int index, String name) {
        JsonNode preprocessor = root.path("inputPreProcessors").path(Integer.toString(index));
        if (preprocessor.isMissingNode()) {
            return;
        }
        String type = preprocessor.path("@class").asText();
        if (type.equals(PREPROCESSORS + "FeedForwardToCnnPreProcessor") && index == 0) {
            return;
        }
        boolean composed = type.equals(PREPROCESSORS + "ComposableInputPreProcessor");
        JsonNode flatten = composed ? preprocessor.path("inputPreProcessors").path(2) : preprocessor;
        if (!flatten.path("@class").asText().equals(PREPROCESSORS + "CnnToFeedForwardPreProcessor")
                || composed && !movesChannelsToEnd(preprocessor.path("inputPreProcessors"))) {
            throw unsupported(name, "the preprocessor " + shortName(type) + " before it");
        }
        // Of maps in channels_first Keras's own flattening moves the channels to the end unless it is told not to.
        add("Flatten", name + "/flatten")
                .put("data_format", (composed ? DataFormat.CHANNELS_FIRST : DataFormat.CHANNELS_LAST).kerasName());
    }

    /** What {@link Flatten} is translated into. */
    private static boolean movesChannelsToEnd(JsonNode steps) {
        return steps.size() == 3
                && steps.get(0).path("@class").asText().equals(PERMUTE)
                && steps.get(0).path("permutationIndices").toString().equals("[0,2,1,3]")
                && steps.get(1).path("@class").asText().equals(PERMUTE)
                && steps.get(1).path("permutationIndices").toString().equals("[0,1,3,2]");
    }

    private void layer(JsonNode layer, JsonNode variables, String name) {
        String type = layer.path("@class").asText();
        switch (type.startsWith(LAYERS) ? type.substring(LAYERS.length()) : "") {
            case "ConvolutionLayer", "Convolution2D" -> convolution(layer, name);
            case "SubsamplingLayer", "Pooling2D" -> pooling(layer, name);
            case "DenseLayer", "OutputLayer" -> {
                require(!layer.path("hasLayerNorm").asBoolean(), name, "layer normalization");
                ObjectNode dense = add("Dense", name)
                        .put("units", positive(layer, "nout", name))
                        .put("use_bias", layer.path("hasBias").asBoolean(true));
                activation(layer, name, dense);
            }
            case "LossLayer", "ActivationLayer" -> activation(layer, name, add("Activation", name));
            case "BatchNormalization" -> normalization(layer, variables, name);
            case "LocalResponseNormalization" -> {
                double n = layer.path("n").asDouble();
                require(n == Math.rint(n), name, "n = " + n);
                add("Starling>LocalResponseNormalization", name)
                        .put("k", layer.path("k").asDouble())
                        .put("n", (int) n)
                        .put("alpha", layer.path("alpha").asDouble())
                        .put("beta", layer.path("beta").asDouble());
            }
            case "ZeroPaddingLayer" -> padding(layer.path("padding"), name);
            case "GlobalPoolingLayer" -> {
                require(layer.path("poolingType").asText().equals("AVG"), name, "pooling " + layer.path("poolingType"));
                require(layer.path("collapseDimensions").asBoolean(true), name, "dimensions that stay");
                add("GlobalAveragePooling2D", name).put("data_format", format.kerasName());
            }
                // In inference it hands on what it gets.
            case "DropoutLayer" -> {}
            default -> throw unsupported(name, "a layer of class " + shortName(type));
        }
    }

    private void convolution(JsonNode layer, String name) {
        pad(layer, name);
        ObjectNode convolution = window(layer, name, add("Conv2D", name))
                .put("filters", positive(layer, "nout", name))
                .put("use_bias", layer.path("hasBias").asBoolean(true));
        convolution.set("kernel_size", layer.path("kernelSize"));
        convolution.set("dilation_rate", layer.path("dilation"));
        activation(layer, name, convolution);
    }

    /** Zeros around the input, which Keras has a layer for. */
    private void pad(JsonNode layer, String name) {
        JsonNode padding = layer.path("padding");
        if (!isSame(layer) && isPadded(layer)) {
            ArrayNode sides = JSON.createArrayNode();
            for (int side = 0; side < 4; side++) {
                sides.add(padding.path(side / 2).asInt());
            }
            padding(sides, name + "/padding");
        }
    }

    private static boolean isPadded(JsonNode layer) {
        return layer.path("padding").path(0).asInt() != 0
                || layer.path("padding").path(1).asInt() != 0;
    }

    private void padding(JsonNode sides, String name) {
        ArrayNode padding = add("ZeroPadding2D", name)
                .put("data_format", format.kerasName())
                .putArray("padding");
        padding.addArray().add(sides.path(0).asInt()).add(sides.path(1).asInt());
        padding.addArray().add(sides.path(2).asInt()).add(sides.path(3).asInt());
    }

    private static boolean isSame(JsonNode layer) {
        return layer.path("convolutionMode").asText().equals("Same");
    }

    private ObjectNode window(JsonNode layer, String name, ObjectNode keras) {
        String mode = layer.path("convolutionMode").asText("Truncate");
        require(List.of("Same", "Truncate", "Strict").contains(mode), name, "convolution mode " + mode);
        keras.put("padding", isSame(layer) ? "same" : "valid").put("data_format", format.kerasName());
        keras.set("strides", layer.path("stride"));
        return keras;
    }

    private void pooling(JsonNode layer, String name) {
        String type = layer.path("poolingType").asText();
        require(type.equals("MAX") || type.equals("AVG"), name, "pooling " + type);
        require(isSame(layer) || !isPadded(layer), name, "padding " + layer.path("padding"));
        require(
                type.equals("MAX")
                        || !isSame(layer)
                        || !layer.path("avgPoolIncludePadInDivisor").asBoolean(),
                name,
                "an average that counts padding");
        JsonNode dilation = layer.path("dilation");
        require(dilation.path(0).asInt(1) == 1 && dilation.path(1).asInt(1) == 1, name, "dilation " + dilation);
        window(layer, name, add(type.equals("MAX") ? "MaxPooling2D" : "AveragePooling2D", name))
                .set("pool_size", layer.path("kernelSize"));
    }

    private void normalization(JsonNode layer, JsonNode variables, String name) {
        require(!layer.path("lockGammaBeta").asBoolean(), name, "gamma and beta that are locked");
        add("BatchNormalization", name)
                .put("axis", format == DataFormat.CHANNELS_FIRST ? 1 : -1)
                .put("momentum", layer.path("decay").asDouble())
                .put("epsilon", layer.path("eps").asDouble());
        // DL4J goes by the names of the variables, whatever useLogStd says; without any it takes logarithms.
        boolean variance = false;
        for (JsonNode variable : variables) {
            variance |= variable.asText().equals("var");
        }
        if (!variance) {
            logarithms.add(name);
        }
    }

    /** Sets the activation of a layer, or adds a layer for it. */
    private void activation(JsonNode layer, String name, ObjectNode keras) {
        JsonNode function = layer.path("activationFn");
        String type = function.path("@class").asText();
        String known = type.startsWith(ACTIVATIONS) ? type.substring(ACTIVATIONS.length()) : "";
        if (known.equals("LReLU")) {
            keras.put("activation", ActivationFunction.LINEAR.kerasName());
            add("ReLU", name + "/leaky")
                    .put("negative_slope", function.path("alpha").asDouble());
            return;
        }
        boolean plain = !(known.equals("ReLU") && hasArguments(function))
                && !(known.equals("ELU") && function.path("alpha").asDouble(1) != 1);
        require(plain && FUNCTIONS.containsKey(known), name, "the activation " + shortName(type));
        keras.put("activation", FUNCTIONS.get(known).kerasName());
    }

    private static boolean hasArguments(JsonNode relu) {
        return relu.path("threshold").asDouble() != 0
                || relu.path("negativeSlope").asDouble() != 0
                || !relu.path("max").isNull() && !relu.path("max").isMissingNode();
    }

    private int positive(JsonNode node, String key, String name) {
        JsonNode value = node.path(key);
        require(value.isInt() && value.intValue() > 0, name, key + " = " + LayerArguments.shortened(value));
        return value.intValue();
    }

    private void require(boolean supported, String name, String what) {
        if (!supported) {
            throw unsupported(name, what);
        }
    }

    private InputException unsupported(String layer, String what) {
        return new InputException(
                "%s: layer \"%s\" of the DL4J network has %s, which Starling has no layer for. docs/models.md lists those that it has."
                        .formatted(source, layer, what));
    }

    private static String shortName(String type) {
        String name = type.substring(type.lastIndexOf('.') + 1);
        return name.isEmpty() ? "(none)" : name.substring(0, Math.min(name.length(), 60));
    }

    /** Refuses an image size with which a layer would have other inputs than it was built for. */
    private void requireInputs(SequentialModel network, JsonNode confs) {
        for (int i = 0; i < confs.size(); i++) {
            JsonNode layer = confs.get(i).path("layer");
            String name = layer.path("layerName").asText("layer" + i);
            for (ParameterTensor tensor : network.parameters()) {
                if (tensor.layer().equals(name) && tensor.role() == ParameterTensor.Role.KERNEL) {
                    List<Integer> shape = network.layout(tensor).shape();
                    int inputs = shape.get(shape.size() - 2);
                    if (layer.path("nin").asInt() != inputs) {
                        throw new InputException(String.format(
                                Locale.ROOT,
                                "%s: layer \"%s\" takes %,d inputs, and with images of %dx%dx%d it would get %,d. Give the size for which it was trained, as in --image-size 28x28x1 (height, width, channels).",
                                source,
                                name,
                                layer.path("nin").asInt(),
                                network.input().height(),
                                network.input().width(),
                                network.input().channels(),
                                inputs));
                    }
                }
            }
        }
    }
}
