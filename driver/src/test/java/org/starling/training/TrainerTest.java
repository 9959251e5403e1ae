package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.MapOutputTrackerMaster;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.storage.BlockManagerMaster;
import org.apache.spark.storage.RDDBlockId;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.InputException;
import org.starling.averaging.SliceRDD;
import org.starling.checkpoint.CheckpointStore;
import org.starling.data.ImageRecord;
import org.starling.model.ModelOptions;
import org.starling.model.Slice;
import org.starling.training.TrainingConfiguration.AdaptiveSettings;
import org.starling.training.TrainingConfiguration.AugmentationSettings;
import org.starling.training.TrainingConfiguration.AveragingSettings;
import org.starling.training.TrainingConfiguration.CheckpointSettings;
import org.starling.training.TrainingConfiguration.ClassWeights;
import org.starling.training.TrainingConfiguration.ClippingSettings;
import org.starling.training.TrainingConfiguration.Crop;
import org.starling.training.TrainingConfiguration.DataSettings;
import org.starling.training.TrainingConfiguration.EarlyStoppingSettings;
import org.starling.training.TrainingConfiguration.ErasingSettings;
import org.starling.training.TrainingConfiguration.ImageStorage;
import org.starling.training.TrainingConfiguration.LightingColours;
import org.starling.training.TrainingConfiguration.ModelSettings;
import org.starling.training.TrainingConfiguration.OptimizerName;
import org.starling.training.TrainingConfiguration.OptimizerSettings;
import org.starling.training.TrainingConfiguration.OuterOptimizerName;
import org.starling.training.TrainingConfiguration.OuterSettings;
import org.starling.training.TrainingConfiguration.Payload;
import org.starling.training.TrainingConfiguration.PostLocalSettings;
import org.starling.training.TrainingConfiguration.Reshard;
import org.starling.training.TrainingConfiguration.RunSettings;
import org.starling.training.TrainingConfiguration.Sampling;
import org.starling.training.TrainingConfiguration.ScheduleName;
import org.starling.training.TrainingConfiguration.ScheduleSettings;
import org.starling.training.TrainingConfiguration.StateRule;
import org.starling.training.TrainingConfiguration.TrainingSettings;
import scala.collection.JavaConverters;

class TrainerTest {
    @TempDir
    Path folder;

    /** A run's settings, as far as these tests vary them. */
    record Variant(
            String directory,
            long seed,
            int epochs,
            int batch,
            StateRule rule,
            double learningRate,
            int patience,
            AveragingSettings averaging) {
        Variant(String directory, long seed, int epochs, int batch, StateRule rule, double learningRate, int patience) {
            this(directory, seed, epochs, batch, rule, learningRate, patience, AveragingSettings.PLAIN);
        }

        Variant in(String other) {
            return new Variant(other, seed, epochs, batch, rule, learningRate, patience, averaging);
        }

        Variant epochs(int other) {
            return new Variant(directory, seed, other, batch, rule, learningRate, patience, averaging);
        }

        Variant averaging(AveragingSettings other) {
            return new Variant(directory, seed, epochs, batch, rule, learningRate, patience, other);
        }
    }

    private static final Variant BASE = new Variant("base", 1, 4, 4, StateRule.AVERAGE, 0.02, 0);

    @BeforeEach
    void writeModelAndImages() throws IOException {
        Files.writeString(folder.resolve("model.json"), TinyRun.modelJson(true));
        writeIdx(folder.resolve("train"), 50);
        writeIdx(folder.resolve("validation"), 20);
    }

    static void writeIdx(Path set, int images) throws IOException {
        Files.createDirectory(set);
        List<ImageRecord> records = TinyRun.images(TinyRun.shards(images).get(0));
        try (DataOutputStream x = new DataOutputStream(Files.newOutputStream(set.resolve("train-images-idx3-ubyte")));
                DataOutputStream y =
                        new DataOutputStream(Files.newOutputStream(set.resolve("train-labels-idx1-ubyte")))) {
            for (int header : new int[] {0x803, images, 8, 8}) {
                x.writeInt(header);
            }
            y.writeInt(0x801);
            y.writeInt(images);
            for (ImageRecord record : records) {
                x.write(record.bytes());
                y.write(record.label());
            }
        }
    }

