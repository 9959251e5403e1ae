package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.starling.InputException;
import org.starling.data.augmentation.Augmentation;
import org.starling.data.augmentation.AugmentationStep;
import org.starling.data.augmentation.Lighting;
import org.starling.data.augmentation.Mirror;
import org.starling.data.augmentation.Rendering;
import org.starling.data.augmentation.Shift;
import org.starling.evaluation.PredictionTable;
import org.starling.kernels.optimizer.Sgd;
import org.starling.training.TrainingConfiguration.CheckpointSettings;
import org.starling.training.TrainingConfiguration.ClippingSettings;
import org.starling.training.TrainingConfiguration.EarlyStoppingSettings;
import org.starling.training.TrainingConfiguration.OptimizerSettings;
import org.starling.training.TrainingConfiguration.ScheduleSettings;
import org.starling.training.TrainingConfiguration.StateRule;

class TrainingTest {
    @TempDir
    Path folder;

    /** A step of a program's own, which says what it is. */
    record Brighter(double factor) implements AugmentationStep {
        @Override
        public String name() {
            return "brighter";
        }

        @Override
        public void apply(Rendering rendering, SplittableRandom random) {
            rendering.colours().brighten(random.nextDouble(1, factor));
        }
    }

    /** One that does not. */
    static class Silent implements AugmentationStep {
        private static final long serialVersionUID = 1L;

        @Override
        public String name() {
            return "silent";
        }

        @Override
        public void apply(Rendering rendering, SplittableRandom random) {}
    }

    /** One that cannot leave the driver. */
    static final class Rooted extends Silent {
        private static final long serialVersionUID = 1L;
        private final transient Object fine = new Object();
        private final Thread thread = Thread.currentThread();

        @Override
        public String toString() {
            return fine + " " + thread;
        }
    }

    /** A rate that says what it is. */
    record Line(double first) implements LearningRate {
        @Override
        public double at(long step, long steps) {
            return first * (1 - (double) step / steps);
        }
    }

    private static final class Told implements TrainingListener {
        final List<TrainingEvent.Round> rounds = new ArrayList<>();
        final List<String> notices = new ArrayList<>();
        List<String> changed = List.of();

        @Override
        public void onRound(TrainingEvent.Round round) {
            rounds.add(round);
        }

        @Override
        public void onNotice(TrainingEvent.Notice notice) {
            notices.add(notice.text());
        }

        @Override
        public void onResume(TrainingEvent.Resume resume) {
            changed = resume.changedSettings();
        }
    }

    @BeforeEach
    void writeImages() throws IOException {
        TrainerTest.writeIdx(folder.resolve("train"), 50);
        TrainerTest.writeIdx(folder.resolve("validation"), 20);
    }

    private TrainerBuilder tiny() {
        return Trainer.builder()
                .modelJson(TinyRun.modelJson(true))
                .validation(folder.resolve("validation").toString())
                .batch(4)
                .epochs(2)
                .replicas(2)
                .stepsPerRound(3);
    }

    private TrainedModel fit(TrainerBuilder builder) {
        return builder.build().fit(TinyRun.spark(), folder.resolve("train").toString());
    }

    private static float[] parameters(TrainedModel model) {
        float[] values = new float[model.load().parameters().remaining()];
        model.load().parameters().get(values);
        return values;
    }

    @Test
    void aRateOfAProgramsOwnIsAskedForEveryStepAndGivesTheBitsOfTheSameSchedule() {
        Map<Long, Long> asked = new HashMap<>();
        Told told = new Told();
        TrainedModel own = fit(tiny().listener(told).learningRate((step, steps) -> {
            asked.put(step, steps);
            return 0.05 * (1 - (double) step / steps);
        }));
        // 25 images a replica, 4 a step, twice.
        assertEquals(14, asked.size());
        assertEquals(List.of(14L), asked.values().stream().distinct().toList());
        assertEquals(0.05 * (1 - 2 / 14.0), told.rounds.get(0).learningRate());
        assertArrayEquals(parameters(fit(tiny().schedule(ScheduleSettings.polynomial(0.05, 1)))), parameters(own));
        assertFalse(Arrays.equals(parameters(fit(tiny().learningRate(0.05))), parameters(own)));
    }

    @Test
    void aRateThatIsNoNumberIsNamed() {
        InputException refused = assertThrows(
                InputException.class, () -> fit(tiny().learningRate((step, steps) -> step < 4 ? 0.1 : Double.NaN)));
        assertTrue(
                refused.getMessage()
                        .matches("The learning rate .*TrainingTest lambda .* is NaN at step 4; expected .*"),
                refused.getMessage());
    }

    @Test
    void stepsOfAProgramsOwnChangeWhatIsTrainedAndStarlingsOwnAreThoseOfTheSettings() throws Exception {
        float[] plain = parameters(fit(tiny()));
        float[] brighter = parameters(fit(tiny().augmentation(new Brighter(1.5))));
        assertFalse(Arrays.equals(plain, brighter));
        assertArrayEquals(brighter, parameters(fit(tiny().augmentation(new Brighter(1.5)))));
        assertFalse(Arrays.equals(brighter, parameters(fit(tiny().augmentation(new Brighter(1.6))))));
    }

