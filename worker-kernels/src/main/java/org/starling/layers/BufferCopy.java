package org.starling.layers;

import java.nio.FloatBuffer;
import org.starling.kernels.ComputeTeam;

/** Copies between DL4J's arrays, which lie outside the heap, and Java's, a part a thread: a minibatch of AlexNet's has 79 MB. */
final class BufferCopy {
    /** Values of a part: one megabyte. */
    private static final int PART = 1 << 18;

    private BufferCopy() {}

    /** Copies the first {@code length} values. */
    static void put(float[] from, FloatBuffer to, int length, ComputeTeam team) {
        int start = to.position();
        team.run(parts(length), part -> {
            int offset = part * PART;
            FloatBuffer own = to.duplicate();
            own.position(start + offset);
            own.put(from, offset, Math.min(PART, length - offset));
        });
    }

    /** Copies the first {@code length} values. */
    static void get(FloatBuffer from, float[] to, int length, ComputeTeam team) {
        int start = from.position();
        team.run(parts(length), part -> {
            int offset = part * PART;
            FloatBuffer own = from.duplicate();
            own.position(start + offset);
            own.get(to, offset, Math.min(PART, length - offset));
        });
    }

    private static int parts(int length) {
        return length / PART + (length % PART == 0 ? 0 : 1);
    }
}
