package org.starling.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import java.util.zip.ZipFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.AllocatedMemory;
import org.starling.InputException;
import org.starling.model.SequentialModel;

/** Models made by somebody who means harm, with a JSON that is right about the zip: each is refused by name, and takes no memory. */
class HostileModelFileTest {
    /** The network has 20 kB of parameters; reading it takes some buffers, and the classes that are loaded meanwhile. */
    private static final long BOUND = 64L << 20;

    private final Configuration configuration = new Configuration();
    private final SequentialModel model = TestModels.batchNormalized("channels_last", 3, 5);
    private final float[] parameters = TestModels.parameters(model, 1);

    @TempDir
    java.nio.file.Path folder;

    private java.nio.file.Path zip;
    private java.nio.file.Path json;
    private byte[] dl4j;
    private byte[] coefficients;

    @BeforeEach
    void write() throws IOException {
        zip = folder.resolve("model.zip");
        json = folder.resolve("model.json");
        ModelFile.write(
                new Path(zip.toUri()),
                configuration,
                TestModels.description(model),
                TestModels.chunks(parameters, 1000));
        try (ZipFile file = new ZipFile(zip.toFile())) {
            dl4j = file.getInputStream(file.getEntry("configuration.json")).readAllBytes();
            coefficients =
                    file.getInputStream(file.getEntry("coefficients.bin")).readAllBytes();
        }
    }

    private SavedModel read() {
        return ModelFile.read(new Path(zip.toUri()), configuration);
    }

    private void refuses(String... expected) throws IOException {
        var before = FileTree.of(folder);
        InputException refusal = AllocatedMemory.atMost(BOUND, () -> assertThrows(InputException.class, this::read));
        for (String text : expected) {
            assertTrue(refusal.getMessage().contains(text), refusal.getMessage());
        }
        assertTrue(
                refusal.getMessage().length() < 3000,
                () -> "long: " + refusal.getMessage().length());
        assertTrue(refusal.getMessage().chars().noneMatch(Character::isISOControl), refusal.getMessage());
        assertEquals(before, FileTree.of(folder));
    }

    /** The JSON says what is true of these bytes. */
    private void put(byte[] bytes) throws IOException {
        replace(zip, bytes);
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        edit("length", bytes.length);
        edit("crc32c", String.format("%08x", checksum.getValue()));
    }

