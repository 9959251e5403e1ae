package org.starling.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.starling.model.KernelLayout;
import org.starling.model.ParameterTensor;
import org.starling.model.SequentialModel;

/**
 * Weights as Hugging Face's safetensors stores them: the length of a JSON header (64 bits, little endian), the header, and the arrays one after
 * another. They are called LAYER/ARRAY, as in {@code conv1/kernel}, and have Keras's shapes: a kernel is {@code [height, width, in, out]} or
 * {@code [in, out]}.
 */
final class SafetensorsFile {
    private static final int ALIGNMENT = 8;

    private SafetensorsFile() {}

    /** @param parameters the flat vector */
    static void write(SequentialModel model, FloatBuffer parameters, Map<String, String> metadata, OutputStream out)
            throws IOException {
        ObjectNode header = new ObjectMapper().createObjectNode();
        ObjectNode texts = header.putObject("__metadata__");
        metadata.forEach(texts::put);
        long at = 0;
        for (ParameterTensor tensor : model.parameters()) {
            ObjectNode array = header.putObject(tensor.fullName()).put("dtype", "F32");
            model.layout(tensor).shape().forEach(array.putArray("shape")::add);
            long end = at + Float.BYTES * tensor.length();
            array.putArray("data_offsets").add(at).add(end);
            at = end;
        }
        String text = new ObjectMapper().writeValueAsString(header);
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        // Spaces may follow the header, so that the arrays begin where floats may.
        byte[] padded = (text + " ".repeat(-length & (ALIGNMENT - 1))).getBytes(StandardCharsets.UTF_8);
        out.write(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded.length)
                .array());
        out.write(padded);
        for (ParameterTensor tensor : model.parameters()) {
            write(model.layout(tensor), parameters.slice((int) tensor.offset(), (int) tensor.length()), out);
        }
    }

    private static void write(KernelLayout layout, FloatBuffer values, OutputStream out) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values.capacity(); i++) {
            if (!bytes.hasRemaining()) {
                out.write(bytes.array());
                bytes.clear();
            }
            bytes.putFloat(values.get((int) layout.position(i)));
        }
        out.write(bytes.array(), 0, bytes.position());
    }
}