    static TrainingConfiguration configuration(Path folder, Variant v) {
        return new TrainingConfiguration(
                new RunSettings(folder.resolve(v.directory()).toString(), v.seed(), 1, 10),
                new ModelSettings(
                        folder.resolve("model.json").toString(),
                        ModelOptions.DEFAULT,
                        TrainingConfiguration.Kernels.STARLING,
                        false,
                        Optional.empty(),
                        false),
                new DataSettings(
                        folder.resolve("train").toString(),
                        Optional.of(folder.resolve("validation").toString()),
                        "idx",
                        0,
                        0,
                        Reshard.NEVER,
                        Sampling.ALL,
                        ImageStorage.MEMORY_AND_DISK,
                        0,
                        new AugmentationSettings(
                                Crop.CENTRE,
                                AugmentationSettings.NONE.resized(),
                                true,
                                1,
                                0.1,
                                LightingColours.SET,
                                0.2,
                                0.2,
                                0.2,
                                new ErasingSettings(0.3, 0.02, 0.33))),
                new TrainingSettings(
                        v.epochs(),
                        v.batch(),
                        2,
                        3,
                        v.averaging(),
                        new OptimizerSettings(OptimizerName.MOMENTUM, 5e-4, 0.9, 0.9, 0.999, 1e-7, v.rule()),
                        new ScheduleSettings(
                                ScheduleName.PLATEAU, v.learningRate(), 2, 1, 1, 1, 0, 1e-5, 0.1, 2, 0.001),
                        new ClippingSettings(0, 5),
                        0.1,
                        new ClassWeights(false, Map.of("1", 2.0)),
                        1,
                        new EarlyStoppingSettings(v.patience(), 0),
                        List.of()),
                new CheckpointSettings(2, 1, 3));
    }

    static SortedMap<String, String> settings(Variant v) {
        return new TreeMap<>(Map.of(
                "training.epochs", Integer.toString(v.epochs()),
                "training.schedule.learningRate", Double.toString(v.learningRate())));
    }

    /** Remembers what does not depend on the clock. */
    private static final class Metrics implements TrainingListener {
        final List<String> lines = new ArrayList<>();
        final List<TrainingEvent.Round> rounds = new ArrayList<>();
        TrainingEvent.Start start;
        TrainingEvent.Executors executors;
        TrainingEvent.Resume resume;
        TrainingEvent.Validation validation;
        TrainingEvent.Mistakes mistakes;
        TrainingEvent.Stopped stopped;
        TrainingEvent.End end;
        final List<String> notices = new ArrayList<>();
        int stopAfterRound = Integer.MAX_VALUE;
        /** Done once after the round of that number. */
        final Map<Integer, Runnable> afterRound = new TreeMap<>();

        @Override
        public void onStart(TrainingEvent.Start event) {
            start = event;
        }

        @Override
        public void onExecutors(TrainingEvent.Executors event) {
            assertTrue(start != null && rounds.isEmpty(), "executors are reported between the start and round 1");
            executors = event;
        }

        @Override
        public void onResume(TrainingEvent.Resume event) {
            resume = event;
            // What came after is undone.
            lines.removeIf(line -> roundOf(line) > event.round());
        }

        private static int roundOf(String line) {
            return Integer.parseInt(line.split(" ")[1]);
        }

        @Override
        public void onNotice(TrainingEvent.Notice event) {
            notices.add(event.text());
        }

        @Override
        public void onStopped(TrainingEvent.Stopped event) {
            stopped = event;
        }

        @Override
        public void onEnd(TrainingEvent.End event) {
            end = event;
        }

        @Override
        public void onRound(TrainingEvent.Round r) {
            if (r.round() > stopAfterRound) {
                throw new Killed();
            }
            rounds.add(r);
            lines.add(r.epoch() + " " + r.round() + " " + r.loss() + " " + r.accuracy() + " " + r.examples() + " "
                    + r.learningRate());
            Optional.ofNullable(afterRound.remove(r.round())).ifPresent(Runnable::run);
        }

