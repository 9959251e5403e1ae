package org.starling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Objects as JSON that ends with its own CRC32C, of all its bytes with zeros in the place of the checksum's digits: a flipped bit in a number would
 * otherwise be another number.
 */
public final class ChecksummedJson {
    private static final String CHECKSUM = "manifestCrc32c";
    private static final byte[] CHECKSUM_FIELD = ascii("\"" + CHECKSUM + "\" : \"");
    private static final byte[] NO_CHECKSUM = ascii("00000000");

    private static final ObjectMapper JSON = BoundedJson.mapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** What is wrong with a text, in words that go on after its name. */
    public static final class DefectException extends IOException {
        private static final long serialVersionUID = 1L;

        public DefectException(String defect) {
            super(defect);
        }
    }

    private final byte[] bytes;
    private final ObjectNode tree;
    private final JsonNode checksum;

    private ChecksummedJson(byte[] bytes, ObjectNode tree, JsonNode checksum) {
        this.bytes = bytes;
        this.tree = tree;
        this.checksum = checksum;
    }

    /** The object's text. */
    public static byte[] write(Object value) {
        ObjectNode tree = JSON.valueToTree(value);
        tree.put(CHECKSUM, new String(NO_CHECKSUM, StandardCharsets.US_ASCII));
        try {
            byte[] bytes = JSON.writeValueAsBytes(tree);
            byte[] digits = checksum(bytes);
            System.arraycopy(digits, 0, bytes, checksumAt(bytes), digits.length);
            return bytes;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(value.toString(), e);
        }
    }

    /** @throws DefectException when the text is no JSON object */
    public static ChecksummedJson read(byte[] bytes) throws DefectException {
        if (bytes.length == 0) {
            throw new DefectException("is empty");
        }
        try {
            if (JSON.readTree(bytes) instanceof ObjectNode tree) {
                return new ChecksummedJson(bytes, tree, tree.remove(CHECKSUM));
            }
            throw new DefectException("is damaged: it is no JSON object");
        } catch (JsonProcessingException e) {
            throw new DefectException("is damaged: " + e.getOriginalMessage());
        } catch (CharConversionException e) {
            // Its first bytes look like another encoding's.
            throw new DefectException("is damaged: " + e.getMessage());
        } catch (DefectException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("of an array", e);
        }
    }

    /** A field of the object, which is missing where there is none. */
    public JsonNode field(String name) {
        return tree.path(name);
    }

    public boolean hasChecksum() {
        return checksum != null;
    }

    /** @throws DefectException when there is no checksum, or it is another's */
    public void requireChecksum() throws DefectException {
        int at = checksumAt(bytes);
        if (checksum == null || at < 0) {
            throw new DefectException("is damaged: it lacks its checksum");
        }
        byte[] found = Arrays.copyOfRange(bytes, at, at + NO_CHECKSUM.length);
        byte[] zeroed = bytes.clone();
        System.arraycopy(NO_CHECKSUM, 0, zeroed, at, NO_CHECKSUM.length);
        byte[] expected = checksum(zeroed);
        if (!Arrays.equals(found, expected)) {
            throw new DefectException("is damaged: its CRC32C is " + new String(expected, StandardCharsets.US_ASCII)
                    + ", it says " + checksum.asText());
        }
    }

    /** @throws DefectException when the object is of another type */
    public <T> T as(Class<T> type) throws DefectException {
        try {
            return JSON.treeToValue(tree, type);
        } catch (JsonProcessingException e) {
            throw new DefectException("is damaged: " + e.getOriginalMessage());
        }
    }

    /** Where the checksum's digits are, the last such field of the text; -1 when there is none. */
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

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
