package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.starling.InputException;
import org.starling.checkpoint.CheckpointStore;
import org.starling.checkpoint.FileTree;
import org.starling.checkpoint.NoRenameFileSystem;
import org.starling.model.Slice;
import org.starling.training.TrainerTest.Variant;
import org.starling.training.TrainingConfiguration.CheckpointSettings;
import org.starling.training.TrainingConfiguration.RunSettings;
import org.starling.training.TrainingConfiguration.StateRule;
import org.starling.training.TrainingConfiguration.TrainingSettings;

/** Whole runs on a store that cannot rename: 50 images, 3 steps a round, 3 rounds an epoch with two replicas. */
class CheckpointRecoveryTest {
    @TempDir
    Path folder;

    private final List<String> notices = new ArrayList<>();
    private final List<TrainingEvent.Round> rounds = new ArrayList<>();
    private int resumedAt = -1;

    private final TrainingListener listener = new TrainingListener() {
        @Override
        public void onNotice(TrainingEvent.Notice notice) {
            notices.add(notice.text());
        }

        @Override
        public void onResume(TrainingEvent.Resume resume) {
            resumedAt = resume.round();
        }

        @Override
        public void onRound(TrainingEvent.Round round) {
            rounds.add(round);
        }
    };

    @BeforeEach
    void writeModelAndImages() throws IOException {
        Files.writeString(folder.resolve("model.json"), TinyRun.modelJson(true));
        TrainerTest.writeIdx(folder.resolve("train"), 50);
        TrainerTest.writeIdx(folder.resolve("validation"), 20);
        NoRenameFileSystem.register(TinyRun.spark().hadoopConfiguration());
    }

    private static Variant run(String directory, int epochs, StateRule rule) {
        return new Variant(directory, 1, epochs, 4, rule, 0.02, 0);
    }

    private TrainingEvent.End train(Variant variant, int replicas, int keep, boolean resume) {
        TrainingConfiguration c = TrainerTest.configuration(folder, variant);
        TrainingSettings t = c.training();
        TrainingConfiguration configuration = new TrainingConfiguration(
                new RunSettings(
                        NoRenameFileSystem.path(folder.resolve(variant.directory()))
                                .toString(),
                        variant.seed(),
                        1,
                        10),
                c.model(),
                c.data(),
                new TrainingSettings(
                        t.epochs(),
                        t.batch(),
                        replicas,
                        t.stepsPerRound(),
                        t.averaging(),
                        t.optimizer(),
                        t.schedule(),
                        t.clipping(),
                        t.labelSmoothing(),
                        t.classWeights(),
                        t.validateEveryEpochs(),
                        t.earlyStopping(),
                        t.frozenLayers()),
                new CheckpointSettings(1, 0, keep));
        SortedMap<String, String> settings = new TreeMap<>(TrainerTest.settings(variant));
        settings.put("training.replicas", Integer.toString(replicas));
        notices.clear();
        rounds.clear();
        resumedAt = -1;
        return new Trainer(TinyRun.spark(), configuration, settings, List.of(listener)).run(resume);
    }

    private CheckpointStore store(String directory) {
        Configuration configuration = new Configuration();
        NoRenameFileSystem.register(configuration);
        return new CheckpointStore(NoRenameFileSystem.path(checkpoints(directory)), configuration);
    }

    private Path checkpoints(String directory) {
        return folder.resolve(directory).resolve("checkpoints");
    }

