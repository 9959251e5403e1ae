package org.starling.kernels.average;

import java.nio.FloatBuffer;

/** Looks for infinities and NaNs. */
public final class FiniteNumbers {
    private static final int CHUNK = 1 << 12;
    private static final int INFINITY = 0x7f80_0000;
    private static final int MAGNITUDE = 0x7fff_ffff;

    private FiniteNumbers() {}

    /** Whether the first {@code n} values are all finite. */
    public static boolean all(float[] values, int n) {
        // Infinities and NaNs have the largest exponent. A maximum of whole numbers runs in lanes, which a sum of
        // floats does not.
        int largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & MAGNITUDE);
        }
        return largest < INFINITY;
    }

    /** Whether the values from position to limit are all finite. */
    public static boolean all(FloatBuffer values) {
        float[] chunk = new float[Math.min(CHUNK, values.remaining())];
        for (int from = values.position(); from < values.limit(); from += chunk.length) {
            int n = Math.min(chunk.length, values.limit() - from);
            values.get(from, chunk, 0, n);
            if (!all(chunk, n)) {
                return false;
            }
        }
        return true;
    }
}
