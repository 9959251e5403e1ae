package org.starling.averaging;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.apache.spark.util.KnownSizeEstimation;
import org.starling.model.Slice;

/**
 * A slice on its way from a replica to the average. Its values stay in the replica's vector until they are written, so that no copy of the vector
 * waits in memory.
 */
public final class Contribution implements KnownSizeEstimation {
    /** Bytes that are copied and written at a time, and stay in the cache between. */
    private static final int CHUNK = 1 << 16;

    /** Of the object itself, roughly: what Spark is to think that it holds. */
    private static final int OVERHEAD = 128;

    private final Slice head;
    private final FloatBuffer rest;

    /**
     * @param head header and values, or as many of them as there are
     * @param rest the values that follow; none for null
     */
    private Contribution(Slice head, FloatBuffer rest) {
        this.head = head;
        this.rest = rest;
    }

    /** A slice that is in memory already. */
    public static Contribution of(Slice slice) {
        return new Contribution(slice, null);
    }

    /** @param values which nobody changes before they are written */
    public static Contribution of(int vector, int index, int replica, FloatBuffer values) {
        return new Contribution(Slice.header(vector, index, replica, values.remaining()), values);
    }

    int vector() {
        return head.vector();
    }

    int index() {
        return head.index();
    }

    int replica() {
        return head.replica();
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(head.bytes());
        if (rest == null) {
            return;
        }
        byte[] chunk = new byte[Math.min(CHUNK, rest.remaining() * Float.BYTES)];
        FloatBuffer values =
                ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (int done = rest.position(); done < rest.limit(); done += values.capacity()) {
            int n = Math.min(values.capacity(), rest.limit() - done);
            values.put(0, rest, done, n);
            out.write(chunk, 0, n * Float.BYTES);
        }
    }

    /** A copy where the values are not in memory of their own yet. */
    public Slice toSlice() {
        if (rest == null) {
            return head;
        }
        Slice slice = Slice.zero(vector(), index(), replica(), rest.remaining());
        slice.values().put(rest.duplicate());
        return slice;
    }

    @Override
    public long estimatedSize() {
        return head.bytes().length + OVERHEAD;
    }
}
