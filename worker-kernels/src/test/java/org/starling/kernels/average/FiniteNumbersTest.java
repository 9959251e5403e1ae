package org.starling.kernels.average;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FiniteNumbersTest {
    private static final int LENGTH = 10_001;

    private static boolean buffer(float[] values) {
        FloatBuffer direct =
                ByteBuffer.allocateDirect((LENGTH + 2) * Float.BYTES).asFloatBuffer();
        direct.put(Float.NaN).put(values).put(Float.NaN).position(1).limit(LENGTH + 1);
        boolean all = FiniteNumbers.all(direct);
        assertEquals(1, direct.position());
        return all;
    }

    @Test
    void oneInfiniteOrUndefinedValueIsFoundWhereverItIs() {
        float[] values = new float[LENGTH];
        for (float good : new float[] {0, -0f, Float.MIN_VALUE, Float.MAX_VALUE, -Float.MAX_VALUE}) {
            Arrays.fill(values, good);
            assertTrue(FiniteNumbers.all(values, LENGTH));
            assertTrue(buffer(values));
        }
        for (float bad : new float[] {
            Float.NaN, Float.intBitsToFloat(0xffc0_0001), Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
        }) {
            for (int position : new int[] {0, 4095, 4096, LENGTH / 2, LENGTH - 1}) {
                float good = values[position];
                values[position] = bad;
                assertFalse(FiniteNumbers.all(values, LENGTH), bad + " at " + position);
                assertFalse(buffer(values), bad + " at " + position);
                values[position] = good;
            }
        }
    }

    @Test
    void whatIsBehindTheEndDoesNotCount() {
        assertTrue(FiniteNumbers.all(new float[] {1, Float.NaN}, 1));
        assertTrue(FiniteNumbers.all(new float[0], 0));
        assertTrue(FiniteNumbers.all(FloatBuffer.allocate(0)));
    }
}