    /** Tasks know their steps as copies: where these have no equality the networks are used again all the same. */
    @Test
    void aNetworkIsUsedAgainWhateverTheSteps() {
        ReplicaSettings settings = TinyRun.settings(new Sgd(), StateRule.RESET, false);
        assertEquals(settings.content(), with(settings, new Silent()).content());
        assertEquals(settings.content(), with(settings, new Brighter(2)).content());
    }

    @Test
    void aReplicasSettingsWithAStepOfAProgramsOwnPassThroughKryo() {
        ReplicaSettings own = with(TinyRun.settings(new Sgd(), StateRule.RESET, false), new Mirror(), new Brighter(2));
        var serializer = new KryoSerializer(new SparkConf()
                        .set("spark.kryo.registrationRequired", "true")
                        .set("spark.kryo.registrator", StarlingKryoRegistrator.class.getName()))
                .newInstance();
        var type = scala.reflect.ClassTag$.MODULE$.<ReplicaSettings>apply(ReplicaSettings.class);
        ReplicaSettings back = serializer.deserialize(serializer.serialize(own, type), type);
        assertEquals(own.augmentation(), back.augmentation());
    }

    private static ReplicaSettings with(ReplicaSettings plain, AugmentationStep... steps) {
        return new ReplicaSettings(
                plain.modelJson(),
                plain.modelSource(),
                plain.modelOptions(),
                plain.kernels(),
                plain.threads(),
                plain.seed(),
                plain.batch(),
                plain.optimizer(),
                plain.stateRule(),
                plain.weightDecay(),
                plain.clipping(),
                plain.labelSmoothing(),
                plain.classWeights(),
                plain.preprocessing(),
                Augmentation.of(steps),
                plain.frozenLayers());
    }

    @Test
    void theModelIsSavedMeasuredAndAskedAndTheHistoryIsWhatListenersWereTold() throws Exception {
        Told told = new Told();
        TrainedModel model = tiny().epochs(3)
                .listener(told)
                .build()
                .fit(
                        SparkSession.builder()
                                .sparkContext(TinyRun.spark().sc())
                                .getOrCreate(),
                        folder.resolve("train").toString());
        assertEquals(told.rounds, model.history().rounds());
        assertEquals(3, model.history().accuracies().size());
        assertEquals(
                model.accuracy(), OptionalDouble.of(model.history().accuracies().get(2)));
        assertEquals("epochs", model.endedBy());

        String validation = folder.resolve("validation").toString();
        assertEquals(
                model.accuracy().orElseThrow(),
                model.evaluate(validation).result().top1Accuracy());
        var table = new PredictionTable(folder.resolve("answers").toString(), PredictionTable.Format.JSON, 1);
        assertEquals(20, model.predict(validation, table).images());

        Path saved = folder.resolve("saved.zip");
        model.save(saved.toString());
        float[] stock = new float[parameters(model).length];
        ModelSerializer.restoreMultiLayerNetwork(saved.toFile(), false)
                .params()
                .data()
                .asNioFloat()
                .get(stock);
        assertArrayEquals(parameters(model), stock);
        assertTrue(Files.exists(folder.resolve("saved.json")));
        String again = assertThrows(InputException.class, () -> model.save(saved.toString()))
                .getMessage();
        assertTrue(again.contains("saved.zip: exists already"), again);
        String name =
                assertThrows(InputException.class, () -> model.save("saved")).getMessage();
        assertTrue(name.contains("expected is \"saved.zip\""), name);
    }

    @Test
    void aResumedRunSaysWhatOfTheProgramsOwnHasChangedAndWhatItCannotTell() {
        String run = folder.resolve("run").toString();
        fit(tiny().runDirectory(run)
                .epochs(1)
                .learningRate(new Line(0.05))
                .augmentation(new Brighter(1.5), new Silent()));
        Told told = new Told();
        TrainedModel resumed = tiny().runDirectory(run)
                .learningRate(new Line(0.04))
                .augmentation(new Brighter(2), new Silent())
                .listener(told)
                .build()
                .resume(TinyRun.spark(), folder.resolve("train").toString());
        String own = TrainingTest.class.getName();
        assertEquals(
                List.of(
                        "data.augmentation.step.1: %s$Brighter[factor=1.5] -> %1$s$Brighter[factor=2.0]".formatted(own),
                        "training.epochs: 1 -> 2",
                        "training.learningRate: %s$Line[first=0.05] -> %1$s$Line[first=0.04]".formatted(own)),
                told.changed);
        assertEquals(
                List.of(
                        "whether data.augmentation.step.2 is what the run began with cannot be told: %s$Silent (cannot be compared); a record, or a toString of its own, would tell"
                                .formatted(own)),
                told.notices);
        assertEquals(
                List.of(2),
                resumed.history().rounds().stream()
                        .map(TrainingEvent.Round::epoch)
                        .distinct()
                        .toList());
    }

