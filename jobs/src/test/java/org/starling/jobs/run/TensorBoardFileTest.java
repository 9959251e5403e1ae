package org.starling.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.training.TrainingEvent;

/** The file as its format has it, read field by field: protobuf's wire format within TFRecord's frames. */
class TensorBoardFileTest {
    @TempDir
    Path folder;

    /** Fields by number: numbers, texts and messages as bytes; the last of each. */
    private static Map<Integer, Object> fields(ByteBuffer message, List<ByteBuffer> repeated) {
        Map<Integer, Object> fields = new TreeMap<>();
        while (message.hasRemaining()) {
            long key = varint(message);
            int number = (int) (key >>> 3);
            switch ((int) key & 7) {
                case 0 -> fields.put(number, varint(message));
                case 1 -> fields.put(number, message.getDouble());
                case 5 -> fields.put(number, message.getFloat());
                case 2 -> {
                    int length = (int) varint(message);
                    ByteBuffer bytes = message.slice(message.position(), length).order(ByteOrder.LITTLE_ENDIAN);
                    message.position(message.position() + length);
                    fields.put(number, bytes);
                    repeated.add(bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN));
                }
                default -> throw new AssertionError("wire type of key " + key);
            }
        }
        return fields;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static String text(Object bytes) {
        ByteBuffer buffer = ((ByteBuffer) bytes).duplicate();
        byte[] text = new byte[buffer.remaining()];
        buffer.get(text);
        return new String(text);
    }

    private static long unmasked(int masked) {
        int rotated = masked - 0xa282ead8;
        return (rotated >>> 17 | rotated << 15) & 0xFFFFFFFFL;
    }

    private static long checksum(byte[] file, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(file, from, length);
        return crc.getValue();
    }

    private static List<Map<Integer, Object>> events(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        List<Map<Integer, Object>> events = new ArrayList<>();
        while (in.hasRemaining()) {
            int begin = in.position();
            int length = (int) in.getLong();
            assertEquals(checksum(bytes, begin, 8), unmasked(in.getInt()));
            events.add(fields(in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN), new ArrayList<>()));
            in.position(in.position() + length);
            assertEquals(checksum(bytes, begin + 12, length), unmasked(in.getInt()));
        }
        return events;
    }

    private static Map<String, Float> values(Map<Integer, Object> event) {
        Map<String, Float> values = new TreeMap<>();
        List<ByteBuffer> each = new ArrayList<>();
        fields((ByteBuffer) event.get(5), each);
        for (ByteBuffer value : each) {
            Map<Integer, Object> fields = fields(value, new ArrayList<>());
            values.put(text(fields.get(1)), (Float) fields.get(2));
        }
        return values;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("run"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("events.out.tfevents."))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void roundsAndValidationsAreScalarsOfTheirSteps() throws IOException {
        RunFiles run = RunFiles.fresh(folder.resolve("run").toString(), new Configuration());
        run.create("a = 1");
        TensorBoardFile file = new TensorBoardFile(run);
        file.onStart(FakeRun.start());
        FakeRun.rounds(file, 0, FakeRun.ROUNDS_PER_EPOCH);
        file.onEnd(FakeRun.end());
        List<Map<Integer, Object>> events = events(files().get(0));
        assertEquals("brain.Event:2", text(events.get(0).get(3)));
        assertEquals(FakeRun.ROUNDS_PER_EPOCH + 2, events.size());
        for (int round = 1; round <= FakeRun.ROUNDS_PER_EPOCH; round++) {
            Map<Integer, Object> event = events.get(round);
            assertEquals((long) round, event.get(2));
            Map<String, Float> values = values(event);
            assertEquals(5, values.size());
            assertEquals((float) FakeRun.round(round).loss(), values.get("training/loss"));
            assertEquals((float) FakeRun.round(round).accuracy(), values.get("training/accuracy"));
        }
        Map<Integer, Object> validation = events.get(FakeRun.ROUNDS_PER_EPOCH + 1);
        assertEquals((long) FakeRun.ROUNDS_PER_EPOCH, validation.get(2));
        assertEquals(
                (float) FakeRun.result(1).top1Accuracy(), values(validation).get("validation/accuracy"));
    }

    @Test
    void aResumedRunTakesBackWhatCameAfterItsCheckpoint() throws IOException {
        RunFiles run = RunFiles.fresh(folder.resolve("run").toString(), new Configuration());
        run.create("a = 1");
        TensorBoardFile file = new TensorBoardFile(run);
        file.onStart(FakeRun.start());
        file.onResume(new TrainingEvent.Resume(7, "file:/runs/fake/checkpoints/7", List.of()));
        Map<Integer, Object> event = events(files().get(0)).get(1);
        assertEquals(8L, event.get(2));
        // SessionLog.status = START.
        assertEquals(Map.of(1, 1L), fields((ByteBuffer) event.get(7), new ArrayList<>()));
        assertFalse(event.containsKey(5));
    }
}
