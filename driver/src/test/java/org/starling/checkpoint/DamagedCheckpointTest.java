package org.starling.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.starling.LocalSpark;
import org.starling.checkpoint.CheckpointStore.Found;
import org.starling.checkpoint.CheckpointStore.Refused;
import org.starling.checkpoint.CheckpointStore.Stored;
import org.starling.model.Slice;

/** Two checkpoints of two parts each, on a store without checksums of its own; the newer one is damaged in every way. */
class DamagedCheckpointTest {
    private static final int SLICE = 40;

    @TempDir
    Path folder;

    private CheckpointStore store;
    private Stored older;
    private Stored newer;
    private Path damaged;

    @BeforeEach
    void write() {
        store = new CheckpointStore(NoRenameFileSystem.path(folder), configuration());
        older = store.write(slices(1), manifest(1));
        newer = store.write(slices(2), manifest(2));
        damaged = folder.resolve(newer.folder().getName());
    }

    private static JavaSparkContext spark() {
        return LocalSpark.context();
    }

    /** Three slices of parameters and two replicas' own state, each value telling the round. */
    private static JavaRDD<Slice> slices(int round) {
        List<Slice> first =
                List.of(slice(0, 0, Slice.SHARED, round), slice(0, 2, Slice.SHARED, round), slice(1, 0, 0, round));
        List<Slice> second = List.of(slice(0, 1, Slice.SHARED, round), slice(1, 0, 1, round));
        return spark().parallelize(List.of(first, second), 2).flatMap(List::iterator);
    }

    private static Slice slice(int vector, int index, int replica, int round) {
        float[] values = new float[SLICE];
        Arrays.fill(values, round + index / 10f);
        return Slice.of(vector, index, replica, values, SLICE);
    }