    private void edit(String key, Object value) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = (ObjectNode) mapper.readTree(json.toFile());
        replace(json, mapper.writeValueAsBytes(root.set(key, mapper.valueToTree(value))));
    }

    /** Hadoop's own checksum of local files would find the damage first; other file systems have none. */
    private static void replace(java.nio.file.Path file, byte[] bytes) throws IOException {
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
        Files.write(file, bytes);
    }

    private HostileZip whole() {
        return new HostileZip().stored("configuration.json", dl4j).stored("coefficients.bin", coefficients);
    }

    @Test
    void aZipMadeByHandIsReadWhereItIsAsItShouldBe() throws IOException {
        put(whole().bytes());
        assertArrayEquals(parameters, read().network().params().toFloatVector());
    }

    /** Says so when it is deserialized. */
    private static final class Bomb implements Serializable {
        private static final long serialVersionUID = 1L;
        private static boolean exploded;

        private void readObject(ObjectInputStream in) {
            exploded = true;
        }
    }

    /** DL4J's own reader deserializes both. */
    @ParameterizedTest
    @ValueSource(strings = {"preprocessor.bin", "normalizer.bin", "updater.bin", "updaterState.bin"})
    void javaObjectsAreNotDeserialized(String name) throws IOException {
        ByteArrayOutputStream object = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(object)) {
            out.writeObject(new Bomb());
        }
        put(whole().stored(name, object.toByteArray()).bytes());
        refuses("model.zip", "foreign entry, " + name);
        put(new HostileZip()
                .stored(name, object.toByteArray())
                .stored("coefficients.bin", coefficients)
                .bytes());
        refuses("model.zip", "foreign entry, " + name);
        assertFalse(Bomb.exploded);
    }

    /** The configuration that counts is made from the Keras JSON. */
    @Test
    void classesInDl4jsConfigurationAreNotLoaded() throws IOException {
        byte[] named = new String(dl4j, StandardCharsets.UTF_8)
                .replace("org.deeplearning4j.nn.conf.layers.LossLayer", "javax.swing.JEditorPane")
                .getBytes(StandardCharsets.UTF_8);
        assertFalse(Arrays.equals(dl4j, named));
        put(new HostileZip()
                .stored("configuration.json", named)
                .stored("coefficients.bin", coefficients)
                .bytes());
        assertArrayEquals(parameters, read().network().params().toFloatVector());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../outside.bin",
                "/tmp/outside.bin",
                "..\\outside.bin",
                "a/../coefficients.bin",
                "coefficients.bin/",
                "\u001b[2J\u001b]0;owned\u0007\u202e"
            })
    void otherNamesAreRefusedAndNothingIsWritten(String name) throws IOException {
        put(whole().stored(name, new byte[100]).bytes());
        refuses("model.zip", "foreign entry");
        assertFalse(Files.exists(folder.resolve(name.replace('\\', '/')).normalize()));
    }

    @Test
    void aNameOf64KilobytesIsNotPrinted() throws IOException {
        put(whole().stored("x".repeat(65_000), new byte[1]).bytes());
        refuses("foreign entry, xxxx", "...");
    }

    @ParameterizedTest
    @ValueSource(strings = {"configuration.json", "coefficients.bin"})
    void entriesThatComeTwiceAreRefused(String name) throws IOException {
        put(whole().stored(name, name.startsWith("coe") ? coefficients : dl4j).bytes());
        refuses("model.zip", "holds " + name + " twice");
    }

    @Test
    void zerosInAThousandthOfTheirSpaceAreRefused() throws IOException {
        byte[] header = Arrays.copyOf(coefficients, coefficients.length - 4 * parameters.length);
        // Padding, as a zip that is shorter than its parameters would be refused for that alone.
        put(new HostileZip()
                .stored("configuration.json", new byte[4 * parameters.length])
                .zeros("coefficients.bin", header, 1L << 28)
                .bytes());
        refuses("coefficients are more than the " + parameters.length);
        put(new HostileZip()
                .zeros("configuration.json", dl4j, 1L << 28)
                .stored("coefficients.bin", coefficients)
                .bytes());
        refuses("configuration.json is larger than 64 MB");
    }

    @Test
    void sizesOf100GigabytesAreNotBelieved() throws IOException {
        put(new HostileZip()
                .stored("configuration.json", dl4j)
                .storedSaying100Gigabytes("coefficients.bin", coefficients)
                .bytes());
        refuses("model.zip", "coefficients are more than");
        put(new HostileZip()
                .storedSaying100Gigabytes("configuration.json", dl4j)
                .stored("coefficients.bin", coefficients)
                .bytes());
        refuses("model.zip", "damaged");
        byte[] claim = coefficients.clone();
        // The count of the values, in the array's own header.
        ByteBuffer.wrap(claim).putLong(claim.length - 4 * parameters.length - 7 - 8, 25_000_000_000L);
        put(new HostileZip()
                .stored("configuration.json", dl4j)
                .stored("coefficients.bin", claim)
                .bytes());
        refuses("not a vector of " + parameters.length + " floats");
    }

    /** The entries count, whatever the directory says; DL4J goes by the directory. */
    @Test
    void aDirectoryThatLiesChangesNothing() throws IOException {
        for (int[] place : new int[][] {{0, 0}, {Integer.MAX_VALUE, 7}, {-1, -1}}) {
            put(whole().bytes(place[0], place[1]));
            assertArrayEquals(parameters, read().network().params().toFloatVector());
        }
    }

    @Test
    void encryptedAndDamagedEntriesAreRefused() throws IOException {
        put(new HostileZip()
                .entry("coefficients.bin", 0, 1, 0, coefficients.length, coefficients.length, new byte[0], coefficients)
                .bytes());
        refuses("model.zip", "damaged", "encrypted");
        put(new HostileZip()
                .entry(
                        "coefficients.bin",
                        99,
                        0,
                        0,
                        coefficients.length,
                        coefficients.length,
                        new byte[0],
                        coefficients)
                .bytes());
        refuses("model.zip", "damaged");
        put(new HostileZip()
                .entry("coefficients.bin", 0, 0, 1, coefficients.length, coefficients.length, new byte[0], coefficients)
                .bytes());
        refuses("model.zip", "damaged", "CRC");
        put(new HostileZip()
                .entry("coefficients.bin", 8, 0, 1, coefficients.length, coefficients.length, new byte[0], coefficients)
                .bytes());
        refuses("model.zip", "damaged");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void numbersThatAreNotFiniteAreRefused(float value) throws IOException {
        byte[] poisoned = coefficients.clone();
        ByteBuffer.wrap(poisoned).putFloat(poisoned.length - 4 * 100, value);
        put(new HostileZip()
                .stored("configuration.json", dl4j)
                .stored("coefficients.bin", poisoned)
                .bytes());
        refuses("model.zip", "not all finite");
    }

    /** A network of 8 GB in a file of some kilobytes. */
    @Test
    void theFileBoundsWhatItsJsonMayClaim() throws IOException {
        String keras = TestModels.description(model).keras().replace("\"units\": 16", "\"units\": 30000000");
        edit("keras", keras);
        edit(
                "parameters",
                SequentialModel.parse(keras, "large", model.options()).parameterCount());
        refuses("model.zip", "bytes where its JSON says");
    }

    @Test
    void aJsonOfManyValuesIsRefused() throws IOException {
        edit("training", Map.of("facts", Collections.nCopies(4_000_000, 1)));
        InputException refusal = assertThrows(InputException.class, this::read);
        assertTrue(refusal.getMessage().contains("more than 500,000 names and values"), refusal.getMessage());
        replace(json, ("{\"labels\": " + "[".repeat(1_000_000)).getBytes(StandardCharsets.UTF_8));
        refuses("model.json", "not JSON", "depth");
        replace(json, new byte[40 << 20]);
        InputException large = assertThrows(InputException.class, this::read);
        assertTrue(large.getMessage().contains("larger than 32 MB"), large.getMessage());
    }

    @Test
    void numbersOutOfTheirRangeAreRefused() throws IOException {
        byte[] original = Files.readAllBytes(json);
        for (Map.Entry<String, Object> lie : Map.<String, Object>of(
                        "length",
                        -1,
                        "parameters",
                        -5,
                        "input",
                        Map.of("shortSide", -1),
                        "seed",
                        1e300,
                        "formatVersion",
                        "9".repeat(900),
                        "labels",
                        List.of("a", "b", "c", "d", "\ud83d"),
                        "crc32c",
                        "../../x")
                .entrySet()) {
            replace(json, original);
            edit(lie.getKey(), lie.getValue());
            refuses("model");
        }
        replace(json, original);
        read();
    }
}
