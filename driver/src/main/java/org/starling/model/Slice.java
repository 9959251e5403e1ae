package org.starling.model;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A piece of a flat vector as it is cached, exchanged and written: raw little-endian floats.
 *
 * @param vector 0 for the parameters, from 1 the optimizer's state vectors
 * @param index which slice of the vector
 * @param replica whose it is, or {@link #SHARED} when it is the same for all
 * @param values floats, little-endian
 */
public record Slice(int vector, int index, int replica, byte[] values) implements Serializable {
    /** Not one replica's: averaged, or a replica's contribution has been combined. */
    public static final int SHARED = -1;

    /** Vector number of the parameters. */
    public static final int PARAMETERS = 0;

    /** Copies the first {@code length} values. */
    public static Slice of(int vector, int index, int replica, float[] values, int length) {
        byte[] bytes = new byte[length * Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values, 0, length);
        return new Slice(vector, index, replica, bytes);
    }

    /** Number of values. */
    public int length() {
        return values.length / Float.BYTES;
    }

    /** Copies the values into {@code target} from {@code offset}. */
    public void copyTo(float[] target, int offset) {
        ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(target, offset, length());
    }

    public float[] toFloats() {
        float[] floats = new float[length()];
        copyTo(floats, 0);
        return floats;
    }
}
