package org.starling.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.AllocatedMemory;
import org.starling.InputException;
import org.starling.checkpoint.CoefficientsFormat.MalformedException;
import org.starling.model.Slice;
import org.starling.model.SlicePlan;

/** Checkpoints made by somebody who means harm and can compute a checksum: each is refused by name, and takes no memory. */
class HostileCheckpointTest {
    private static final long BOUND = 200L << 20;

    private static Checkpoint honest() {
        return new Checkpoint(
                Checkpoint.FORMAT_VERSION,
                "test",
                new TreeSet<>(List.of("scalar")),
                3,
                0,
                3,
                100,
                40,
                2,
                new TreeMap<>(Map.of("model", "m")),
                new TreeMap<>(),
                new TreeMap<>(),
                null,
                List.of(
                        new Checkpoint.Part("part-00000-1", 2, 300, 5),
                        new Checkpoint.Part("part-00001-2", 1, 200, 6)));
    }

    /** The manifest with something changed, and the checksum of that. */
    private static byte[] changed(Consumer<ObjectNode> change) throws IOException {
        ObjectNode root = (ObjectNode) new ObjectMapper().readTree(Manifest.bytes(honest()));
        change.accept(root);
        root.remove("manifestCrc32c");
        root.put("manifestCrc32c", "00000000");
        String text = root.toPrettyString();
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        int at = text.lastIndexOf("00000000");
        return (text.substring(0, at) + String.format("%08x", crc.getValue()) + text.substring(at + 8))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String refusal(byte[] manifest) {
        String message = AllocatedMemory.atMost(
                        BOUND, () -> assertThrows(MalformedException.class, () -> Manifest.parse(manifest)))
                .getMessage();
        assertTrue(message.startsWith("its manifest.json "), message);
        assertTrue(message.length() < 1000, () -> "a message of " + message.length() + " characters");
        return message;
    }

    @Test
    void aManifestWithItsChecksumIsRead() throws IOException {
        assertEquals(honest(), Manifest.parse(changed(root -> {})));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../../etc/passwd",
                "/etc/passwd",
                "part-00000-1/../../x",
                "part-00000-1\n",
                "hdfs://other/part-00000-1",
                ""
            })
    void partsElsewhereAreRefused(String name) throws IOException {
        assertTrue(refusal(changed(root -> ((ObjectNode) root.at("/parts/1")).put("name", name)))
                .contains("names a part"));
    }

    @Test
    void numbersOutOfTheirRangeAreRefused() throws IOException {
        for (Map.Entry<String, Long> lie : List.of(
                Map.entry("parameters", -1L),
                Map.entry("parameters", 0L),
                Map.entry("parameters", Long.MAX_VALUE),
                Map.entry("parameters", 25_000_000_000L),
                Map.entry("sliceLength", 0L),
                Map.entry("sliceLength", -40L),
                Map.entry("sliceLength", (long) Integer.MAX_VALUE),
                Map.entry("replicas", -2L),
                Map.entry("replicas", 3L),
                Map.entry("round", -1L),
                Map.entry("round", 1L << 40),
                Map.entry("epoch", -1L),
                Map.entry("step", -1L),
                Map.entry("formatVersion", 99L))) {
            refusal(changed(root -> root.put(lie.getKey(), lie.getValue())));
        }
    }

    @Test
    void textsWithoutEndAreRefusedAndNotPrinted() throws IOException {
        String megabyte = "x".repeat(1 << 20);
        refusal(changed(root -> ((ObjectNode) root.at("/parts/0")).put("name", megabyte)));
        refusal(changed(root -> root.put("formatVersion", megabyte)));
        assertTrue(refusal(("{\"a\": " + "[".repeat(100_000)).getBytes(StandardCharsets.UTF_8))
                .contains("depth"));
        assertTrue(refusal(("{\"a\": [" + "{},".repeat(1_000_000) + "{}]}").getBytes(StandardCharsets.UTF_8))
                .contains("more than 500,000"));
    }

    /** A class name is a field like any other, which no record has. */
    @Test
    void classNamesAreNotLookedAt() throws IOException {
        refusal(changed(root -> root.put("@class", "java.lang.Runtime")));
        refusal(changed(
                root -> root.putArray("identity").add("java.lang.Runtime").addObject()));
    }

    @Test
    void aSliceThatSaysTwoGigabytesTakesNoMemory() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(file);
        out.writeBytes("STARLING");
        for (int header : new int[] {0, 0, Slice.SHARED, Integer.MAX_VALUE - 100}) {
            out.writeInt(header);
        }
        out.write(new byte[1000]);
        Checkpoint.Part part = new Checkpoint.Part("part-00000-1", 1, file.size(), 0);
        String message = AllocatedMemory.atMost(1 << 20, () -> {
                    InputException damaged = assertThrows(InputException.class, () -> {
                        try (SliceFile.Reader reader = new SliceFile.Reader(
                                new ByteArrayInputStream(file.toByteArray()), "part", part, Integer.MAX_VALUE)) {
                            reader.next();
                        }
                    });
                    return damaged;
                })
                .getMessage();
        assertTrue(message.contains("it ends after"), message);
    }

    /** 100 values in slices of 40, dealt to two parts: this one is the first, with slices 0 and 2. */
    private static void place(Slice... slices) {
        Iterator<Slice> placed =
                new PlacedSlices(List.of(slices).iterator(), "part-00000-1", new SlicePlan(100, 40), 0, 2);
        placed.forEachRemaining(slice -> {});
    }

    private static Slice slice(int vector, int index, int replica, int length) {
        return Slice.zero(vector, index, replica, length);
    }

    @Test
    void slicesAreWhereTheyBelong() {
        Slice first = slice(0, 0, Slice.SHARED, 40);
        Slice last = slice(0, 2, Slice.SHARED, 20);
        place(first, last);
        place(first, last, slice(1, 0, Slice.SHARED, 40), slice(1, 1, 0, 40));
        for (Slice wrong : List.of(
                slice(-1, 0, Slice.SHARED, 40),
                slice(0, -2, Slice.SHARED, 40),
                slice(0, 4, Slice.SHARED, 40),
                slice(0, 1, Slice.SHARED, 40),
                slice(0, 2, Slice.SHARED, 40),
                slice(0, 0, Slice.SHARED, 41),
                slice(0, 0, Slice.SHARED, 0),
                slice(1, 0, 1, 40),
                slice(1, 0, -7, 40))) {
            InputException refusal = assertThrows(InputException.class, () -> place(first, last, wrong));
            assertTrue(refusal.getMessage().contains("part-00000-1 is damaged"), refusal.getMessage());
        }
        assertTrue(assertThrows(InputException.class, () -> place(first))
                .getMessage()
                .contains("1 slices of the parameters, where there are 2"));
        assertThrows(InputException.class, () -> place(first, last, first));
    }
}
