package org.starling.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A piece of a flat vector as it is cached, exchanged and written, in one array, so that handing it on copies no object graph: four big-endian
 * ints (vector, index, replica, bytes of the values), then the values as little-endian floats.
 *
 * @param bytes header and values
 */
public record Slice(byte[] bytes) implements Serializable {
    /** Not one replica's: averaged, or a replica's contribution has been combined. */
    public static final int SHARED = -1;

    /** Vector number of the parameters; the optimizer's state vectors are numbered from 1. */
    public static final int PARAMETERS = 0;

    /** Bytes before the values. */
    public static final int HEADER = 4 * Integer.BYTES;

    /** What an array has room for beside the header. */
    private static final int LARGEST = Integer.MAX_VALUE - HEADER - Long.BYTES;

    /** Bytes that are read at a time. */
    private static final int PIECE = 1 << 16;

    /** A slice whose values are all 0. */
    public static Slice zero(int vector, int index, int replica, int length) {
        byte[] bytes = new byte[HEADER + length * Float.BYTES];
        putHeader(bytes, vector, index, replica, bytes.length - HEADER);
        return new Slice(bytes);
    }

    /** From the bytes that follow the header; something other than values has a negative vector number. */
    public static Slice ofBytes(int vector, int index, int replica, byte[] content) {
        byte[] bytes = new byte[HEADER + content.length];
        putHeader(bytes, vector, index, replica, content.length).put(content);
        return new Slice(bytes);
    }

    /** The header alone of a slice with {@code length} values, which whoever writes it writes after it. */
    public static Slice header(int vector, int index, int replica, int length) {
        byte[] bytes = new byte[HEADER];
        putHeader(bytes, vector, index, replica, length * Float.BYTES);
        return new Slice(bytes);
    }

    private static ByteBuffer putHeader(byte[] bytes, int vector, int index, int replica, int contentBytes) {
        return ByteBuffer.wrap(bytes)
                .putInt(vector)
                .putInt(index)
                .putInt(replica)
                .putInt(contentBytes);
    }

    /** Copies the first {@code length} values. */
    public static Slice of(int vector, int index, int replica, float[] values, int length) {
        Slice slice = zero(vector, index, replica, length);
        slice.values().put(values, 0, length);
        return slice;
    }

    /**
     * Reads header and values.
     *
     * @return null at the end of the stream
     * @throws IOException when the stream ends within, or the header is none
     */
    public static Slice read(InputStream in) throws IOException {
        byte[] header = in.readNBytes(HEADER);
        if (header.length == 0) {
            return null;
        }
        if (header.length < HEADER) {
            throw new IOException("a slice's header ends after " + header.length + " of " + HEADER + " bytes");
        }
        byte[] bytes = withHeader(header);
        int length = bytes.length - HEADER;
        int read = readPieces(in, bytes);
        if (read < length) {
            throw new IOException("a slice ends after " + read + " of " + length + " bytes");
        }
        return new Slice(bytes);
    }

    /**
     * An array for a slice of which the header is known; the values are 0.
     *
     * @throws IOException when the header is none; a damaged length is refused before it is allocated
     */
    public static byte[] withHeader(byte[] header) throws IOException {
        int length = ByteBuffer.wrap(header).getInt(HEADER - Integer.BYTES);
        if (length < 0 || length > LARGEST) {
            throw new IOException("a slice claims " + length + " bytes, at most " + LARGEST + " are possible");
        }
        byte[] bytes = new byte[HEADER + length];
        System.arraycopy(header, 0, bytes, 0, HEADER);
        return bytes;
    }

    /** A file's stream takes a buffer outside the heap for what it is asked for at once, and copies it: small ones stay in the cache. */
    private static int readPieces(InputStream in, byte[] bytes) throws IOException {
        int done = HEADER;
        while (done < bytes.length) {
            int read = in.read(bytes, done, Math.min(PIECE, bytes.length - done));
            if (read < 0) {
                break;
            }
            done += read;
        }
        return done - HEADER;
    }

    /** 0 for the parameters, from 1 the optimizer's state vectors. */
    public int vector() {
        return header(0);
    }

    /** Which slice of the vector. */
    public int index() {
        return header(1);
    }

    /** Whose it is, or {@link #SHARED} when it is the same for all. */
    public int replica() {
        return header(2);
    }

    private int header(int field) {
        return ByteBuffer.wrap(bytes).getInt(field * Integer.BYTES);
    }

    /** Whether the array is a header and what it says follows it, and no more. */
    public boolean isWhole() {
        return bytes.length >= HEADER && header(HEADER / Integer.BYTES - 1) == bytes.length - HEADER;
    }

    /** A copy of what follows the header. */
    public byte[] content() {
        return Arrays.copyOfRange(bytes, HEADER, bytes.length);
    }

    /** Number of values. */
    public int length() {
        return (bytes.length - HEADER) / Float.BYTES;
    }

    /** The values themselves, no copy. */
    public FloatBuffer values() {
        return ByteBuffer.wrap(bytes, HEADER, bytes.length - HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
    }

    /** Copies the values into {@code target} from {@code offset}. */
    public void copyTo(float[] target, int offset) {
        values().get(target, offset, length());
    }

    public float[] toFloats() {
        float[] floats = new float[length()];
        copyTo(floats, 0);
        return floats;
    }
}
