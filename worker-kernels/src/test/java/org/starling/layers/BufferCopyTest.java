package org.starling.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.kernels.ComputeTeam;

class BufferCopyTest {
    private static final int BEFORE = 3;
    private static final int AFTER = 5;

    /** Less than a part, whole parts, and what is left over. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1 << 18, 3 << 18, (3 << 18) + 7})
    void allValuesAndNoOthersAreCopied(int length) {
        Random random = new Random(length);
        float[] values = new float[length + AFTER];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        FloatBuffer buffer = FloatBuffer.allocate(BEFORE + length + AFTER).position(BEFORE);
        float[] back = new float[length + AFTER];
        try (ComputeTeam team = new ComputeTeam(3)) {
            BufferCopy.put(values, buffer, length, team);
            BufferCopy.get(buffer, back, length, team);
        }
        for (int i = 0; i < buffer.capacity(); i++) {
            boolean copied = i >= BEFORE && i < BEFORE + length;
            assertEquals(copied ? values[i - BEFORE] : 0, buffer.get(i));
        }
        for (int i = 0; i < back.length; i++) {
            assertEquals(i < length ? values[i] : 0, back[i]);
        }
    }
}