    private Path checkpoint(String directory, int round) throws IOException {
        try (Stream<Path> folders = Files.list(checkpoints(directory))) {
            return folders.filter(f -> f.getFileName().toString().startsWith("round-%08d-".formatted(round)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void flipABit(Path checkpoint) throws IOException {
        try (Stream<Path> files = Files.list(checkpoint)) {
            Path part = files.filter(f -> f.getFileName().toString().startsWith("part-00001-"))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(part);
            bytes[bytes.length / 2] ^= 4;
            Files.write(part, bytes);
        }
    }

    private byte[] model(String directory, String name) throws IOException {
        return Files.readAllBytes(folder.resolve(directory).resolve(name));
    }

    @Test
    void aRunGoesOnFromTheNewestWholeCheckpointWithTheSameBits() throws Exception {
        train(run("whole", 2, StateRule.AVERAGE), 2, 3, false);
        assertEquals(List.of(), notices);
        train(run("damaged", 1, StateRule.AVERAGE), 2, 3, false);
        Path newest = checkpoint("damaged", 3);
        flipABit(newest);
        SortedMap<String, String> before = FileTree.of(newest);

        train(run("damaged", 2, StateRule.AVERAGE), 2, 3, true);
        assertEquals(2, resumedAt);
        assertEquals(1, notices.size(), notices.toString());
        assertTrue(
                notices.get(0)
                        .matches("passing over the checkpoint .*round-00000003-.*: its part part-00001-.*CRC32C.*"),
                notices.get(0));
        assertEquals(before, FileTree.of(newest));
        assertArrayEquals(model("whole", "model.zip"), model("damaged", "model-2.zip"));
    }

    @Test
    void aRunWithoutAWholeCheckpointIsRefusedWithEveryDefectAndLeftAsItIs() throws Exception {
        train(run("damaged", 1, StateRule.AVERAGE), 2, 3, false);
        flipABit(checkpoint("damaged", 3));
        Files.write(checkpoint("damaged", 2).resolve("manifest.json"), new byte[0]);
        Files.delete(checkpoint("damaged", 1).resolve("manifest.json"));
        SortedMap<String, String> before = FileTree.of(folder);
        InputException refused =
                assertThrows(InputException.class, () -> train(run("damaged", 2, StateRule.AVERAGE), 2, 3, true));
        assertTrue(
                refused.getMessage()
                        .matches(
                                "No checkpoint in .*/checkpoints can be used: round-00000003-.*CRC32C.*; round-00000002-"
                                        + ".*manifest.json is empty; round-00000001-.*has no manifest.json.*"),
                refused.getMessage());
        assertEquals(before, FileTree.of(folder));
    }

    @Test
    void theNewestAndTheBestCheckpointStay() {
        train(run("kept", 4, StateRule.AVERAGE), 2, 2, false);
        List<CheckpointStore.Stored> stay = store("kept").list();
        assertEquals(12, stay.get(0).manifest().round());
        assertEquals(11, stay.get(1).manifest().round());
        assertTrue(stay.size() <= 3, stay.toString());
        double best = stay.get(0).manifest().progress().get("best");
        assertTrue(
                stay.stream()
                        .anyMatch(s ->
                                s.manifest().accuracy() != null && s.manifest().accuracy() == best),
                stay.toString());
        // Round 11 is within an epoch, and not validated.
        assertEquals(null, stay.get(1).manifest().accuracy());
        assertEquals(List.of(), notices);
    }

    @ParameterizedTest
    @CsvSource({"AVERAGE, 3", "LOCAL, 3", "LOCAL, 1", "RESET, 1"})
    void aRunGoesOnWithAnotherNumberOfReplicas(StateRule rule, int replicas) throws Exception {
        train(run("split", 1, rule), 2, 5, false);
        // As if it had been killed within the epoch: its newest checkpoint is of round 2.
        removeFolder(checkpoint("split", 3));
        train(run("split", 2, rule), replicas, 5, true);
        assertEquals(2, resumedAt);
        assertTrue(
                notices.stream()
                        .anyMatch(n -> n.contains("of 2 replicas and this run has " + replicas)
                                && n.contains("a new split of the data, and epoch 1 begins anew")
                                && n.contains("the mean of what the replicas kept") == (rule == StateRule.LOCAL)),
                notices.toString());
        // Both epochs, each image once in each.
        assertEquals(
                100, rounds.stream().mapToLong(TrainingEvent.Round::examples).sum());
        assertEquals(3, rounds.get(0).round());
        TrainingEvent.Round last = rounds.get(rounds.size() - 1);
        assertEquals(last.rounds(), last.round());
        assertEquals(replicas, store("split").list().get(0).manifest().replicas());
        assertTrue(Files.exists(folder.resolve("split").resolve("model-2.zip")));
    }

    private static void removeFolder(Path checkpoint) throws IOException {
        try (Stream<Path> files = Files.list(checkpoint)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(checkpoint);
    }

    @Test
    void otherReplicasBeginWithTheSameParametersAndTheMeanOfTheLocalState() throws Exception {
        train(run("split", 1, StateRule.LOCAL), 2, 3, false);
        CheckpointStore.Stored stored = store("split").list().get(0);
        List<Slice> before = CheckpointStore.read(TinyRun.spark(), stored).collect();
        List<Slice> after = NewSplit.merge(NewSplit.deal(CheckpointStore.read(TinyRun.spark(), stored), 3))
                .collect();
        assertTrue(before.stream().anyMatch(s -> s.replica() == 1), "momentum is the replicas' own");
        for (Slice slice : after) {
            assertEquals(Slice.SHARED, slice.replica());
            List<float[]> former = before.stream()
                    .filter(s -> s.vector() == slice.vector() && s.index() == slice.index())
                    .map(Slice::toFloats)
                    .toList();
            float[] values = slice.toFloats();
            assertEquals(slice.vector() == Slice.PARAMETERS ? 1 : 2, former.size());
            for (int i = 0; i < values.length; i++) {
                int at = i;
                double mean = former.stream().mapToDouble(f -> f[at]).average().orElseThrow();
                assertEquals((float) mean, values[i]);
            }
        }
        assertEquals(
                before.stream()
                        .map(s -> s.vector() + "/" + s.index())
                        .distinct()
                        .count(),
                after.size());
        List<List<Slice>> parts = NewSplit.merge(NewSplit.deal(CheckpointStore.read(TinyRun.spark(), stored), 3))
                .glom()
                .collect();
        for (int part = 0; part < 3; part++) {
            int number = part;
            assertTrue(parts.get(part).stream().allMatch(s -> s.index() % 3 == number));
        }
    }

    /** At next to no learning rate what is left of a replica's momentum is what it began with. */
    @Test
    void everyOneOfOtherReplicasReadsTheLocalState() throws Exception {
        train(run("split", 1, StateRule.LOCAL), 2, 3, false);
        train(new Variant("split", 1, 2, 4, StateRule.LOCAL, 1e-12, 0), 3, 3, true);
        CheckpointStore.Stored stored = store("split").list().get(0);
        List<Slice> momentum = CheckpointStore.read(TinyRun.spark(), stored).collect().stream()
                .filter(s -> s.vector() != Slice.PARAMETERS)
                .toList();
        for (int replica = 0; replica < 3; replica++) {
            int number = replica;
            assertTrue(
                    momentum.stream()
                            .filter(s -> s.replica() == number)
                            .flatMapToDouble(s -> {
                                float[] values = s.toFloats();
                                return IntStream.range(0, values.length).mapToDouble(i -> Math.abs(values[i]));
                            })
                            .anyMatch(v -> v > 1e-7),
                    "replica " + replica + " began without its momentum");
        }
    }

    @Test
    void otherKernelsAndAnotherStarlingAreToldOnResume() throws Exception {
        train(run("moved", 1, StateRule.AVERAGE), 2, 3, false);
        Path manifest = checkpoint("moved", 3).resolve("manifest.json");
        String text = Files.readString(manifest);
        String kernels = store("moved").list().get(0).manifest().kernels().first();
        Files.writeString(
                manifest,
                sealed(text.replace('"' + kernels + '"', "\"abacus\"")
                        .replaceAll("\"starlingVersion\" : \"[^\"]*\"", "\"starlingVersion\" : \"0.0.9\"")));
        train(run("moved", 2, StateRule.AVERAGE), 2, 3, true);
        assertEquals(3, resumedAt);
        assertEquals(1, notices.size(), notices.toString());
        assertTrue(notices.get(0).contains("Starling 0.0.9 with abacus and this is Starling "), notices.get(0));
        assertTrue(notices.get(0).contains(" with " + kernels + ": the bits may differ"), notices.get(0));
    }

    /** A manifest ends with the CRC32C of its bytes, taken with zeros for its digits. */
    private static String sealed(String text) {
        int digits = text.lastIndexOf('"') - 8;
        CRC32C crc = new CRC32C();
        crc.update(
                (text.substring(0, digits) + "00000000" + text.substring(digits + 8)).getBytes(StandardCharsets.UTF_8));
        return text.substring(0, digits) + String.format("%08x", crc.getValue()) + text.substring(digits + 8);
    }

    @Test
    void aLastCheckpointThatIsDamagedOnItsWayToTheDiskIsWrittenAgain() throws Exception {
        train(run("whole", 1, StateRule.AVERAGE), 2, 3, false);
        TrainingListener damaging = new TrainingListener() {
            @Override
            public void onCheckpoint(TrainingEvent.Checkpoint checkpoint) {
                if (checkpoint.round() == 3 && notices.isEmpty()) {
                    try {
                        flipABit(checkpoint("decaying", 3));
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }
            }

            @Override
            public void onNotice(TrainingEvent.Notice notice) {
                notices.add(notice.text());
            }
        };
        TrainingConfiguration c = TrainerTest.configuration(folder, run("decaying", 1, StateRule.AVERAGE));
        TrainingConfiguration onStore = new TrainingConfiguration(
                new RunSettings(
                        NoRenameFileSystem.path(folder.resolve("decaying")).toString(), 1, 1, 10),
                c.model(),
                c.data(),
                c.training(),
                new CheckpointSettings(1, 0, 1));
        new Trainer(TinyRun.spark(), onStore, new TreeMap<>(), List.of(damaging)).run(false);
        assertEquals(1, notices.size(), notices.toString());
        assertTrue(notices.get(0).contains("is damaged: its part part-00001-"), notices.get(0));
        assertArrayEquals(model("whole", "model.zip"), model("decaying", "model.zip"));
        assertFalse(store("decaying").newestWhole(TinyRun.spark()).newest().isEmpty());
    }
}
