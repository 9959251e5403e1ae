package org.starling.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.InputException;
import org.starling.Version;
import org.starling.model.SequentialModel;

class ModelFileTest {
    private final Configuration configuration = new Configuration();
    private final SequentialModel model = TestModels.batchNormalized("channels_last", 3, 5);
    private final ModelDescription description = TestModels.description(model);
    private final float[] parameters = TestModels.parameters(model, 1);

    @TempDir
    java.nio.file.Path folder;

    private java.nio.file.Path zip;
    private java.nio.file.Path json;

    @BeforeEach
    void place() {
        zip = folder.resolve("model.zip");
        json = folder.resolve("model.json");
    }

    private void write() throws IOException {
        write(TestModels.chunks(parameters, 1000));
    }

    private void write(Iterator<float[]> chunks) throws IOException {
        ModelFile.write(new Path(zip.toUri()), configuration, description, chunks);
    }

    private SavedModel read() {
        return ModelFile.read(new Path(zip.toUri()), configuration);
    }

    private InputException refusal() {
        return assertThrows(InputException.class, this::read);
    }

    @Test
    void coefficientsAreTheBytesThatNd4jWrites() throws IOException {
        write();
        MultiLayerNetwork network = new MultiLayerNetwork(model.toDl4j(7));
        network.init(Nd4j.create(parameters, new long[] {1, parameters.length}, 'c'), true);
        java.nio.file.Path stock = folder.resolve("stock.zip");
        ModelSerializer.writeModel(network, stock.toFile(), false);
        assertArrayEquals(entry(stock, "coefficients.bin"), entry(zip, "coefficients.bin"));
        assertArrayEquals(entry(stock, "configuration.json"), entry(zip, "configuration.json"));
    }

