package org.starling.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import org.starling.kernels.average.FiniteNumbers;

/**
 * The bytes in which ND4J writes a {@code [1, count]} row vector of floats ({@code Nd4j.write}): a header with the shape, and the values,
 * big-endian. Written and read in pieces, without an array of the whole.
 */
final class CoefficientsFormat {
    private static final String ALLOCATION = "MIXED_DATA_TYPES";

    /** ND4J's mark of 32-bit floats in a shape. */
    private static final long FLOAT_BIT = 1L << 13;

    private static final int BUFFER_FLOATS = 16 << 10;

    private CoefficientsFormat() {}

    /**
     * @param count values of the vector
     * @param values its values in order, in chunks of any length
     * @throws IllegalStateException when the chunks hold more or fewer values
     */
    static void write(OutputStream out, long count, Iterator<float[]> values) throws IOException {
        out.write(header(count));
        ByteBuffer bytes = ByteBuffer.allocate(4 * BUFFER_FLOATS);
        long written = 0;
        while (values.hasNext()) {
            float[] chunk = values.next();
            for (int from = 0; from < chunk.length; from += BUFFER_FLOATS) {
                int n = Math.min(BUFFER_FLOATS, chunk.length - from);
                bytes.asFloatBuffer().put(chunk, from, n);
                out.write(bytes.array(), 0, 4 * n);
            }
            written += chunk.length;
        }
        if (written != count) {
            throw new IllegalStateException("a model of " + count + " parameters was given " + written);
        }
    }

    private static byte[] header(long count) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        // Rank, rows, columns, two strides, type, element stride, order.
        long[] shape = {2, 1, count, 1, 1, FLOAT_BIT, 1, 'c'};
        data.writeUTF(ALLOCATION);
        data.writeLong(shape.length);
        data.writeUTF("LONG");
        for (long word : shape) {
            data.writeLong(word);
        }
        data.writeUTF(ALLOCATION);
        data.writeLong(count);
        data.writeUTF("FLOAT");
        return bytes.toByteArray();
    }

    /** Takes values in order. */
    interface Sink {
        /** The first {@code n} values of {@code chunk}, an array that is used again. */
        void accept(float[] chunk, int n);
    }

    /**
     * @param count values that are expected
     * @throws MalformedException when the bytes are not {@code count} finite floats and nothing else
     */
    static void read(InputStream in, long count, Sink sink) throws IOException {
        DataInputStream data = new DataInputStream(in);
        byte[] header = header(count);
        if (!Arrays.equals(data.readNBytes(header.length), header)) {
            throw new MalformedException("its coefficients are not a vector of " + count + " floats");
        }
        ByteBuffer bytes = ByteBuffer.allocate(4 * BUFFER_FLOATS);
        float[] chunk = new float[BUFFER_FLOATS];
        try {
            for (long left = count; left > 0; ) {
                int n = (int) Math.min(BUFFER_FLOATS, left);
                data.readFully(bytes.array(), 0, 4 * n);
                bytes.asFloatBuffer().get(chunk, 0, n);
                if (!FiniteNumbers.all(chunk, n)) {
                    throw new MalformedException("its coefficients are not all finite numbers");
                }
                sink.accept(chunk, n);
                left -= n;
            }
        } catch (EOFException e) {
            throw new MalformedException("its coefficients end before the " + count + " of its network");
        }
        if (data.read() != -1) {
            throw new MalformedException("its coefficients are more than the " + count + " of its network");
        }
    }

    /** The bytes are not what they should be; the message goes after "cannot be used: ". */
    static final class MalformedException extends IOException {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }
}