    @Test
    void aLambdaIsNamedAlikeInEveryJvmAndIsNotComparable() {
        LearningRate lambda = (step, steps) -> 1;
        String described = ProgramObject.describe(lambda);
        assertEquals(TrainingTest.class.getName() + " lambda (cannot be compared)", described);
        assertFalse(ProgramObject.isComparable(described));
        Lighting lighting = Lighting.ofImageNet(0.1);
        assertTrue(ProgramObject.isComparable(ProgramObject.describe(lighting)), lighting.toString());
        assertNotEquals(lighting.toString(), Lighting.ofImageNet(0.2).toString());
    }

    @Test
    void oneThatIsAskedToStopKeepsItsLastRoundAndGoesOn() throws Exception {
        String run = folder.resolve("stopped").toString();
        Training[] training = new Training[1];
        training[0] = tiny().runDirectory(run)
                .listener(new TrainingListener() {
                    @Override
                    public void onRound(TrainingEvent.Round round) {
                        training[0].stop();
                    }
                })
                .build();
        String train = folder.resolve("train").toString();
        StoppedException stopped = assertThrows(StoppedException.class, () -> training[0].fit(TinyRun.spark(), train));
        assertTrue(stopped.resumable(), stopped.getMessage());
        TrainedModel resumed = tiny().runDirectory(run).build().resume(TinyRun.spark(), train);
        assertArrayEquals(parameters(fit(tiny())), parameters(resumed));
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                wrong(b -> b.epochs(0), "epochs = 0"),
                wrong(b -> b.batch(-1), "batch = -1"),
                wrong(b -> b.replicas(0), "replicas = 0"),
                wrong(b -> b.stepsPerRound(0), "stepsPerRound = 0"),
                wrong(b -> b.labelSmoothing(1), "labelSmoothing = 1.0"),
                wrong(b -> b.validationFraction(0.2), "validationFraction(0.2)"),
                wrong(b -> b.badImageLimit(2), "badImageLimit = 2.0"),
                wrong(b -> b.learningRate(Double.NaN), "schedule: learningRate = NaN"),
                wrong(b -> b.schedule(ScheduleSettings.step(0.1, 0, 0.5)), "schedule: stepSize = 0"),
                wrong(b -> b.optimizer(OptimizerSettings.momentum(1)), "optimizer: momentum = 1.0"),
                wrong(b -> b.optimizer(OptimizerSettings.sgd().withWeightDecay(-1)), "optimizer: weightDecay = -1.0"),
                wrong(b -> b.clipping(new ClippingSettings(0, -1)), "clipping: globalNorm = -1.0"),
                wrong(b -> b.checkpoint(new CheckpointSettings(0, 0, -1)), "checkpoint: keep = -1"),
                wrong(b -> b.earlyStopping(new EarlyStoppingSettings(-1, 0)), "earlyStopping: patience = -1"),
                wrong(b -> b.model("model.json"), "Two models are given"),
                wrong(b -> b.modelJson("{"), "modelJson"),
                wrong(b -> b.format("jpeg"), "format(\"jpeg\")"),
                wrong(b -> b.augmentation(new Mirror(), new Mirror()), "two steps are named mirror"),
                wrong(b -> b.augmentation(new Shift(1), new Rooted()), "Rooted cannot be sent to executors"));
    }

    private static Arguments wrong(UnaryOperator<TrainerBuilder> change, String named) {
        return Arguments.of(change, named);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatCannotBeUsedIsNamedBeforeAnythingRuns(UnaryOperator<TrainerBuilder> change, String named) {
        InputException refused =
                assertThrows(InputException.class, () -> change.apply(tiny()).build());
        assertTrue(refused.getMessage().contains(named), refused.getMessage());
    }

    @Test
    void whatIsMissingIsNamed() {
        String model = assertThrows(
                        InputException.class, () -> Trainer.builder().build())
                .getMessage();
        assertTrue(model.startsWith("No model is given"), model);
        for (UnaryOperator<TrainerBuilder> change : List.<UnaryOperator<TrainerBuilder>>of(
                b -> b.model(null), b -> b.listener(null), b -> b.optimizer(null), b -> b.validation(" "))) {
            InputException refused = assertThrows(InputException.class, () -> change.apply(Trainer.builder()));
            assertTrue(refused.getMessage().contains("a value is expected"), refused.getMessage());
        }
        String resume = assertThrows(InputException.class, () -> tiny().build()
                        .resume(TinyRun.spark(), folder.resolve("train").toString()))
                .getMessage();
        assertTrue(resume.contains("runDirectory"), resume);
    }

    @Test
    void validationIsMissedWhereItIsNeeded() {
        TrainerBuilder without =
                Trainer.builder().modelJson(TinyRun.modelJson(false)).validationFraction(0);
        assertEquals(0, without.build().configuration().data().validationFraction());
        String plateau = assertThrows(InputException.class, () -> without.schedule(ScheduleSettings.plateau(0.1))
                        .build())
                .getMessage();
        assertTrue(plateau.startsWith("schedule: plateau looks at validation accuracy"), plateau);
    }
}
