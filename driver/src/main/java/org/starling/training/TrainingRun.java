package org.starling.training;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.starling.InputException;
import org.starling.Version;
import org.starling.checkpoint.Checkpoint;
import org.starling.checkpoint.CheckpointStore;
import org.starling.checkpoint.ModelDescription;
import org.starling.checkpoint.ModelFile;
import org.starling.data.Shard;
import org.starling.data.ShardedData;
import org.starling.model.SequentialModel;
import org.starling.model.SlicePlan;
import org.starling.training.TrainingConfiguration.CheckpointSettings;
import org.starling.training.TrainingConfiguration.TrainingSettings;

/**
 * A run under way, from its first round or its last checkpoint to its model file. {@link #train} shows the whole algorithm; everything a person
 * sees is a listener's.
 */
final class TrainingRun {
    private final JavaSparkContext spark;
    private final TrainingConfiguration configuration;
    private final SortedMap<String, String> effectiveSettings;
    private final List<TrainingListener> listeners;
    private final RunDirectory directory;
    private final CheckpointStore checkpoints;
    private final SequentialModel model;
    private final ShardedData data;
    private final RunIdentity identity;
    private final JavaRDD<Shard> validationShards;
    private final int stepsPerEpoch;
    private final AveragingPeriod period;
    private final ReplicaStates states;
    private final long start = System.nanoTime();

    TrainingRun(
            JavaSparkContext spark,
            TrainingConfiguration configuration,
            SortedMap<String, String> effectiveSettings,
            List<TrainingListener> listeners,
            RunDirectory directory,
            SequentialModel model,
            ShardedData data,
            RunIdentity identity) {
        this.spark = spark;
        this.configuration = configuration;
        this.effectiveSettings = effectiveSettings;
        this.listeners = listeners;
        this.directory = directory;
        this.checkpoints = directory.checkpoints();
        this.model = model;
        this.data = data;
        this.identity = identity;
        this.validationShards = data.validation().persist(StorageLevel.MEMORY_AND_DISK());
        this.stepsPerEpoch = RoundPlan.stepsPerEpoch(
                data.trainingSizes(), configuration.training().batch());
        this.period = AveragingPeriod.of(configuration.training());
        this.states = new ReplicaStates(
                spark,
                ReplicaSettings.of(configuration, model, data, Executors.taskCpus(spark.getConf())),
                configuration.training().averaging(),
                data.training().persist(StorageLevel.MEMORY_AND_DISK()));
    }

    private boolean hasValidation() {
        return Arrays.stream(data.validationSizes()).sum() > 0;
    }

    /** Rounds of the whole run. */
    int rounds() {
        return roundsWith(RunProgress.START);
    }

    /** Rounds of the whole run, seen from where it is. */
    private int roundsWith(RunProgress progress) {
        return progress.round()
                + period.roundsLeft(
                        progress, stepsPerEpoch, configuration.training().epochs());
    }

    private long stepsOfRun() {
        return (long) stepsPerEpoch * configuration.training().epochs();
    }

    /** @param last checkpoint to go on from, or null to begin */
    TrainingEvent.End train(CheckpointStore.Stored last) {
        TrainingSettings settings = configuration.training();
        RunProgress progress = RunProgress.START;
        CheckpointStore.Stored saved = last;
        if (last == null) {
            spark.setJobDescription("initialize the parameters");
            states.initialize();
        } else {
            spark.setJobDescription("restore round " + last.manifest().round());
            states.restore(last);
            Checkpoint m = last.manifest();
            progress = RunProgress.of(m.round(), m.epoch(), m.step(), m.progress());
        }

        Validation validation = null;
        String reason = "epochs";
        while (progress.epoch() < settings.epochs()) {
            if (stopsEarly(progress)) {
                reason = "early stopping";
                break;
            }
            progress = round(progress);
            validation = null;
            if (progress.atEpochStart() && hasValidation() && validationIsDue(progress)) {
                long validationStart = System.nanoTime();
                validation = validate(progress);
                progress =
                        progress.afterValidation(validation.accuracy(), settings.schedule(), settings.earlyStopping());
                announceValidation(progress, validation, validationStart);
            }
            if (checkpointIsDue(progress)) {
                saved = checkpoint(progress);
            }
        }
        if (saved == null || saved.manifest().round() != progress.round()) {
            saved = checkpoint(progress);
        }
        if (validation == null && hasValidation()) {
            long validationStart = System.nanoTime();
            validation = validate(progress);
            announceValidation(progress, validation, validationStart);
        }
        if (validation != null && !validation.mistakes().isEmpty()) {
            spark.setJobDescription("draw sample mistakes");
            TrainingEvent.Mistakes mistakes = new TrainingEvent.Mistakes(
                    progress.round(), validation.pictures(validationShards, model.input(), data.classes()));
            tell(l -> l.onMistakes(mistakes));
        }
        return finish(saved, reason, validation);
    }