    private static Checkpoint manifest(int round) {
        return new Checkpoint(
                Checkpoint.FORMAT_VERSION,
                "test",
                new TreeSet<>(List.of("scalar")),
                round,
                0,
                round,
                3 * SLICE,
                SLICE,
                2,
                new TreeMap<>(Map.of("model", "m")),
                new TreeMap<>(),
                new TreeMap<>(),
                null,
                List.of());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(damaged)) {
            return files.sorted().toList();
        }
    }

    /** Looks for a checkpoint, which must be the older one and leave every file as it is; returns what is wrong with the newer. */
    private String defect() throws IOException {
        SortedMap<String, String> before = FileTree.of(folder);
        Found found = store.newestWhole(spark());
        assertEquals(before, FileTree.of(folder));
        assertEquals(older, found.newest().orElseThrow());
        assertEquals(1, found.refused().size());
        Refused refused = found.refused().get(0);
        assertEquals(newer.folder(), refused.folder());
        return refused.defect();
    }

    private interface Damage {
        byte[] of(byte[] whole, int offset);
    }

    /** Does the damage at 100 offsets over all the files, one at a time. */
    private void at100Offsets(long seed, Damage damage, String... defects) throws IOException {
        List<Path> files = files();
        int total = files.stream().mapToInt(DamagedCheckpointTest::length).sum();
        Random random = new Random(seed);
        TreeMap<String, Integer> hit = new TreeMap<>();
        for (int trial = 0; trial < 100; trial++) {
            int offset = random.nextInt(total);
            int file = 0;
            while (offset >= length(files.get(file))) {
                offset -= length(files.get(file++));
            }
            Path path = files.get(file);
            byte[] whole = Files.readAllBytes(path);
            Files.write(path, damage.of(whole, offset));
            String defect = defect();
            String name = path.getFileName().toString();
            assertTrue(defect.contains(name), name + " at " + offset + ": " + defect);
            assertTrue(Stream.of(defects).anyMatch(defect::contains), name + " at " + offset + ": " + defect);
            Files.write(path, whole);
            hit.merge(name, 1, Integer::sum);
        }
        assertEquals(3, hit.size(), hit.toString());
        assertEquals(newer, store.newestWhole(spark()).newest().orElseThrow());
    }

    private static int length(Path file) {
        try {
            return (int) Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void cutAnywhereItIsRefusedAndTheOneBeforeIsUsed() throws IOException {
        at100Offsets(
                1,
                (whole, offset) -> Arrays.copyOf(whole, offset),
                "bytes, its manifest says",
                "manifest.json is damaged",
                "manifest.json is empty");
    }

    @Test
    void withAFlippedBitAnywhereItIsRefusedAndTheOneBeforeIsUsed() throws IOException {
        Random bits = new Random(2);
        at100Offsets(
                3,
                (whole, offset) -> {
                    byte[] flipped = whole.clone();
                    flipped[offset] ^= (byte) (1 << bits.nextInt(8));
                    return flipped;
                },
                "CRC32C",
                "manifest.json is damaged",
                "format version");
    }

    @Test
    void eachMissingOrEmptyFileIsNamed() throws IOException {
        for (Path file : files()) {
            String name = file.getFileName().toString();
            byte[] whole = Files.readAllBytes(file);
            Files.write(file, new byte[0]);
            assertTrue(
                    defect().contains(name.equals("manifest.json") ? "manifest.json is empty" : name + " has 0 bytes"));
            Files.delete(file);
            assertTrue(defect().contains(name.equals("manifest.json") ? "has no manifest.json" : name + " is missing"));
            Files.write(file, whole);
        }
    }

    @Test
    void aFolderInThePlaceOfAPartAndAFolderOfAnotherNameAreNamed() throws IOException {
        Path part = files().stream()
                .filter(file -> file.getFileName().toString().startsWith("part-"))
                .findFirst()
                .orElseThrow();
        byte[] whole = Files.readAllBytes(part);
        Files.delete(part);
        Files.createDirectory(part);
        assertTrue(defect().contains(part.getFileName() + " is missing"));
        Files.delete(part);
        Files.write(part, whole);

        Path renamed = folder.resolve("round-00000003-renamed");
        Files.move(damaged, renamed);
        SortedMap<String, String> before = FileTree.of(folder);
        Found found = store.newestWhole(spark());
        assertEquals(before, FileTree.of(folder));
        assertEquals(older, found.newest().orElseThrow());
        assertTrue(found.refused().get(0).defect().contains("is of round 2"));
    }

    @Test
    void anUnknownVersionIsRefusedByName() throws IOException {
        Path manifest = damaged.resolve("manifest.json");
        String text = Files.readString(manifest);
        Files.writeString(manifest, text.replace("\"formatVersion\" : 2", "\"formatVersion\" : 7"));
        assertTrue(defect().contains("has format version 7, and this Starling reads versions 1 to 2"));
    }

    @Test
    void whenNoneIsWholeEachIsNamedWithItsDefect() throws IOException {
        Files.delete(files().get(0));
        Files.write(folder.resolve(older.folder().getName()).resolve("manifest.json"), new byte[0]);
        Found found = store.newestWhole(spark());
        assertTrue(found.newest().isEmpty());
        assertEquals(
                List.of(newer.folder(), older.folder()),
                found.refused().stream().map(Refused::folder).toList());
    }

    @Test
    void twoOfOneRoundAreTriedTheLaterFirst() throws IOException {
        Stored again = store.write(slices(2), manifest(2));
        Files.setLastModifiedTime(
                folder.resolve(again.folder().getName()),
                FileTime.fromMillis(Files.getLastModifiedTime(damaged).toMillis() + 5000));
        assertEquals(again, store.newestWhole(spark()).newest().orElseThrow());
    }

    /** Written by the Starlings of their time; the numbers were read from the parts by another program. */
    @ParameterizedTest
    @CsvSource({"1, ''", "2, vector-512"})
    void eachVersionOfTheFormatIsRead(int version, String kernels) throws IOException {
        Path home = Path.of("src/test/resources/org/starling/checkpoint/format-" + version);
        CheckpointStore former = new CheckpointStore(NoRenameFileSystem.path(home), configuration());
        SortedMap<String, String> before = FileTree.of(home);
        Found found = former.newestWhole(spark());
        assertEquals(List.of(), found.refused());
        Stored stored = found.newest().orElseThrow();
        Checkpoint manifest = stored.manifest();
        assertEquals(version, manifest.formatVersion());
        assertEquals(4, manifest.round());
        assertEquals(1, manifest.epoch());
        assertEquals(3, manifest.step());
        assertEquals(0.85, manifest.progress().get("best"));
        assertEquals(kernels, String.join(",", manifest.kernels()));
        assertNull(manifest.accuracy());
        try (CheckpointStore.Parameters parameters = former.parameters(stored)) {
            float[] values = parameters.next();
            assertEquals(195, values.length);
            assertEquals(0.16616284847259521, values[0]);
            assertEquals(-0.12949159741401672, values[194]);
            assertEquals(-0.10493325581774116, sum(values), 1e-12);
        }
        List<float[]> own = readOwn(former, stored);
        assertEquals(0.0020338466856628656, own.get(0)[0]);
        assertEquals(6.708854925818741e-06, sum(own.get(1)), 1e-12);
        assertEquals(before, FileTree.of(home));
    }

    private static Configuration configuration() {
        Configuration configuration = new Configuration();
        NoRenameFileSystem.register(configuration);
        return configuration;
    }

    private static List<float[]> readOwn(CheckpointStore store, Stored stored) {
        NoRenameFileSystem.register(spark().hadoopConfiguration());
        List<float[]> own = new ArrayList<>();
        for (Slice slice : CheckpointStore.read(spark(), stored).collect()) {
            if (slice.replica() != Slice.SHARED) {
                assertEquals(own.size(), slice.replica());
                own.add(slice.toFloats());
            }
        }
        return own;
    }

    private static double sum(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).sum();
    }

    @Test
    void whatIsWrittenIsReadAndNeverRenamed() throws IOException {
        assertEquals(newer, store.newestWhole(spark()).newest().orElseThrow());
        try (CheckpointStore.Parameters parameters = store.parameters(newer)) {
            for (int slice = 0; slice < 3; slice++) {
                assertArrayEquals(slice(0, slice, Slice.SHARED, 2).toFloats(), parameters.next());
            }
        }
        assertEquals(
                List.of("manifest.json", "part-00000", "part-00001"),
                files().stream()
                        .map(file -> file.getFileName().toString().replaceAll("(part-\\d{5})-\\d+", "$1"))
                        .toList());
        assertTrue(new String(Files.readAllBytes(damaged.resolve("manifest.json")), StandardCharsets.UTF_8)
                .contains("\"kernels\" : [ \"scalar\" ]"));
    }
}
