package org.starling.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.LocalSpark;
import org.starling.checkpoint.CheckpointStore.Stored;
import org.starling.model.Slice;

/** Checkpoints of one slice, written one after the other on a store that cannot rename. */
class RetentionTest {
    @TempDir
    Path folder;

    private final List<String> notices = new ArrayList<>();
    private CheckpointStore store;

    @BeforeEach
    void open() {
        Configuration configuration = new Configuration();
        NoRenameFileSystem.register(configuration);
        store = new CheckpointStore(NoRenameFileSystem.path(folder), configuration);
    }

    private Retention retention(int keep, Collection<org.apache.hadoop.fs.Path> refused) {
        return new Retention(store, keep, refused, notices::add);
    }

    private Stored write(int round, Double accuracy) {
        JavaRDD<Slice> slices =
                LocalSpark.context().parallelize(List.of(Slice.of(0, 0, Slice.SHARED, new float[] {round}, 1)), 1);
        return store.write(
                slices,
                new Checkpoint(
                        Checkpoint.FORMAT_VERSION,
                        "test",
                        new TreeSet<>(),
                        round,
                        0,
                        0,
                        1,
                        1,
                        1,
                        new TreeMap<>(),
                        new TreeMap<>(),
                        new TreeMap<>(),
                        accuracy,
                        List.of()));
    }

    private Stored writeAndRetain(Retention retention, int round, Double accuracy) {
        Stored stored = write(round, accuracy);
        retention.after(stored);
        return stored;
    }

    private List<Integer> rounds() {
        return store.list().stream().map(stored -> stored.manifest().round()).toList();
    }

    private Path local(Stored stored) {
        return folder.resolve(stored.folder().getName());
    }

    @Test
    void theNewestAndTheBestStay() {
        Retention retention = retention(2, List.of());
        Double[] accuracies = {0.5, 0.9, null, 0.7, 0.8, 0.95, null, 0.1};
        List<List<Integer>> stay = List.of(
                List.of(1),
                List.of(2, 1),
                List.of(3, 2),
                List.of(4, 3, 2),
                List.of(5, 4, 2),
                List.of(6, 5),
                List.of(7, 6),
                List.of(8, 7, 6));
        for (int round = 1; round <= accuracies.length; round++) {
            writeAndRetain(retention, round, accuracies[round - 1]);
            assertEquals(stay.get(round - 1), rounds());
        }
        assertEquals(List.of(), notices);
        assertEquals(3, folder.toFile().list().length);
    }

    @Test
    void zeroKeepsAll() {
        Retention retention = retention(0, List.of());
        for (int round = 1; round <= 5; round++) {
            writeAndRetain(retention, round, null);
        }
        assertEquals(List.of(5, 4, 3, 2, 1), rounds());
    }

    @Test
    void whatIsNotOursIsNeverTouched() throws IOException {
        Stored noted = write(1, null);
        Files.writeString(local(noted).resolve("why.txt"), "the paper's figure 3");
        Path unfinished = Files.createDirectory(folder.resolve("round-00000001-unfinished"));
        Files.write(unfinished.resolve("part-00000-1"), new byte[7]);
        Path foreign = Files.createDirectory(folder.resolve("notes"));
        Files.writeString(foreign.resolve("manifest.json"), "{}");
        Files.writeString(folder.resolve("README"), "mine");
        Path broken = Files.createDirectory(folder.resolve("round-00000001-broken"));
        Files.writeString(broken.resolve("manifest.json"), "{\"formatVersion\" : 9}");
        Path nested = local(write(1, null));
        Files.createDirectory(nested.resolve("inner"));
        SortedMap<String, String> before = FileTree.of(folder);

        Retention retention = retention(1, List.of());
        for (int round = 2; round <= 4; round++) {
            writeAndRetain(retention, round, null);
        }
        SortedMap<String, String> after = FileTree.of(folder);
        after.keySet().retainAll(before.keySet());
        assertEquals(before, after);
        assertEquals(List.of(4, 1, 1), rounds());
        assertEquals(2, notices.size(), notices.toString());
        assertTrue(notices.stream().anyMatch(n -> n.contains(noted.folder() + " stays: it holds why.txt")));
    }

    @Test
    void aDamagedNewerOneIsNeitherCountedNorRemoved() throws IOException {
        Stored first = write(1, null);
        Stored second = write(2, null);
        Stored damaged = write(5, 0.99);
        SortedMap<String, String> before = FileTree.of(local(damaged));
        Retention retention = retention(1, List.of(damaged.folder()));
        assertEquals(List.of(5, 2, 1), rounds(), "nothing goes before a newer one is complete");
        writeAndRetain(retention, 3, null);
        assertEquals(List.of(5, 3), rounds());
        writeAndRetain(retention, 5, null);
        assertEquals(List.of(5, 5), rounds());
        writeAndRetain(retention, 6, null);
        assertEquals(List.of(6, 5), rounds());
        assertEquals(before, FileTree.of(local(damaged)));
        assertFalse(Files.exists(local(first)) || Files.exists(local(second)));
    }

    @Test
    void aRemovalThatWasInterruptedIsFinished() throws IOException {
        Stored half = write(1, null);
        Files.delete(local(half).resolve(half.manifest().parts().get(0).name()));
        Retention retention = retention(1, List.of());
        writeAndRetain(retention, 2, null);
        assertEquals(List.of(2), rounds());
        assertFalse(Files.exists(local(half)));
    }
}
