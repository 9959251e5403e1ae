package org.starling.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.starling.InputException;
import org.starling.model.Slice;

class SliceFileTest {
    private static final List<Slice> SLICES = List.of(
            Slice.of(0, 0, Slice.SHARED, new float[] {1, -2.5f, Float.MIN_VALUE}, 3),
            Slice.of(0, 2, Slice.SHARED, new float[] {Float.MAX_VALUE, 0, 7}, 2),
            Slice.of(1, 0, 4, new float[0], 0));

    private final byte[] file;
    private final Checkpoint.Part part;

    SliceFileTest() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        part = SliceFile.write(out, "part", SLICES.iterator());
        file = out.toByteArray();
    }

    private List<Slice> read(byte[] bytes) throws IOException {
        List<Slice> slices = new ArrayList<>();
        try (SliceFile.Reader reader = new SliceFile.Reader(new ByteArrayInputStream(bytes), "part", part, 12)) {
            reader.forEachRemaining(slices::add);
        }
        return slices;
    }

    private String defect(byte[] bytes) {
        return assertThrows(InputException.class, () -> read(bytes)).getMessage();
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        List<Slice> slices = read(file);
        assertEquals(3, slices.size());
        for (int i = 0; i < 3; i++) {
            assertEquals(SLICES.get(i).vector(), slices.get(i).vector());
            assertEquals(SLICES.get(i).index(), slices.get(i).index());
            assertEquals(SLICES.get(i).replica(), slices.get(i).replica());
            assertArrayEquals(SLICES.get(i).toFloats(), slices.get(i).toFloats());
        }
        assertEquals(file.length, part.length());
    }

    @Test
    void everyFlippedBitIsFound() {
        for (int i = 0; i < file.length * 8; i++) {
            byte[] damaged = file.clone();
            damaged[i / 8] ^= (byte) (1 << (i % 8));
            assertTrue(defect(damaged).contains("is damaged"), "bit " + i);
        }
    }

    @Test
    void everyTruncationIsFoundAndNamed() {
        for (int length = 0; length < file.length; length++) {
            String message = defect(Arrays.copyOf(file, length));
            assertTrue(message.contains("it ends after " + length + " bytes"), message);
        }
    }

    @Test
    void whatFollowsTheLastSliceIsFound() {
        assertTrue(defect(Arrays.copyOf(file, file.length + 1)).contains("is damaged"));
    }
}