    private static byte[] entry(java.nio.file.Path zip, String name) throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile());
                InputStream in = file.getInputStream(file.getEntry(name))) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"channels_last", "channels_first"})
    void stockDl4jOpensIt(String dataFormat) throws IOException {
        SequentialModel network = TestModels.batchNormalized(dataFormat, 3, 5);
        float[] values = TestModels.parameters(network, 2);
        ModelFile.write(
                new Path(zip.toUri()), configuration, TestModels.description(network), TestModels.chunks(values, 333));
        MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(zip.toFile());
        long[] shape = dataFormat.equals("channels_last") ? new long[] {4, 8, 8, 3} : new long[] {4, 3, 8, 8};
        INDArray images = Nd4j.rand(DataType.FLOAT, shape);
        assertArrayEquals(
                stock.output(images).toFloatMatrix(),
                read().network().output(images).toFloatMatrix());
        assertArrayEquals(values, stock.params().toFloatVector());
    }

    @Test
    void whatIsReadIsWhatWasWritten() throws IOException {
        write();
        SavedModel saved = read();
        assertArrayEquals(parameters, saved.network().params().toFloatVector());
        ModelDescription found = saved.description();
        assertEquals(description.labels(), found.labels());
        assertArrayEquals(
                description.preprocessing().normalization().deviation(),
                found.preprocessing().normalization().deviation());
        assertEquals(description.keras(), found.keras());
        assertEquals(description.options(), found.options());
        assertEquals(description.training(), found.training());
        assertEquals(description.seed(), found.seed());
    }

    @Test
    void aRunDirectoryStandsForItsModel() throws IOException {
        write();
        SavedModel saved = ModelFile.read(new Path(folder.toUri()), configuration);
        assertEquals(description.labels(), saved.description().labels());
    }

    @Test
    void theJsonSaysForPeopleWhatAModelNeeds() throws IOException {
        write();
        JsonNode root = new ObjectMapper().readTree(json.toFile());
        assertEquals(1, root.get("formatVersion").asInt());
        assertEquals(Version.current(), root.get("starlingVersion").asText());
        assertEquals(8, root.at("/input/height").asInt());
        assertEquals(8, root.at("/input/width").asInt());
        assertEquals(3, root.at("/input/channels").asInt());
        assertEquals("channels_last", root.at("/input/dataFormat").asText());
        assertEquals("error", root.at("/options/convolutionRemainder").asText());
        assertEquals(Files.size(zip), root.get("length").asLong());
    }

    @Test
    void theSameModelGivesTheSameBytes() throws IOException {
        write();
        byte[] first = Files.readAllBytes(zip);
        Files.delete(zip);
        Files.delete(json);
        write(TestModels.chunks(parameters, 17));
        assertArrayEquals(first, Files.readAllBytes(zip));
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.zip", "model.json"})
    void nothingIsOverwritten(String existing) throws IOException {
        Files.writeString(folder.resolve(existing), "precious");
        InputException refusal = assertThrows(InputException.class, this::write);
        assertTrue(refusal.getMessage().contains(existing), refusal.getMessage());
        assertEquals("precious", Files.readString(folder.resolve(existing)));
        assertEquals(List.of(existing), names());
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".crc"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aFailureWhileWritingLeavesNothing() throws IOException {
        Iterator<float[]> whole = TestModels.chunks(parameters, 100);
        Iterator<float[]> failing = new Iterator<>() {
            private int chunks;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public float[] next() {
                if (chunks++ == 3) {
                    throw new NoSuchElementException("executor lost");
                }
                return whole.next();
            }
        };
        assertThrows(NoSuchElementException.class, () -> write(failing));
        assertEquals(List.of(), names());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void aWrongNumberOfParametersIsNotWritten(int difference) throws IOException {
        float[] wrong = Arrays.copyOf(parameters, parameters.length + difference);
        assertThrows(IllegalStateException.class, () -> write(TestModels.chunks(wrong, 100)));
        assertEquals(List.of(), names());
    }

    @Test
    void aMissingModelIsNamed() {
        assertTrue(refusal().getMessage().contains("there is no such model"));
    }

    @Test
    void aZipWithoutItsJsonIsUnfinished() throws IOException {
        write();
        Files.delete(json);
        assertTrue(refusal().getMessage().contains("there is no model.json"));
    }

    @Test
    void aTruncatedZipIsRefusedAtAnyLength() throws IOException {
        write();
        byte[] whole = Files.readAllBytes(zip);
        for (int length = 0; length < whole.length; length += Math.max(1, whole.length / 9)) {
            replaceZip(Arrays.copyOf(whole, length));
            assertTrue(refusal().getMessage().contains("bytes where its JSON says"));
        }
    }

    @Test
    void aTruncatedJsonIsRefusedAtAnyLength() throws IOException {
        write();
        byte[] whole = Files.readAllBytes(json);
        for (int length = 0; length < whole.length; length += Math.max(1, whole.length / 9)) {
            replace(json, Arrays.copyOf(whole, length));
            assertTrue(refusal().getMessage().contains("model.json"));
        }
    }

    /** Any byte: local header, configuration, header of the coefficients, a parameter, directory. */
    @Test
    void aFlippedBitAnywhereIsFound() throws IOException {
        write();
        byte[] whole = Files.readAllBytes(zip);
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            int at = i < 100 ? i : random.nextInt(whole.length);
            byte[] damaged = whole.clone();
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            replaceZip(damaged);
            refusal();
        }
        replaceZip(whole);
        read();
    }

    /** A zip whose JSON is right about it, and whose entries are not what they should be. */
    @Test
    void foreignEntriesAreNotEvenOpened() throws IOException {
        write();
        byte[] coefficients = entry(zip, "coefficients.bin");
        forge("preprocessor.bin", new byte[] {1}, "coefficients.bin", coefficients);
        assertTrue(refusal().getMessage().contains("foreign entry"));
        forge(
                "configuration.json",
                "{\"@class\": \"java.lang.Runtime\"}".getBytes(StandardCharsets.UTF_8),
                "coefficients.bin",
                coefficients);
        assertArrayEquals(parameters, read().network().params().toFloatVector());
        forge("configuration.json", new byte[coefficients.length + 1000]);
        assertTrue(refusal().getMessage().contains("no coefficients.bin"));
    }

    @Test
    void coefficientsOfAnotherNetworkAreRefused() throws IOException {
        write();
        byte[] right = entry(zip, "coefficients.bin");
        forge("coefficients.bin", Arrays.copyOf(right, right.length + 1));
        assertTrue(refusal().getMessage().contains("more than"));
        forge("coefficients.bin", Arrays.copyOf(right, right.length - 1));
        assertTrue(refusal().getMessage().contains("end before"));
        for (INDArray other : List.of(
                Nd4j.create(DataType.FLOAT, 1, parameters.length + 1),
                Nd4j.create(DataType.DOUBLE, 1, parameters.length),
                Nd4j.create(DataType.FLOAT, parameters.length, 1))) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            Nd4j.write(other, new DataOutputStream(bytes));
            forge("coefficients.bin", bytes.toByteArray());
            assertTrue(refusal().getMessage().contains("not a vector of " + parameters.length + " floats"));
        }
    }

    private void forge(Object... namesAndContents) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            out.setLevel(0);
            for (int i = 0; i < namesAndContents.length; i += 2) {
                out.putNextEntry(new ZipEntry((String) namesAndContents[i]));
                out.write((byte[]) namesAndContents[i + 1]);
            }
        }
        replaceZip(bytes.toByteArray());
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.toByteArray());
        edit("length", bytes.size());
        edit("crc32c", String.format("%08x", checksum.getValue()));
    }

    private void edit(String key, Object value) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = (ObjectNode) mapper.readTree(json.toFile());
        replace(json, mapper.writeValueAsBytes(root.set(key, mapper.valueToTree(value))));
    }

    private void replaceZip(byte[] bytes) throws IOException {
        replace(zip, bytes);
    }

    /** Hadoop's own checksum of local files would find the damage first; other file systems have none. */
    private static void replace(java.nio.file.Path file, byte[] bytes) throws IOException {
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
        Files.write(file, bytes);
    }

    @Test
    void aJsonThatDoesNotFitItsNetworkIsRefused() throws IOException {
        write();
        String original = Files.readString(json);
        assertRefused("labels", List.of("a", "b"), "2 labels and its network 5 outputs", original);
        assertRefused("labels", List.of(1), "\"labels\"", original);
        assertRefused("formatVersion", 2, "formatVersion is 2", original);
        assertRefused("crc32c", "xyz", "\"crc32c\"", original);
        assertRefused("crc32c", "00000000", "checksum", original);
        assertRefused("parameters", 5, "5 parameters", original);
        assertRefused("keras", "{}", "model.json", original);
        assertRefused("training", null, "\"training\"", original);
        assertRefused("normalization", Map.of("mean", List.of(0), "deviation", List.of(1)), "3 channels", original);
        assertRefused("normalization", Map.of("mean", List.of("x")), "\"normalization.mean\"", original);
        assertRefused("normalization", Map.of(), "\"normalization.mean\"", original);
    }

    private void assertRefused(String key, Object value, String expected, String original) throws IOException {
        replace(json, original.getBytes(StandardCharsets.UTF_8));
        edit(key, value);
        InputException refusal = refusal();
        assertTrue(refusal.getMessage().contains(expected), refusal.getMessage());
    }

    @Test
    void tasksOfAJvmShareOneCopyUntilTheFileChanges() throws IOException {
        write();
        Path path = new Path(zip.toUri());
        SavedModel first = SavedModel.shared(path, configuration);
        assertSame(first, SavedModel.shared(new Path(folder.toUri()), configuration));
        Files.setLastModifiedTime(zip, FileTime.fromMillis(1000));
        assertNotSame(first, SavedModel.shared(path, configuration));
    }

    /** 64 MB of parameters pass through; at no time are two chunks alive besides the one being written. */
    @Test
    void parametersAreStreamed() throws IOException {
        long count = 16 << 20;
        int length = 1 << 20;
        List<WeakReference<float[]>> handedOut = new ArrayList<>();
        Iterator<float[]> chunks = new Iterator<>() {
            private long next;

            @Override
            public boolean hasNext() {
                return next < count;
            }

            @Override
            public float[] next() {
                System.gc();
                long alive =
                        handedOut.stream().filter(chunk -> chunk.get() != null).count();
                assertTrue(alive <= 1, alive + " chunks alive");
                float[] chunk = new float[length];
                handedOut.add(new WeakReference<>(chunk));
                next += length;
                return chunk;
            }
        };
        long[] written = new long[1];
        ModelFile.writeZip(
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        written[0]++;
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int n) {
                        written[0] += n;
                    }
                },
                "{}",
                count,
                chunks);
        assertEquals(16, handedOut.size());
        assertTrue(written[0] > 4 * count && written[0] < 4 * count + 100_000, written[0] + " bytes");
    }
}