        @Override
        public void onMistakes(TrainingEvent.Mistakes event) {
            mistakes = event;
        }

        @Override
        public void onValidation(TrainingEvent.Validation v) {
            validation = v;
            lines.add("validation " + v.round() + " " + v.result().top1Accuracy() + " "
                    + v.result().loss() + " " + v.best());
        }
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private Metrics run(Variant variant, boolean resume) {
        return run(variant, resume, new Metrics());
    }

    private Metrics run(Variant variant, boolean resume, Metrics metrics) {
        trainer(variant, metrics).run(resume);
        return metrics;
    }

    private Trainer trainer(Variant variant, Metrics metrics) {
        return new Trainer(TinyRun.spark(), configuration(folder, variant), settings(variant), List.of(metrics));
    }

    /** SHA-256 over parameters, optimizer state and metrics. */
    private String hash(Variant variant, List<String> metrics) throws Exception {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        CheckpointStore.Stored newest = checkpoints(variant).list().get(0);
        for (Slice slice : CheckpointStore.read(TinyRun.spark(), newest).collect()) {
            sha.update(ByteBuffer.allocate(12)
                    .putInt(slice.vector())
                    .putInt(slice.index())
                    .putInt(slice.replica())
                    .array());
            sha.update(slice.content());
        }
        sha.update(String.join("\n", metrics).getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(sha.digest());
    }

    private CheckpointStore checkpoints(Variant variant) {
        return new CheckpointStore(
                new org.apache.hadoop.fs.Path(
                        folder.resolve(variant.directory()).toString(), "checkpoints"),
                new Configuration());
    }

    @Test
    void theSameSeedGivesTheSameHashAndAnotherSeedAnother() throws Exception {
        String first = hash(BASE.in("a"), run(BASE.in("a"), false).lines);
        String second = hash(BASE.in("b"), run(BASE.in("b"), false).lines);
        Variant other = new Variant("c", 2, 4, 4, StateRule.AVERAGE, 0.02, 0);
        assertEquals(first, second);
        assertNotEquals(first, hash(other, run(other, false).lines));
    }

    @ParameterizedTest
    @EnumSource(StateRule.class)
    void twoEpochsAndTwoMoreAfterResumeAreFourEpochs(StateRule rule) throws Exception {
        Variant whole = new Variant("whole", 1, 4, 4, rule, 0.02, 0);
        Variant half = new Variant("half", 1, 2, 4, rule, 0.02, 0);
        Metrics undisturbed = run(whole, false);
        List<String> lines = new ArrayList<>(run(half, false).lines);
        Metrics resumed = run(half.epochs(4), true);
        lines.addAll(resumed.lines);
        assertEquals(hash(whole, undisturbed.lines), hash(half, lines));
        assertEquals(List.of("training.epochs: 2 -> 4"), resumed.resume.changedSettings());
        for (Metrics each : List.of(undisturbed, resumed)) {
            assertEquals(1, each.executors.reports().size());
            assertEquals("driver", each.executors.reports().get(0).executor());
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 2", "5, 4", "7, 6"})
    void aRunKilledWithinAnEpochResumesFromItsLastCheckpointWithTheSameHash(int killedAfter, int checkpoint)
            throws Exception {
        Metrics undisturbed = run(BASE.in("whole"), false);
        Metrics killed = new Metrics();
        killed.stopAfterRound = killedAfter;
        Variant variant = BASE.in("killed");
        assertThrows(Killed.class, () -> run(variant, false, killed));
        Metrics resumed = run(variant, true);
        assertEquals(checkpoint, resumed.resume.round());
        List<String> tail =
                undisturbed.lines.subList(undisturbed.lines.size() - resumed.lines.size(), undisturbed.lines.size());
        assertEquals(tail, resumed.lines);
        assertEquals(hash(BASE.in("whole"), tail), hash(variant, resumed.lines));
    }

    /** Round 3 ends an epoch, whose validation has then to come after the resume: the schedule depends on it. */
    @ParameterizedTest
    @ValueSource(ints = {3, 5})
    void aRunThatIsStoppedKeepsItsLastRoundAndResumesWithTheSameHash(int round) throws Exception {
        Metrics undisturbed = run(BASE.in("whole"), false);
        Metrics first = new Metrics();
        Variant variant = BASE.in("stopped");
        Trainer trainer = trainer(variant, first);
        first.afterRound.put(round, trainer::stop);
        StoppedException stopped = assertThrows(StoppedException.class, () -> trainer.run(false));

        assertTrue(stopped.resumable());
        assertTrue(
                stopped.getMessage().startsWith("after round " + round + " of 12, checkpoint file:"),
                stopped.toString());
        assertEquals(round, first.stopped.round());
        assertEquals(round, checkpoints(variant).list().get(0).manifest().round());
        assertEquals(2L * round, first.stopped.replicaRounds().trained());
        assertFalse(Files.exists(folder.resolve("stopped").resolve("model.zip")));

        Metrics second = run(variant, true);
        List<String> lines = new ArrayList<>(first.lines);
        lines.addAll(second.lines);
        assertEquals(hash(BASE.in("whole"), undisturbed.lines), hash(variant, lines));
    }

    @Test
    void aRunThatIsStoppedBeforeItsFirstRoundHasNothingToGoOnFrom() {
        Metrics metrics = new Metrics();
        Trainer trainer = trainer(BASE, metrics);
        trainer.stop();
        StoppedException stopped = assertThrows(StoppedException.class, () -> trainer.run(false));
        assertFalse(stopped.resumable());
        assertTrue(stopped.getMessage().startsWith("before a round was complete"), stopped.toString());
        assertFalse(Files.exists(folder.resolve("base")));
    }

    /** Before the first checkpoint, and before a validation; the rounds that two replicas make again are counted. */
    @ParameterizedTest
    @CsvSource({"1, 0, 26", "6, 4, 28"})
    void aLostStateGoesBackToTheNewestCheckpointWithTheSameHash(int lostAfter, int backTo, int trained)
            throws Exception {
        Metrics undisturbed = run(BASE.in("whole"), false);
        Metrics disturbed = new Metrics();
        disturbed.afterRound.put(lostAfter, TrainerTest::loseTheState);
        Variant variant = BASE.in("lost");
        run(variant, false, disturbed);

        assertEquals(hash(BASE.in("whole"), undisturbed.lines), hash(variant, disturbed.lines));
        assertEquals(backTo, disturbed.resume.round());
        assertEquals(1, disturbed.notices.size(), disturbed.notices.toString());
        assertTrue(
                disturbed.notices.get(0).startsWith("the parameters after round " + lostAfter + " are lost"),
                disturbed.notices.toString());
        assertEquals(new ReplicaRounds(trained, trained - 24), disturbed.end.replicaRounds());
        assertEquals(new ReplicaRounds(24, 0), undisturbed.end.replicaRounds());
    }

    @Test
    void aLostStateGoesBackPastADamagedCheckpointWithTheSameHash() throws Exception {
        Metrics undisturbed = run(BASE.in("whole"), false);
        Metrics disturbed = new Metrics();
        Variant variant = BASE.in("lost");
        disturbed.afterRound.put(5, () -> {
            damage(checkpoints(variant).list().get(0));
            loseTheState();
        });
        run(variant, false, disturbed);

        assertEquals(hash(BASE.in("whole"), undisturbed.lines), hash(variant, disturbed.lines));
        assertEquals(3, disturbed.resume.round());
        assertEquals(2, disturbed.notices.size(), disturbed.notices.toString());
        assertTrue(
                disturbed.notices.get(0).endsWith("going back to the checkpoint of round 3"),
                disturbed.notices.toString());
        assertTrue(
                disturbed.notices.get(1).matches("passing over the checkpoint .*round-00000004-.*CRC32C.*"),
                disturbed.notices.toString());
    }

    private static void damage(CheckpointStore.Stored checkpoint) {
        Path part = Path.of(checkpoint.folder().toUri())
                .resolve(checkpoint.manifest().parts().get(0).name());
        try {
            byte[] bytes = Files.readAllBytes(part);
            bytes[bytes.length / 2] ^= 1;
            Files.write(part, bytes);
            // Hadoop's own sum beside it, or the file could not be read at all.
            Files.deleteIfExists(part.resolveSibling("." + part.getFileName() + ".crc"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aCheckpointOnTheWayThatCannotBeWrittenIsAWarning() throws Exception {
        Metrics undisturbed = run(BASE.in("whole"), false);
        Metrics metrics = new Metrics();
        Variant variant = BASE.in("blocked");
        metrics.afterRound.put(1, () -> blockCheckpoints(variant, true));
        metrics.afterRound.put(3, () -> blockCheckpoints(variant, false));
        run(variant, false, metrics);
        assertEquals(hash(BASE.in("whole"), undisturbed.lines), hash(variant, metrics.lines));
        assertEquals(1, metrics.notices.size(), metrics.notices.toString());
        assertTrue(
                metrics.notices
                        .get(0)
                        .matches(
                                "warning: no checkpoint of round 2: .* cannot write .*; the run goes on and tries again.*"),
                metrics.notices.toString());
    }

    @Test
    void aRunThatIsStoppedAndCannotKeepItsLastRoundSaysSo() {
        Metrics metrics = new Metrics();
        Variant variant = BASE.in("blocked");
        Trainer trainer = trainer(variant, metrics);
        metrics.afterRound.put(1, () -> {
            blockCheckpoints(variant, true);
            trainer.stop();
        });
        StoppedException stopped = assertThrows(StoppedException.class, () -> trainer.run(false));
        assertFalse(stopped.resumable());
        assertTrue(
                stopped.getMessage()
                        .matches(
                                "without a checkpoint, .*; round 1 could not be kept: .* cannot write .*; make room there"
                                        + " first"),
                stopped.getMessage());
    }

    /** A file where the folder of the checkpoints should be. */
    private void blockCheckpoints(Variant variant, boolean block) {
        Path file = folder.resolve(variant.directory()).resolve("checkpoints");
        try {
            if (block) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, "in the way");
            } else {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aStateThatIsLostAgainAndAgainEndsTheRunWithTheReason() {
        Metrics metrics = new Metrics();
        Runnable again = new Runnable() {
            @Override
            public void run() {
                metrics.afterRound.put(5, this);
                loseTheState();
            }
        };
        again.run();
        InputException lost = assertThrows(InputException.class, () -> run(BASE, false, metrics));
        assertTrue(lost.getMessage().contains("6 times in a row before round 6 was complete"), lost.getMessage());
        assertTrue(lost.getMessage().contains("round-00000004-"), lost.getMessage());
        assertEquals(5, metrics.notices.size());
    }

    /** As executors do that die with all that states are and were made from: blocks, and files of exchanges. */
    private static void loseTheState() {
        states().forEach(state -> blocks().removeRdd(state, true));
        exchanges().forEach(exchange -> outputs().unregisterAllMapAndMergeOutput(exchange));
    }

    /** And when the newest state alone is lost, it is made again of the exchange's files, or of the rounds' before. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStateThatHasNoSecondCopyYetIsMadeAgain(boolean filesToo) throws Exception {
        Metrics undisturbed = run(BASE.in("whole"), false);
        Metrics disturbed = new Metrics();
        disturbed.afterRound.put(6, () -> loseTheNewestState(filesToo));
        Variant variant = BASE.in("lost");
        run(variant, false, disturbed);

        assertEquals(hash(BASE.in("whole"), undisturbed.lines), hash(variant, disturbed.lines));
        assertNull(disturbed.resume);
        assertEquals(List.of(), disturbed.notices);
        int again = filesToo ? 2 : 0;
        assertEquals(new ReplicaRounds(24 + again, again), disturbed.end.replicaRounds());
    }

    private static void loseTheNewestState(boolean filesToo) {
        int newest = states().max().orElseThrow();
        assertTrue(blocks().contains(new RDDBlockId(newest, 0)));
        blocks().removeRdd(newest, true);
        if (filesToo) {
            outputs().unregisterAllMapAndMergeOutput(exchanges().max().orElseThrow());
        }
    }

    private static BlockManagerMaster blocks() {
        return TinyRun.spark().sc().env().blockManager().master();
    }

    private static MapOutputTrackerMaster outputs() {
        return (MapOutputTrackerMaster) TinyRun.spark().sc().env().mapOutputTracker();
    }

    /** Numbers of the RDDs of slices that are cached. */
    private static IntStream states() {
        return TinyRun.spark().getPersistentRDDs().values().stream()
                .map(JavaRDD::rdd)
                .filter(SliceRDD.class::isInstance)
                .mapToInt(RDD::id);
    }

    /** Numbers of the shuffles whose files are there. */
    private static IntStream exchanges() {
        return JavaConverters.asJavaCollection(outputs().shuffleStatuses().keys()).stream()
                .mapToInt(id -> (Integer) id);
    }

    /** 25 images a replica by 4 are 7 steps an epoch: 3 rounds of 3 steps, or one of 7. */
    @Test
    void postLocalSgdAveragesAtAnotherPeriodAfterItsEpochsAndCountsItsRounds() throws Exception {
        Variant postLocal = BASE.averaging(new AveragingSettings(
                new PostLocalSettings(2, 7), AdaptiveSettings.NONE, OuterSettings.NONE, 0, Payload.FLOAT32));
        Metrics whole = run(postLocal.in("whole"), false);
        assertEquals(
                List.of(1, 1, 1, 2, 2, 2, 3, 4),
                whole.rounds.stream().map(TrainingEvent.Round::epoch).toList());
        assertEquals(8, whole.start.rounds());
        assertTrue(whole.rounds.stream().allMatch(r -> r.rounds() == 8));
        assertEquals(
                List.of(3, 6, 7, 3, 6, 7, 7, 7),
                whole.rounds.stream().map(TrainingEvent.Round::stepsOfEpoch).toList());
        assertResumesWithTheSameBits(postLocal, whole);
    }

    @Test
    void anOuterOptimizersMomentumIsCheckpointedAndGoesOnWithTheSameBits() throws Exception {
        Variant slowMo = BASE.averaging(new AveragingSettings(
                new PostLocalSettings(0, 1),
                AdaptiveSettings.NONE,
                OuterSettings.of(OuterOptimizerName.SLOWMO),
                0,
                Payload.FLOAT32));
        Metrics whole = run(slowMo.in("whole"), false);
        assertNotEquals(run(BASE.in("plain"), false).lines, whole.lines);
        assertResumesWithTheSameBits(slowMo, whole);
        InputException refused = assertThrows(InputException.class, () -> run(BASE.in("whole"), true));
        assertTrue(refused.getMessage().contains("training.outer.optimizer: SLOWMO -> (none)"), refused.getMessage());
    }

    /** Of an epoch's 7 steps a fixed period of 3 makes rounds of 3, 3 and 1. */
    @Test
    void anAdaptivePeriodFollowsTheReplicasVarianceAndGoesOnWithTheSameBits() throws Exception {
        Variant adaptive = BASE.epochs(8)
                .averaging(new AveragingSettings(
                        new PostLocalSettings(0, 1),
                        new AdaptiveSettings(5, 1, 1),
                        OuterSettings.NONE,
                        0,
                        Payload.FLOAT32));
        Metrics whole = run(adaptive.in("whole"), false);
        Set<Integer> steps = new TreeSet<>();
        int before = 0;
        for (TrainingEvent.Round round : whole.rounds) {
            steps.add(round.stepsOfEpoch() - before);
            before = round.stepsOfEpoch() % round.stepsPerEpoch();
        }
        assertTrue(steps.stream().anyMatch(s -> s != 3 && s != 1), "rounds of " + steps + " steps");
        assertTrue(steps.stream().allMatch(s -> s <= 5), "rounds of " + steps + " steps");
        TrainingEvent.Round last = whole.rounds.get(whole.rounds.size() - 1);
        assertEquals(last.round(), last.rounds());
        assertResumesWithTheSameBits(adaptive, whole);
    }

    @Test
    void theResidualsOfAPayloadAreCheckpointedAndItGoesOnWithTheSameBits() throws Exception {
        Variant int8 = BASE.averaging(new AveragingSettings(
                new PostLocalSettings(0, 1), AdaptiveSettings.NONE, OuterSettings.NONE, 0, Payload.INT8));
        Metrics whole = run(int8.in("whole"), false);
        assertNotEquals(run(BASE.in("plain"), false).lines, whole.lines);
        assertResumesWithTheSameBits(int8, whole);
    }

    /** Kills a run in its fifth round, after the checkpoint of its fourth, and goes on; {@code whole} ran in "whole". */
    private void assertResumesWithTheSameBits(Variant variant, Metrics whole) throws Exception {
        Metrics killed = new Metrics();
        killed.stopAfterRound = 4;
        assertThrows(Killed.class, () -> run(variant.in("killed"), false, killed));
        Metrics resumed = run(variant.in("killed"), true);
        assertEquals(4, resumed.resume.round());
        List<String> tail = whole.lines.subList(whole.lines.size() - resumed.lines.size(), whole.lines.size());
        assertEquals(tail, resumed.lines);
        assertEquals(hash(variant.in("whole"), tail), hash(variant.in("killed"), resumed.lines));
    }

    @Test
    void everyImageIsSeenOnceAnEpochAndTheLossFalls() throws Exception {
        Metrics metrics = run(BASE.epochs(20), false);
        for (int epoch = 1; epoch <= 20; epoch++) {
            int e = epoch;
            assertEquals(
                    50,
                    metrics.rounds.stream()
                            .filter(r -> r.epoch() == e)
                            .mapToLong(TrainingEvent.Round::examples)
                            .sum());
        }
        double last = metrics.rounds.get(metrics.rounds.size() - 1).loss();
        assertTrue(
                last < 0.8 * metrics.rounds.get(0).loss(),
                "loss " + metrics.rounds.get(0).loss() + " -> " + last);
        assertEquals(17.0 / 50, metrics.start.classCounts()[0] / 50.0);
        assertEquals(7.0 / 20, metrics.start.largestClassAccuracy());
    }

    @Test
    void theModelFileHoldsTheLastCheckpointAndOpensInDl4j() throws Exception {
        run(BASE, false);
        assertArrayEquals(newestVector(BASE, Slice.PARAMETERS), modelParameters(BASE));
    }

    @Test
    void theModelFileHoldsTheMovingAverageWhereThereIsOneAndItGoesOnWithTheSameBits() throws Exception {
        Variant averaged = BASE.averaging(new AveragingSettings(
                new PostLocalSettings(0, 1), AdaptiveSettings.NONE, OuterSettings.NONE, 0.9, Payload.FLOAT32));
        Metrics whole = run(averaged.in("whole"), false);
        float[] model = modelParameters(averaged.in("whole"));
        // Momentum has number 1, an outer optimizer's 2.
        assertArrayEquals(newestVector(averaged.in("whole"), 3), model);
        assertFalse(Arrays.equals(newestVector(averaged.in("whole"), Slice.PARAMETERS), model));
        assertResumesWithTheSameBits(averaged, whole);
    }

    private float[] modelParameters(Variant variant) throws IOException {
        Path zip = folder.resolve(variant.directory()).resolve("model.zip");
        MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(zip.toFile(), false);
        float[] values = new float[(int) stock.numParams()];
        stock.params().data().asNioFloat().get(values);
        return values;
    }

    private float[] newestVector(Variant variant, int vector) throws IOException {
        CheckpointStore store = checkpoints(variant);
        FloatBuffer values =
                FloatBuffer.allocate((int) store.list().get(0).manifest().parameters());
        try (CheckpointStore.Parameters slices = store.vector(store.list().get(0), vector)) {
            slices.forEachRemaining(values::put);
        }
        return values.array();
    }

    @Test
    void mistakesAreThoseOfTheLastValidationWithPicturesThatCanBeSeen() throws Exception {
        Metrics metrics = run(new Variant("untrained", 1, 1, 4, StateRule.AVERAGE, 1e-12, 0), false);
        long wrong = metrics.validation.result().images()
                - metrics.validation.result().correct();
        assertTrue(wrong > 0, "an untrained network makes mistakes");
        assertEquals(Math.min(24, wrong), metrics.mistakes.mistakes().size());
        for (TrainingEvent.Mistake mistake : metrics.mistakes.mistakes()) {
            assertNotEquals(mistake.actual(), mistake.predicted());
            BufferedImage picture = ImageIO.read(new ByteArrayInputStream(mistake.png()));
            assertEquals(8, picture.getWidth());
        }
    }

    @Test
    void sparksOwnPageNamesWhatEachJobDoes() throws Exception {
        Set<String> descriptions = ConcurrentHashMap.newKeySet();
        SparkListener listener = new SparkListener() {
            @Override
            public void onJobStart(SparkListenerJobStart start) {
                descriptions.add(String.valueOf(start.properties().getProperty("spark.job.description")));
            }
        };
        TinyRun.spark().sc().addSparkListener(listener);
        try {
            run(BASE.epochs(1), false);
            long deadline = System.nanoTime() + 10_000_000_000L;
            while (!descriptions.contains("validate round 3") && System.nanoTime() < deadline) {
                Thread.sleep(10);
            }
        } finally {
            TinyRun.spark().sc().removeSparkListener(listener);
        }
        assertTrue(
                descriptions.containsAll(List.of(
                        "initialize the parameters",
                        "round 1: train and average",
                        "round 3: train and average",
                        "checkpoint round 2",
                        "validate round 3")),
                descriptions.toString());
        assertFalse(descriptions.contains("null"), descriptions.toString());
    }

    @Test
    void aSettingThatChangesTheMeaningMayNotDifferOnResume() {
        run(BASE.epochs(1), false);
        Variant other = new Variant("base", 1, 2, 5, StateRule.AVERAGE, 0.02, 0);
        InputException refused = assertThrows(InputException.class, () -> run(other, true));
        assertTrue(refused.getMessage().contains("training.batch: 4 -> 5"), refused.getMessage());
    }

    @Test
    void aDirectoryThatHoldsARunIsRefusedAndLeftAsItIs() throws Exception {
        run(BASE.epochs(1), false);
        byte[] before = Files.readAllBytes(folder.resolve("base").resolve("model.zip"));
        InputException refused = assertThrows(InputException.class, () -> run(BASE, false));
        assertTrue(refused.getMessage().contains("--resume"), refused.getMessage());
        assertEquals(
                HexFormat.of().formatHex(before),
                HexFormat.of()
                        .formatHex(Files.readAllBytes(folder.resolve("base").resolve("model.zip"))));
    }

    @Test
    void resumeWithoutACheckpointSaysWhatIsMissing() {
        InputException refused = assertThrows(InputException.class, () -> run(BASE, true));
        assertTrue(refused.getMessage().contains("no checkpoint"), refused.getMessage());
    }

    @Test
    void divergenceNamesReplicaRoundAndLastGoodCheckpoint() {
        // Weight decay times this rate throws the parameters out of range within two rounds.
        Variant hot = new Variant("hot", 1, 4, 4, StateRule.AVERAGE, 1e22, 0);
        DivergedException diverged = assertThrows(DivergedException.class, () -> run(hot, false));
        assertTrue(
                diverged.getMessage().matches("Training diverged in round \\d+: replica \\d+ on .*checkpoint.*"),
                diverged.getMessage());
        assertFalse(Files.exists(folder.resolve("hot").resolve("model.zip")));
    }

    @Test
    void earlyStoppingEndsARunThatDoesNotImprove() {
        Variant still = new Variant("still", 1, 50, 4, StateRule.AVERAGE, 1e-12, 3);
        Metrics metrics = run(still, false);
        assertEquals(4, metrics.rounds.get(metrics.rounds.size() - 1).epoch());
    }

    @Test
    void aSetWithAnotherNumberOfClassesThanTheModelIsRefused() throws IOException {
        Files.writeString(folder.resolve("model.json"), TinyRun.modelJson(false).replace("\"units\":3", "\"units\":4"));
        InputException refused = assertThrows(InputException.class, () -> run(BASE, false));
        assertTrue(refused.getMessage().contains("3 classes"), refused.getMessage());
        assertTrue(refused.getMessage().contains("4 outputs"), refused.getMessage());
    }
}
