package org.starling.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.checkpoint.CoefficientsFormat.MalformedException;

class ManifestTest {
    private static final Checkpoint CHECKPOINT = new Checkpoint(
            Checkpoint.FORMAT_VERSION,
            "1.2.3",
            new TreeSet<>(Set.of("vector-512", "scalar")),
            12,
            3,
            4,
            195,
            4096,
            2,
            new TreeMap<>(Map.of("model", "ab\u00e9")),
            new TreeMap<>(Map.of("key", "\"manifestCrc32c\" : \"00000000\"")),
            new TreeMap<>(Map.of("best", 1e-7)),
            0.75,
            List.of(new Checkpoint.Part("part-00000-7", 2, 1600, 1), new Checkpoint.Part("part-00001-9", 1, 804, 2)));

    private static String defect(byte[] bytes) {
        return assertThrows(MalformedException.class, () -> Manifest.parse(bytes))
                .getMessage();
    }

    private static byte[] manifest() throws IOException {
        return Manifest.bytes(CHECKPOINT);
    }

    /** As a stranger would write it: the text with its checksum put in. */
    private static byte[] text(String before, String after) throws IOException {
        String text = new String(manifest(), StandardCharsets.UTF_8);
        assertTrue(text.contains(before), text);
        return sealed(text.replace(before, after));
    }

    private static byte[] sealed(String text) {
        int digits = text.lastIndexOf('"') - 8;
        String zeroed = text.substring(0, digits) + "00000000" + text.substring(digits + 8);
        CRC32C crc = new CRC32C();
        crc.update(zeroed.getBytes(StandardCharsets.UTF_8));
        return (text.substring(0, digits) + String.format("%08x", crc.getValue()) + text.substring(digits + 8))
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        assertEquals(CHECKPOINT, Manifest.parse(manifest()));
        assertEquals(CHECKPOINT, Manifest.parse(text("12", "12")));
    }

    @Test
    void everyFlippedBitIsFound() throws IOException {
        byte[] bytes = manifest();
        for (int i = 0; i < bytes.length * 8; i++) {
            byte[] damaged = bytes.clone();
            damaged[i / 8] ^= (byte) (1 << (i % 8));
            assertTrue(defect(damaged).startsWith("its manifest.json "), "bit " + i);
        }
    }

    @Test
    void everyTruncationAndEveryExtensionIsFound() throws IOException {
        byte[] bytes = manifest();
        assertEquals("its manifest.json is empty", defect(new byte[0]));
        for (int length = 1; length < bytes.length; length++) {
            assertTrue(defect(Arrays.copyOf(bytes, length)).contains(" is damaged"), "length " + length);
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        longer[bytes.length] = ' ';
        assertTrue(defect(longer).contains(" is damaged"));
    }

    @Test
    void unknownVersionsAreRefusedByName() throws IOException {
        for (String version : List.of("3", "0", "-1", "99", "\"two\"")) {
            String defect = defect(text("\"formatVersion\" : 2", "\"formatVersion\" : " + version));
            assertTrue(defect.contains("format version " + version.replace("\"", "")), defect);
            assertTrue(defect.contains("reads versions 1 to 2"), defect);
        }
    }

    @Test
    void aVersionOneWithAChecksumMustFitIt() throws IOException {
        byte[] bytes = new String(manifest(), StandardCharsets.UTF_8)
                .replace("\"formatVersion\" : 2", "\"formatVersion\" : 1")
                .getBytes(StandardCharsets.UTF_8);
        assertTrue(defect(bytes).contains("CRC32C"), defect(bytes));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../part-00000-7",
                "/etc/passwd",
                "manifest.json",
                "part-00001-9",
                "part-00000-7/x",
                "",
                "part-0-7",
            })
    void aPartThatIsNoPartsNameIsRefused(String name) throws IOException {
        String defect = defect(text("\"part-00000-7\"", "\"" + name + "\""));
        assertTrue(defect.contains("names a part " + name), defect);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "replicas | 3 | 2 parts for 3 replicas",
                "replicas | null | null",
                "parts | [] | 0 parts",
                "parts | null | 0 parts",
                "sliceLength | 0 | out of its range",
                "sliceLength | 2147483647 | out of its range",
                "parameters | 0 | out of its range",
                "step | -1 | out of its range",
                "progress | null | a field is missing",
                "identity | null | a field is missing",
                "round | \"twelve\" | twelve",
                "more | 1 | more",
            })
    void aFieldThatCannotBeIsRefused(String key, String value, String problem) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode tree = (ObjectNode) json.readTree(manifest());
        JsonNode checksum = tree.remove("manifestCrc32c");
        tree.set(key, json.readTree(value));
        tree.set("manifestCrc32c", checksum);
        String text = json.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
        String defect = defect(sealed(text));
        assertTrue(defect.contains("is damaged"), defect);
        assertTrue(defect.contains(problem), defect);
    }
}
