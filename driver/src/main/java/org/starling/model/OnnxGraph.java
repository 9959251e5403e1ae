package org.starling.model;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.shade.protobuf.ByteString;
import org.starling.Version;

/**
 * A network in ONNX's operators (operator set 11) as it grows layer by layer. Maps are {@code [N, C, H, W]} between layers, whatever the model's own
 * order.
 */
final class OnnxGraph {
    static final String INPUT = "images";
    static final String OUTPUT = "probabilities";

    private static final int IR_VERSION = 6;
    private static final int OPERATOR_SET = 11;
    private static final String BATCH = "N";

    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final ImageShape input;
    private final Map<String, ParameterTensor> tensors;
    private final FloatBuffer parameters;
    private final Set<String> names = new HashSet<>(Set.of(INPUT, OUTPUT));
    private String current = INPUT;

    /**
     * @param input shape of the images that the graph takes
     * @param tensors of the flat vector, by their full names
     * @param parameters the flat vector
     */
    OnnxGraph(ImageShape input, Map<String, ParameterTensor> tensors, FloatBuffer parameters) {
        this.input = input;
        this.tensors = tensors;
        this.parameters = parameters;
    }

    DataFormat format() {
        return input.format();
    }

    /** Values 0 to 255 become what the network sees: {@code (v - mean) / deviation} of each channel. */
    void normalize(double[] mean, double[] deviation) {
        long[] shape = input.format() == DataFormat.CHANNELS_LAST
                ? new long[] {1, 1, 1, mean.length}
                : new long[] {1, mean.length, 1, 1};
        apply("centred", "Sub", List.of(constant("mean", shape, mean)));
        apply("normalized", "Div", List.of(constant("deviation", shape, deviation)));
    }

    /** The images in the order of maps. */
    void toMaps() {
        if (input.format() == DataFormat.CHANNELS_LAST) {
            apply("maps", "Transpose", List.of(), integers("perm", 0, 3, 1, 2));
        }
    }

    /** A name that nothing in the graph has, for layers may be called as they like. */
    private String unique(String name) {
        String free = name;
        for (int i = 2; !names.add(free); i++) {
            free = name + "_" + i;
        }
        return free;
    }

    /**
     * Adds a node behind the last one.
     *
     * @param name of the node and of what comes out of it; a number is added where it is taken
     * @param others inputs after the first, which is what came out of the last
     */
    void apply(String name, String operator, List<String> others, AttributeProto... attributes) {
        add(unique(name), operator, others, attributes);
    }

    private void add(String name, String operator, List<String> others, AttributeProto... attributes) {
        graph.addNode(NodeProto.newBuilder()
                .setName(name)
                .setOpType(operator)
                .addInput(current)
                .addAllInput(others)
                .addOutput(name)
                .addAllAttribute(List.of(attributes)));
        current = name;
    }

    /** Adds a node that combines what came out of the last one with what came out of it before the function was applied. */
    void combine(String name, String operator, String before) {
        apply(name, operator, List.of(before));
    }

    /** What came out of the last node. */
    String current() {
        return current;
    }

    /**
     * A parameter array of a layer, as it stands in the flat vector: a convolution's kernel {@code [out, in, height, width]}, a dense layer's
     * {@code [out, in]}.
     */
    String weight(String layer, WeightArray array) {
        ParameterTensor tensor = tensors.get(layer + "/" + array.name());
        List<Integer> keras = array.layout().shape();
        List<Long> shape = new ArrayList<>();
        for (int axis = keras.size() - 1; axis >= Math.max(0, keras.size() - 2); axis--) {
            shape.add((long) keras.get(axis));
        }
        keras.subList(0, Math.max(0, keras.size() - 2)).forEach(size -> shape.add((long) size));
        ByteBuffer bytes = bytes((int) tensor.length());
        bytes.asFloatBuffer().put(parameters.slice((int) tensor.offset(), (int) tensor.length()));
        return initializer(tensor.fullName(), shape, bytes);
    }

    String constant(String name, long[] shape, double... values) {
        ByteBuffer bytes = bytes(values.length);
        for (int i = 0; i < values.length; i++) {
            bytes.putFloat(Float.BYTES * i, (float) values[i]);
        }
        return initializer(name, LongStream.of(shape).boxed().toList(), bytes);
    }

    String constant(String wanted, long... values) {
        String name = unique(wanted);
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        graph.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64)
                .addDims(values.length)
                .setRawData(ByteString.copyFrom(bytes)));
        return name;
    }

    private static ByteBuffer bytes(int floats) {
        return ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, floats)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private String initializer(String wanted, List<Long> shape, ByteBuffer bytes) {
        String name = unique(wanted);
        graph.addInitializer(TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT)
                .addAllDims(shape)
                .setRawData(ByteString.copyFrom(bytes)));
        return name;
    }

    static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    static AttributeProto real(String name, double value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF((float) value)
                .build();
    }

    static AttributeProto integers(String name, long... values) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        return attribute.build();
    }

    /**
     * Closes the graph with softmax.
     *
     * @param name of the network
     * @param classes outputs
     * @param properties what else is known
     * @param out takes the model
     */
    void finish(String name, int classes, Map<String, String> properties, OutputStream out) throws IOException {
        add(OUTPUT, "Softmax", List.of(), integer("axis", 1));
        long[] image = input.tensor(1);
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(BATCH));
        for (int axis = 1; axis < image.length; axis++) {
            shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(image[axis]));
        }
        TensorShapeProto.Builder scores = TensorShapeProto.newBuilder()
                .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(BATCH))
                .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(classes));
        graph.setName(name).addInput(value(INPUT, shape)).addOutput(value(OUTPUT, scores));
        ModelProto.Builder model = ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("Starling")
                .setProducerVersion(Version.current())
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATOR_SET))
                .setGraph(graph);
        properties.forEach((key, value) -> model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
        model.build().writeTo(out);
    }

    private static ValueInfoProto value(String name, TensorShapeProto.Builder shape) {
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT)
                                .setShape(shape)))
                .build();
    }
}
