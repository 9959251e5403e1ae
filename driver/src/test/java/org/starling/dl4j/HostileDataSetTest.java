package org.starling.dl4j;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.core.loader.impl.SerializedDataSetLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.AllocatedMemory;
import org.starling.InputException;
import org.starling.LocalSpark;

/** Files of DataSets made by somebody who means harm. */
class HostileDataSetTest {
    /** Before the shape's longs: flags, the name of the allocation, a count, the type's name. */
    private static final int SHAPE = 1 + 2 + 16 + 8 + 2 + 4;

    private static byte[] saved(DataSet dataSet) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        dataSet.save(bytes);
        return bytes.toByteArray();
    }

    /** Features [3, 4], labels [3, 2]. */
    private static DataSet dataSet() {
        return new DataSet(Nd4j.rand(DataType.FLOAT, 3, 4), Nd4j.rand(DataType.FLOAT, 3, 2));
    }

    private static void check(byte[] bytes) throws IOException {
        new SavedDataSet(new ByteArrayInputStream(bytes), bytes.length).requireSound();
    }

    private static String refusal(byte[] bytes) {
        return AllocatedMemory.atMost(1 << 20, () -> assertThrows(IOException.class, () -> check(bytes)))
                .getMessage();
    }

    private static byte[] withLong(int at, long value) {
        byte[] bytes = saved(dataSet());
        ByteBuffer.wrap(bytes).putLong(at, value);
        return bytes;
    }

    @Test
    void whatDl4jSavesIsSound() throws IOException {
        check(saved(dataSet()));
        check(saved(new DataSet(Nd4j.rand(DataType.FLOAT, 3, 4), null)));
        check(saved(new DataSet(
                Nd4j.rand(DataType.FLOAT, 2, 3, 5),
                Nd4j.rand(DataType.FLOAT, 2, 2, 5),
                Nd4j.ones(DataType.FLOAT, 2, 5),
                Nd4j.ones(DataType.FLOAT, 2, 5))));
        check(saved(new DataSet(
                Nd4j.rand(DataType.FLOAT, 6, 4).tensorAlongDimension(0, 0, 1).transpose(),
                Nd4j.rand(DataType.FLOAT, 4, 2).dup('f'))));
        for (DataType type : List.of(DataType.DOUBLE, DataType.FLOAT16, DataType.INT, DataType.UINT8, DataType.BOOL)) {
            check(saved(new DataSet(Nd4j.ones(type, 3, 4), Nd4j.ones(DataType.FLOAT, 3, 2))));
        }
    }

    /** Says so when it is deserialized. */
    private static final class Bomb implements Serializable {
        private static final long serialVersionUID = 1L;
        private static boolean exploded;

        private void readObject(ObjectInputStream in) {
            exploded = true;
        }
    }

    @Test
    void javaObjectsAreNotDeserialized(@TempDir Path folder) throws IOException {
        DataSet dataSet = dataSet();
        dataSet.setExampleMetaData(List.of(new Bomb()));
        Path file = Files.write(folder.resolve("bomb.bin"), saved(dataSet));
        Exception failure = assertThrows(Exception.class, () -> DataSetFiles.read(
                        LocalSpark.context().parallelize(List.of(file.toUri().toString())),
                        new SerializedDataSetLoader())
                .count());
        String message = InputException.within(failure).orElseThrow().getMessage();
        assertTrue(message.contains("bomb.bin") && message.contains("serialized Java objects"), message);
        assertFalse(Bomb.exploded);
    }

    @Test
    void sizesOf100GigabytesAreNotBelieved() {
        int data = SHAPE + 8 * 8 + 2 + 16;
        assertTrue(refusal(withLong(data, 25_000_000_000L)).contains("25,000,000,000 values"));
        assertTrue(refusal(withLong(data, Long.MAX_VALUE)).contains("values"));
        assertTrue(refusal(withLong(data, -1)).contains("none"));
        assertTrue(refusal(withLong(1 + 2 + 16, 100_000_000_000L)).contains("a shape of 100,000,000,000 values"));
    }

    /** ND4J would read, and write, wherever these lead. */
    @Test
    void shapesAndStridesBeyondTheDataAreRefused() {
        for (long[] lie : new long[][] {
            {0, 3},
            {0, -1},
            {0, 1L << 40},
            {1, 4},
            {1, -3},
            {1, 1L << 62},
            {2, 5},
            {3, 5},
            {3, -4},
            {3, 1L << 62},
            {4, 2}
        }) {
            String message = refusal(withLong(SHAPE + 8 * (int) lie[0], lie[1]));
            assertTrue(message.contains("beyond its 12 values"), Arrays.toString(lie) + ": " + message);
        }
    }

    @Test
    void anythingElseIsRefusedWithoutAnError() {
        byte[] whole = saved(dataSet());
        for (int length = 0; length < whole.length; length++) {
            refusal(Arrays.copyOf(whole, length));
        }
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = whole.clone();
            for (int flips = 0; flips < 3; flips++) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                check(bytes);
            } catch (IOException e) {
                assertTrue(e.getMessage() != null && !e.getMessage().isEmpty());
            }
        }
    }
}
