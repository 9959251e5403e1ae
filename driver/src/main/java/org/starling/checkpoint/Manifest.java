package org.starling.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.checkpoint.CoefficientsFormat.MalformedException;

/**
 * A {@link Checkpoint} as the file {@code manifest.json}. From version 2 it ends with its own CRC32C, of all its bytes with zeros in the place
 * of the checksum's digits: a flipped bit in a round's number would otherwise be another round.
 */
final class Manifest {
    static final String NAME = "manifest.json";

    /** Thousands of parts are some hundred kilobytes. */
    private static final int LARGEST = 16 << 20;

    /** A part's name: its partition and the attempt that wrote it. It names a file in the folder, never another place. */
    private static final Pattern PART = Pattern.compile("part-\\d{5,}-\\d+");

    private static final int FIRST_WITH_CHECKSUM = 2;
    private static final String CHECKSUM = "manifestCrc32c";
    private static final byte[] CHECKSUM_FIELD = ascii("\"" + CHECKSUM + "\" : \"");
    private static final byte[] NO_CHECKSUM = ascii("00000000");

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Manifest() {}

    static String partName(int partition, long attempt) {
        return String.format("part-%05d-%d", partition, attempt);
    }

    static boolean isPart(String name) {
        return PART.matcher(name).matches();
    }

    static void write(FileSystem fs, Path file, Checkpoint checkpoint) throws IOException {
        try (OutputStream out = fs.create(file, false)) {
            out.write(bytes(checkpoint));
        }
    }

    static byte[] bytes(Checkpoint checkpoint) throws JsonProcessingException {
        ObjectNode tree = JSON.valueToTree(checkpoint);
        tree.put(CHECKSUM, new String(NO_CHECKSUM, StandardCharsets.US_ASCII));
        byte[] bytes = JSON.writeValueAsBytes(tree);
        byte[] digits = checksum(bytes);
        System.arraycopy(digits, 0, bytes, checksumAt(bytes), digits.length);
        return bytes;
    }

    /** @throws MalformedException with the defect, when the bytes are no manifest of a version that this Starling reads */
    static Checkpoint read(FileSystem fs, Path file) throws IOException {
        try (InputStream in = fs.open(file)) {
            return parse(in.readNBytes(LARGEST));
        }
    }

    static Checkpoint parse(byte[] bytes) throws IOException {
        if (bytes.length == 0) {
            throw new MalformedException("its " + NAME + " is empty");
        }
        try {
            JsonNode tree = JSON.readTree(bytes);
            int version = tree.path("formatVersion").asInt(-1);
            if (version < 1 || version > Checkpoint.FORMAT_VERSION) {
                throw new MalformedException("its " + NAME + " has format version "
                        + tree.path("formatVersion").asText("(none)")
                        + ", and this Starling reads versions 1 to " + Checkpoint.FORMAT_VERSION);
            }
            JsonNode checksum = ((ObjectNode) tree).remove(CHECKSUM);
            if (version >= FIRST_WITH_CHECKSUM || checksum != null) {
                requireChecksum(bytes, checksum);
            }
            return requireComplete(JSON.treeToValue(tree, Checkpoint.class));
        } catch (JsonProcessingException e) {
            throw new MalformedException("its " + NAME + " is damaged: " + e.getOriginalMessage());
        } catch (CharConversionException e) {
            // Its first bytes look like another encoding's.
            throw new MalformedException("its " + NAME + " is damaged: " + e.getMessage());
        }
    }

    private static void requireChecksum(byte[] bytes, JsonNode said) throws MalformedException {
        int at = checksumAt(bytes);
        if (said == null || at < 0) {
            throw new MalformedException("its " + NAME + " is damaged: it lacks its checksum");
        }
        byte[] found = Arrays.copyOfRange(bytes, at, at + NO_CHECKSUM.length);
        byte[] zeroed = bytes.clone();
        System.arraycopy(NO_CHECKSUM, 0, zeroed, at, NO_CHECKSUM.length);
        byte[] expected = checksum(zeroed);
        if (!Arrays.equals(found, expected)) {
            throw new MalformedException("its " + NAME + " is damaged: its CRC32C is "
                    + new String(expected, StandardCharsets.US_ASCII) + ", it says " + said.asText());
        }
    }

    /** Where the checksum's digits are, the last such field of the file; -1 when there is none. */
    private static int checksumAt(byte[] bytes) {
        for (int i = bytes.length - CHECKSUM_FIELD.length - NO_CHECKSUM.length; i >= 0; i--) {
            if (Arrays.equals(bytes, i, i + CHECKSUM_FIELD.length, CHECKSUM_FIELD, 0, CHECKSUM_FIELD.length)) {
                return i + CHECKSUM_FIELD.length;
            }
        }
        return -1;
    }

    private static byte[] checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return ascii(String.format("%08x", crc.getValue()));
    }

    /** What version 1, which has no checksum, could lack, and what no file may make us believe. */
    private static Checkpoint requireComplete(Checkpoint c) throws MalformedException {
        if (c.starlingVersion() == null || c.identity() == null || c.settings() == null || c.progress() == null) {
            throw new MalformedException("its " + NAME + " is damaged: a field is missing");
        }
        if (c.parts() == null || c.parts().isEmpty() || c.parts().size() != c.replicas()) {
            throw new MalformedException("its " + NAME + " is damaged: it names "
                    + (c.parts() == null ? 0 : c.parts().size()) + " parts for " + c.replicas() + " replicas");
        }
        if (c.round() < 0 || c.epoch() < 0 || c.step() < 0 || c.parameters() < 1 || !isSliceLength(c.sliceLength())) {
            throw new MalformedException("its " + NAME + " is damaged: a number is out of its range");
        }
        Set<String> names = new HashSet<>();
        for (Checkpoint.Part part : c.parts()) {
            if (part == null || part.name() == null || !isPart(part.name()) || !names.add(part.name())) {
                throw new MalformedException(
                        "its " + NAME + " is damaged: it names a part " + (part == null ? null : part.name()));
            }
        }
        return c;
    }

    private static boolean isSliceLength(int length) {
        return length > 0 && length <= Integer.MAX_VALUE / Float.BYTES;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