    private RunProgress round(RunProgress progress) {
        long start = System.nanoTime();
        TrainingSettings settings = configuration.training();
        LearningRate rate = LearningRate.of(settings.schedule(), stepsOfRun(), progress.plateauFactor());
        RoundPlan plan = RoundPlan.of(
                progress.round() + 1,
                progress.epoch(),
                progress.step(),
                period.steps(progress),
                settings.batch(),
                data.trainingSizes(),
                rate);
        spark.setJobDescription("round " + plan.round() + ": train and average");
        RoundOutcome outcome;
        try {
            outcome = states.advance(plan);
        } catch (DivergedException e) {
            throw new DivergedException(e.getMessage() + " " + directory.lastGood()
                    + " Lower training.schedule.learningRate, lengthen its warm-up, or set"
                    + " training.clipping.globalNorm.");
        }
        long examples = plan.totalExamples();
        double lossSum = 0;
        long correct = 0;
        for (ReplicaStatistics s : outcome.replicas()) {
            lossSum += s.lossSum();
            correct += s.correct();
        }
        RunProgress next = progress.afterRound(plan, period.after(progress, plan, outcome.variance()));
        TrainingEvent.Round event = new TrainingEvent.Round(
                plan.epoch() + 1,
                plan.round(),
                plan.firstStep() + plan.steps(),
                plan.stepsPerEpoch(),
                roundsWith(next),
                lossSum / examples,
                (double) correct / examples,
                examples,
                plan.lastLearningRate(),
                secondsSince(start));
        tell(l -> l.onRound(event));
        return next;
    }

    private boolean stopsEarly(RunProgress progress) {
        int patience = configuration.training().earlyStopping().patience();
        return patience > 0 && progress.stopping().since() >= patience;
    }

    private boolean validationIsDue(RunProgress progress) {
        TrainingSettings t = configuration.training();
        return progress.epoch() % t.validateEveryEpochs() == 0 || progress.epoch() == t.epochs();
    }

    private boolean checkpointIsDue(RunProgress progress) {
        CheckpointSettings c = configuration.checkpoint();
        boolean byRounds = c.everyRounds() > 0 && progress.round() % c.everyRounds() == 0;
        boolean byEpochs = c.everyEpochs() > 0 && progress.atEpochStart() && progress.epoch() % c.everyEpochs() == 0;
        return byRounds || byEpochs;
    }

    private Validation validate(RunProgress progress) {
        spark.setJobDescription("validate round " + progress.round());
        return states.validate(validationShards);
    }

    private void announceValidation(RunProgress progress, Validation validation, long start) {
        TrainingEvent.Validation event = new TrainingEvent.Validation(
                progress.epoch(), progress.round(), validation.result(), progress.best(), secondsSince(start));
        tell(l -> l.onValidation(event));
    }

    private CheckpointStore.Stored checkpoint(RunProgress progress) {
        long start = System.nanoTime();
        spark.setJobDescription("checkpoint round " + progress.round());
        SlicePlan slices = SlicePlan.of(model.parameterCount());
        CheckpointStore.Stored stored = states.write(
                checkpoints,
                new Checkpoint(
                        Checkpoint.FORMAT_VERSION,
                        Version.current(),
                        progress.round(),
                        progress.epoch(),
                        progress.step(),
                        slices.length(),
                        slices.sliceLength(),
                        configuration.training().replicas(),
                        identity.values(),
                        effectiveSettings,
                        progress.toMap(),
                        List.of()));
        TrainingEvent.Checkpoint event =
                new TrainingEvent.Checkpoint(progress.round(), stored.folder().toString(), secondsSince(start));
        tell(l -> l.onCheckpoint(event));
        return stored;
    }

    private TrainingEvent.End finish(CheckpointStore.Stored saved, String reason, Validation validation) {
        Path file = directory.newModelFile();
        ModelDescription description = ModelDescription.of(
                model,
                data.classes(),
                data.normalization(),
                configuration.run().seed(),
                trainingFacts(saved, reason, validation));
        try (CheckpointStore.Parameters parameters = checkpoints.vector(saved, states.evaluatedVector())) {
            ModelFile.write(file, spark.hadoopConfiguration(), description, parameters);
        } catch (IOException e) {
            throw new InputException("Cannot write the model " + file + ": " + e.getMessage(), e);
        }
        TrainingEvent.End end = new TrainingEvent.End(
                reason,
                validation == null ? OptionalDouble.empty() : OptionalDouble.of(validation.accuracy()),
                file.toString(),
                secondsSince(start));
        tell(l -> l.onEnd(end));
        return end;
    }

    private Map<String, Object> trainingFacts(CheckpointStore.Stored saved, String reason, Validation validation) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("starlingVersion", Version.current());
        facts.put("rounds", saved.manifest().round());
        facts.put("endedBy", reason);
        double decay = configuration.training().averaging().emaDecay();
        if (decay > 0) {
            facts.put("movingAverageDecay", decay);
        }
        facts.put("trainingImages", Arrays.stream(data.classCounts()).sum());
        if (validation != null) {
            facts.put("validationImages", validation.result().images());
            facts.put("validationAccuracy", validation.accuracy());
        }
        return facts;
    }

    private void tell(Consumer<TrainingListener> event) {
        listeners.forEach(event);
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
