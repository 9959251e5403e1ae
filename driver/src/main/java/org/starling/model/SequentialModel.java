package org.starling.model;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.starling.InputException;
import org.starling.PrintableText;

/**
 * An image classifier as its Keras file describes it: every argument checked, every shape known, before anything is allocated.
 * The body ends in one score a class; softmax and cross entropy stand behind it whether the file ends in a softmax layer, in a
 * separate Softmax, or in scores (logits).
 */
public final class SequentialModel implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final int LARGEST_FILE = 16 << 20;

    private final String name;
    private final String json;
    private final String source;
    private final ModelOptions options;
    private final ImageShape input;
    private final List<SequentialLayer> body;
    private final boolean endsInSoftmax;
    private final List<WeightArray> weights = new ArrayList<>();
    private final List<ParameterTensor> parameters = new ArrayList<>();
    private final List<LayerSummary> summaries;

    private SequentialModel(
            String name,
            String json,
            String source,
            ModelOptions options,
            ImageShape input,
            List<SequentialLayer> layers) {
        this.name = name;
        this.json = json;
        this.source = source;
        this.options = options;
        this.input = input;
        this.summaries =
                layers.stream().map(layer -> summary(layer, input.format())).toList();
        this.body = withoutSoftmax(layers, source);
        this.endsInSoftmax = layers.get(layers.size() - 1) instanceof WithActivation last
                && last.activation() == ActivationFunction.SOFTMAX;
        long offset = 0;
        for (SequentialLayer layer : body) {
            for (WeightArray array : layer.weights()) {
                long length = array.layout().length();
                weights.add(array);
                parameters.add(new ParameterTensor(
                        layer.name(),
                        array.name(),
                        array.role(),
                        offset,
                        length,
                        array.regularizer().l1(),
                        array.regularizer().l2()));
                // A sum that is beyond all numbers is of too many parameters as well.
                offset = length > Long.MAX_VALUE - offset ? Long.MAX_VALUE : offset + length;
            }
        }
        if (offset > Integer.MAX_VALUE) {
            throw new InputException(
                    "%s: the model has %,d parameters, and a network holds at most %,d. Make its layers smaller."
                            .formatted(source, offset, Integer.MAX_VALUE));
        }
    }

    /**
     * Reads a model file.
     *
     * @param file Keras Sequential JSON on any Hadoop file system
     * @throws InputException if the file is missing or cannot be used
     */
    public static SequentialModel read(Path file, Configuration configuration, ModelOptions options) {
        try {
            FileSystem fileSystem = file.getFileSystem(configuration);
            try (InputStream in = fileSystem.open(file)) {
                byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
                if (bytes.length > LARGEST_FILE) {
                    throw new InputException(
                            file
                                    + ": larger than 16 MB, so it is no model file. Expected the text of model.to_json(), which holds no weights.");
                }
                return parse(new String(bytes, StandardCharsets.UTF_8), file.toString(), options);
            }
        } catch (FileNotFoundException e) {
            throw new InputException(
                    "%s: there is no such model file. Expected a Keras Sequential model as model.to_json() writes it."
                            .formatted(file),
                    e);
        } catch (IOException e) {
            throw new InputException("%s: the model file cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    /**
     * Reads a model.
     *
     * @param json text of {@code model.to_json()}
     * @param source where it comes from, for messages
     * @throws InputException if it is not a Sequential model, or has a layer or argument that is not supported
     */
    public static SequentialModel parse(String json, String source, ModelOptions options) {
        KerasFile file = KerasFile.parse(json, source);
        DataFormat format = format(file.layers(), options.dataFormat());
        ImageShape input = input(file, format, source);
        List<SequentialLayer> layers = new ArrayList<>();
        Activations activations = Activations.maps(input.height(), input.width(), input.channels());
        ModelFormat modelFormat = new ModelFormat(format, options.dataFormat(), options.convolutionRemainder());
        for (LayerArguments arguments : file.layers()) {
            SequentialLayer layer = SupportedLayers.read(arguments, activations, modelFormat);
            layers.add(layer);
            activations = layer.output();
        }
        return new SequentialModel(file.name(), json, source, options, input, layers);
    }

    /** The format of the first layer that names one. Flatten speaks of its output only, so it decides last. */
    private static DataFormat format(List<LayerArguments> layers, DataFormat otherwise) {
        return layers.stream()
                .filter(layer -> layer.has("data_format"))
                .min(Comparator.comparing(layer -> layer.type().equals("Flatten")))
                .map(layer -> layer.dataFormat(otherwise))
                .orElse(otherwise);
    }

    private static ImageShape input(KerasFile file, DataFormat format, String source) {
        List<Integer> shape = file.inputShape();
        ImageShape input = format == DataFormat.CHANNELS_LAST
                ? new ImageShape(shape.get(0), shape.get(1), shape.get(2), format)
                : new ImageShape(shape.get(1), shape.get(2), shape.get(0), format);
        if (input.channels() != 1 && input.channels() != 3) {
            throw new InputException(
                    "%s: the input shape %s has %d channels in %s order. Images have 1 (grey) or 3 (red, green, blue); check the shape and data_format."
                            .formatted(source, shape, input.channels(), format.kerasName()));
        }
        if ((long) input.height() * input.width() > Integer.MAX_VALUE / input.channels()) {
            throw new InputException("%s: the input shape %s is too large: an image may hold %,d values."
                    .formatted(source, shape, Integer.MAX_VALUE));
        }
        return input;
    }

    private static LayerSummary summary(SequentialLayer layer, DataFormat format) {
        List<Integer> kernel = layer.weights().stream()
                .filter(array -> array.role() == ParameterTensor.Role.KERNEL)
                .map(array -> array.layout().shape())
                .findFirst()
                .orElse(List.of());
        long parameters = layer.weights().stream()
                .mapToLong(array -> array.layout().length())
                .sum();
        return new LayerSummary(
                layer.name(), layer.type(), layer.output().shape(format), kernel, parameters, layer.multiplyAdds());
    }

    /** The layers up to the scores, checked to end in one score a class. */
    private static List<SequentialLayer> withoutSoftmax(List<SequentialLayer> layers, String source) {
        if (layers.isEmpty()) {
            throw new InputException(source + ": the model has an input but no layers.");
        }
        int last = layers.size() - 1;
        for (int i = 0; i <= last; i++) {
            if (layers.get(i) instanceof WithActivation layer) {
                requireActivation(layer, i == last, source);
            }
        }
        requireScores(layers.get(last), source);
        List<SequentialLayer> body = new ArrayList<>(layers);
        if (layers.get(last) instanceof WithActivation layer) {
            body.set(last, layer.linear());
        }
        return body;
    }

    private static void requireActivation(WithActivation layer, boolean last, String source) {
        boolean softmax = layer.activation() == ActivationFunction.SOFTMAX;
        boolean linear = layer.activation() == ActivationFunction.LINEAR;
        if (last ? !softmax && !linear : softmax) {
            throw new InputException(
                    ("%s: layer \"%s\" (%s) has activation %s. Softmax may stand only at the end of a model, and a model must"
                                    + " end in softmax or in scores without an activation (logits).")
                            .formatted(
                                    source,
                                    layer.name(),
                                    layer.type(),
                                    layer.activation().kerasName()));
        }
    }

    private static void requireScores(SequentialLayer last, String source) {
        Activations output = last.output();
        if (!output.vector() || output.channels() < 2) {
            throw new InputException(
                    ("%s: the model ends in layer \"%s\" (%s) with output shape %s. Expected one score a class, for at least two"
                                    + " classes: end it with Dense(classes).")
                            .formatted(source, last.name(), last.type(), output.shape(DataFormat.CHANNELS_LAST)));
        }
    }

    /** Name in the file, {@code sequential} where it has none. */
    public String name() {
        return name;
    }

    /** The text the model was read from. */
    public String json() {
        return json;
    }

    /** Where the text came from. */
    public String source() {
        return source;
    }

    public ModelOptions options() {
        return options;
    }

    /** Shape and order of the images that the network takes. */
    public ImageShape input() {
        return input;
    }

    /** Number of classes. */
    public int classes() {
        return body.get(body.size() - 1).output().channels();
    }

    /** One line for each layer of the file, the input layer left out. */
    public List<LayerSummary> layers() {
        return summaries;
    }

    /** Multiplications with an addition of one image's forward pass. */
    public long multiplyAdds() {
        return summaries.stream().mapToLong(LayerSummary::multiplyAdds).sum();
    }

    /** The named arrays of the flat vector, in the order of DL4J's {@code MultiLayerNetwork.params()}, without gaps. */
    public List<ParameterTensor> parameters() {
        return List.copyOf(parameters);
    }

    /** Length of the flat vector. */
    public long parameterCount() {
        return parameters.stream().mapToLong(ParameterTensor::length).sum();
    }

    /** Shape of a tensor in Keras, and where Keras's elements stand in the flat vector. */
    public KernelLayout layout(ParameterTensor tensor) {
        return weights.get(parameters.indexOf(tensor)).layout();
    }

    /**
     * Initial values of the elements {@code [offset, offset + target.length)} of the flat vector: a function of the seed and
     * each element's place, so that every part can be made alone, anywhere.
     */
    public void initialize(long seed, long offset, float[] target) {
        long end = offset + target.length;
        if (offset < 0 || end > parameterCount()) {
            throw new IllegalArgumentException(
                    "[%d, %d) is not within %d parameters".formatted(offset, end, parameterCount()));
        }
        for (int i = 0; i < weights.size(); i++) {
            ParameterTensor tensor = parameters.get(i);
            long from = Math.max(offset, tensor.offset());
            long to = Math.min(end, tensor.offset() + tensor.length());
            if (from < to) {
                weights.get(i)
                        .initializer()
                        .fill(seed, tensor.offset(), from - tensor.offset(), target, (int) (from - offset), (int)
                                (to - from));
            }
        }
    }

    /**
     * The network in stock DL4J classes: the body, then a LossLayer with softmax and cross entropy. Its initial weights are not
     * Keras's; {@link #initialize} makes those. Regularizers stand in {@link #parameters}, not here.
     *
     * @param seed of DL4J's own random numbers, which dropout draws from
     */
    public MultiLayerConfiguration toDl4j(long seed) {
        Translation translation = new Translation(input.format());
        body.forEach(layer -> layer.translate(translation));
        return translation.finish(input, "softmax with cross entropy", seed);
    }

    /**
     * The network up to a layer, in stock DL4J classes. Its output are that layer's activations, {@code [N, ...]} with the layer's
     * {@link LayerSummary#output} in the order of {@link ImageShape#format}; its parameters are the first of this model's.
     *
     * @param seed of DL4J's own random numbers
     * @throws InputException as {@link #layer}
     */
    public MultiLayerConfiguration toDl4j(long seed, String layer) {
        int position = summaries.indexOf(layer(layer));
        if (endsInSoftmax && position == body.size() - 1) {
            return toDl4j(seed);
        }
        Translation translation = new Translation(input.format());
        body.subList(0, position + 1).forEach(before -> before.translate(translation));
        return translation.finishWithoutLoss(input, "activations", seed);
    }

    /** Length of the flat vector of the network up to a layer. */
    public long parameterCount(String layer) {
        return summaries.subList(0, summaries.indexOf(layer(layer)) + 1).stream()
                .mapToLong(LayerSummary::parameters)
                .sum();
    }

    /**
     * The layer of this name.
     *
     * @throws InputException when there is none, with the names and shapes of those there are
     */
    public LayerSummary layer(String name) {
        return summaries.stream()
                .filter(layer -> layer.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new InputException("%s: the model has no layer '%s'. Expected one of %s."
                        .formatted(
                                source,
                                name,
                                summaries.stream()
                                        .map(layer -> layer.name() + " " + layer.outputShape())
                                        .collect(Collectors.joining(", ")))));
    }

    /**
     * The network in inference as an ONNX model (operator set 11), float32. Its input {@code images} is {@code [N, height, width, channels]} or
     * {@code [N, channels, height, width]} as the model's own, its output {@code probabilities} {@code [N, classes]}.
     *
     * @param parameters the flat vector
     * @param mean of each channel; the model subtracts it from values 0 to 255. Null for images that are normalized already
     * @param deviation of each channel, by which it then divides
     * @param properties what else is known of the model, stored as metadata
     * @param out takes a ModelProto
     */
    public void toOnnx(
            FloatBuffer parameters, double[] mean, double[] deviation, Map<String, String> properties, OutputStream out)
            throws IOException {
        Map<String, ParameterTensor> byName = new HashMap<>();
        parameters().forEach(tensor -> byName.put(tensor.fullName(), tensor));
        OnnxGraph graph = new OnnxGraph(input, byName, parameters);
        if (mean != null) {
            graph.normalize(mean, deviation);
        }
        graph.toMaps();
        body.forEach(layer -> layer.translate(graph));
        graph.finish(name, classes(), properties, out);
    }

    /**
     * Estimate of the memory of one replica in training, heap and off-heap, in bytes.
     *
     * @param batch images in a step
     */
    public long replicaBytes(int batch) {
        return ReplicaMemory.bytes(parameterCount(), input, body, batch);
    }

    /**
     * The least memory, heap and off-heap, in which the network can answer: the pictures, a second time where the first layer does not read them in
     * place, and the two arrays of a layer.
     *
     * @param pictures computed at once
     * @throws InputException when so many do not fit into an array
     */
    public long inferenceBytes(int pictures) {
        boolean inPlace = ReplicaMemory.readsInPlace(input, body.get(0));
        long largest = 0;
        long before = input.length();
        for (SequentialLayer layer : body) {
            long after = layer.output().length();
            largest = Math.max(largest, inPlace && layer == body.get(0) ? after : before + after);
            if (Math.max(before, after) * pictures > Integer.MAX_VALUE) {
                throw new InputException(
                        "%s: layer \"%s\" has %,d values for each of %,d pictures that are computed at once, and an array holds %,d. Take a smaller --batch."
                                .formatted(
                                        source,
                                        PrintableText.line(layer.name()),
                                        Math.max(before, after),
                                        pictures,
                                        Integer.MAX_VALUE));
            }
            before = after;
        }
        return (long) Float.BYTES * pictures * ((inPlace ? 1 : 2) * (long) input.length() + largest);
    }

    /**
     * Memory of one replica in training on Starling's kernels, with momentum, heap and off-heap, in bytes.
     *
     * @param batch images in a step
     * @param threads that compute for the replica
     */
    public long trainingBytes(int batch, int threads) {
        return ReplicaMemory.trainingBytes(parameterCount(), input, body, batch, threads);
    }

    /** Heap in bytes that the kernels of one replica use on so many threads, for minibatches of {@code batch} images; {@link #replicaBytes} does not count it. */
    public long kernelBytes(int batch, int threads) {
        return ReplicaMemory.kernelBytes(input, body, batch, threads);
    }
}
