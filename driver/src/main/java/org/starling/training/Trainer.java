package org.starling.training;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
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
import org.starling.evaluation.EvaluationResult;
import org.starling.model.SequentialModel;
import org.starling.model.SlicePlan;
import org.starling.training.TrainingConfiguration.CheckpointSettings;
import org.starling.training.TrainingConfiguration.TrainingSettings;

/**
 * A training run on Spark: shards the data, starts or restores the replicas, and goes round by round, with validation, schedule, early stopping
 * and checkpoints in between. {@link #train} shows the whole algorithm; everything a person sees is a listener's.
 */
public final class Trainer {
    private final JavaSparkContext spark;
    private final TrainingConfiguration configuration;
    private final SortedMap<String, String> effectiveSettings;
    private final List<TrainingListener> listeners;
    private final RunDirectory directory;
    private final CheckpointStore checkpoints;

    /**
     * @param effectiveSettings every setting as {@code key -> value}, secrets redacted: stored in checkpoints, compared on resume
     * @param listeners told of everything, in this order
     */
    public Trainer(
            JavaSparkContext spark,
            TrainingConfiguration configuration,
            SortedMap<String, String> effectiveSettings,
            List<TrainingListener> listeners) {
        this.spark = spark;
        this.configuration = configuration;
        this.effectiveSettings = effectiveSettings;
        this.listeners = List.copyOf(listeners);
        Configuration hadoop = spark.hadoopConfiguration();
        this.directory = new RunDirectory(new Path(configuration.run().directory()), hadoop);
        this.checkpoints = new CheckpointStore(directory.checkpoints(), hadoop);
    }

    /**
     * Trains to the end and writes the model.
     *
     * @param resume go on from the newest checkpoint in the run directory; otherwise the directory must hold no run
     * @throws InputException when something the user gave cannot be used
     * @throws DivergedException when a replica leaves the finite numbers
     */
    public TrainingEvent.End run(boolean resume) {
        try {
            return runUnwrapped(resume);
        } catch (Exception e) {
            // What a task threw arrives wrapped in Spark's exceptions, some of them checked and undeclared.
            throw InputException.within(e).orElseThrow(() -> sneak(e));
        } finally {
            spark.sc().setJobDescription(null);
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Exception> RuntimeException sneak(Exception e) throws E {
        throw (E) e;
    }

    private TrainingEvent.End runUnwrapped(boolean resume) {
        long start = System.nanoTime();
        SequentialModel model = SequentialModel.read(
                new Path(configuration.model().file()),
                spark.hadoopConfiguration(),
                configuration.model().options());
        CheckpointStore.Stored last = resume ? directory.newestCheckpoint(checkpoints) : directory.requireFresh();
        Executors executors = new Executors(spark);
        executors.await(configuration.run().waitSeconds(), this::notice);
        executors.requireShared(directory.path(), TrainingData.paths(configuration.data()));

        spark.setJobDescription("prepare the data");
        ShardedData data = TrainingData.prepare(spark, configuration, model);
        RunIdentity identity = RunIdentity.of(configuration, model, data);
        List<String> changed = last == null ? List.of() : identity.requireSame(last.manifest(), effectiveSettings);

        Run run = new Run(model, data, identity, start);
        announce(run);
        if (last != null) {
            String from = last.folder().toString();
            tell(l -> l.onResume(new TrainingEvent.Resume(last.manifest().round(), from, changed)));
        }
        return train(run, last);
    }

    /** What stays the same while a run goes on. */
    private final class Run {
        final SequentialModel model;
        final ShardedData data;
        final RunIdentity identity;
        final long start;
        final JavaRDD<Shard> shards;
        final JavaRDD<Shard> validationShards;
        final int stepsPerEpoch;
        final ReplicaStates states;

        Run(SequentialModel model, ShardedData data, RunIdentity identity, long start) {
            this.model = model;
            this.data = data;
            this.identity = identity;
            this.start = start;
            this.shards = data.training().persist(StorageLevel.MEMORY_AND_DISK());
            this.validationShards = data.validation().persist(StorageLevel.MEMORY_AND_DISK());
            TrainingSettings t = configuration.training();
            this.stepsPerEpoch = RoundPlan.stepsPerEpoch(data.trainingSizes(), t.batch());
            this.states = new ReplicaStates(spark, ReplicaSettings.of(configuration, model, data), shards);
        }

        boolean hasValidation() {
            return Arrays.stream(data.validationSizes()).sum() > 0;
        }

        int roundsPerEpoch() {
            int perRound = configuration.training().stepsPerRound();
            return (stepsPerEpoch + perRound - 1) / perRound;
        }

        long stepsOfRun() {
            return (long) stepsPerEpoch * configuration.training().epochs();
        }
    }

    private TrainingEvent.End train(Run run, CheckpointStore.Stored last) {
        TrainingSettings settings = configuration.training();
        RunProgress progress = RunProgress.START;
        CheckpointStore.Stored saved = last;
        if (last == null) {
            spark.setJobDescription("initialize the parameters");
            run.states.initialize();
        } else {
            spark.setJobDescription("restore round " + last.manifest().round());
            run.states.restore(last);
            Checkpoint m = last.manifest();
            progress = RunProgress.of(m.round(), m.epoch(), m.step(), m.progress());
        }

        EvaluationResult validation = null;
        String reason = "epochs";
        while (progress.epoch() < settings.epochs()) {
            if (stopsEarly(progress)) {
                reason = "early stopping";
                break;
            }
            progress = round(run, progress);
            validation = null;
            if (progress.atEpochStart() && run.hasValidation() && validationIsDue(progress)) {
                long validationStart = System.nanoTime();
                validation = validate(run, progress);
                progress = progress.afterValidation(
                        validation.top1Accuracy(), settings.schedule(), settings.earlyStopping());
                announceValidation(progress, validation, validationStart);
            }
            if (checkpointIsDue(progress)) {
                saved = checkpoint(run, progress);
            }
        }
        if (saved == null || saved.manifest().round() != progress.round()) {
            saved = checkpoint(run, progress);
        }
        if (validation == null && run.hasValidation()) {
            long validationStart = System.nanoTime();
            validation = validate(run, progress);
            announceValidation(progress, validation, validationStart);
        }
        return finish(run, saved, reason, validation);
    }

    private RunProgress round(Run run, RunProgress progress) {
        long start = System.nanoTime();
        TrainingSettings settings = configuration.training();
        LearningRate rate = LearningRate.of(settings.schedule(), run.stepsOfRun(), progress.plateauFactor());
        RoundPlan plan = RoundPlan.of(
                progress.round() + 1,
                progress.epoch(),
                progress.step(),
                settings.stepsPerRound(),
                settings.batch(),
                run.data.trainingSizes(),
                rate);
        spark.setJobDescription("round " + plan.round() + ": train and average");
        List<ReplicaStatistics> statistics;
        try {
            statistics = run.states.advance(plan);
        } catch (DivergedException e) {
            throw new DivergedException(e.getMessage() + " " + directory.lastGood(checkpoints)
                    + " Lower training.schedule.learningRate, lengthen its warm-up, or set"
                    + " training.clipping.globalNorm.");
        }
        long examples = plan.totalExamples();
        double lossSum = 0;
        long correct = 0;
        for (ReplicaStatistics s : statistics) {
            lossSum += s.lossSum();
            correct += s.correct();
        }
        TrainingEvent.Round event = new TrainingEvent.Round(
                plan.epoch() + 1,
                plan.round(),
                plan.firstStep() / settings.stepsPerRound() + 1,
                run.roundsPerEpoch(),
                run.roundsPerEpoch() * settings.epochs(),
                lossSum / examples,
                (double) correct / examples,
                examples,
                rate.at(plan.stepOfRun(plan.steps() - 1)),
                secondsSince(start));
        tell(l -> l.onRound(event));
        return progress.afterRound(plan);
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

    private EvaluationResult validate(Run run, RunProgress progress) {
        spark.setJobDescription("validate round " + progress.round());
        return ReplicaStates.total(run.states.evaluate(run.validationShards));
    }

    private void announceValidation(RunProgress progress, EvaluationResult result, long start) {
        TrainingEvent.Validation event = new TrainingEvent.Validation(
                progress.epoch(), progress.round(), result, progress.best(), secondsSince(start));
        tell(l -> l.onValidation(event));
    }

    private CheckpointStore.Stored checkpoint(Run run, RunProgress progress) {
        long start = System.nanoTime();
        spark.setJobDescription("checkpoint round " + progress.round());
        SlicePlan slices = SlicePlan.of(run.model.parameterCount());
        CheckpointStore.Stored stored = run.states.write(
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
                        run.identity.values(),
                        effectiveSettings,
                        progress.toMap(),
                        List.of()));
        TrainingEvent.Checkpoint event =
                new TrainingEvent.Checkpoint(progress.round(), stored.folder().toString(), secondsSince(start));
        tell(l -> l.onCheckpoint(event));
        return stored;
    }

    private TrainingEvent.End finish(
            Run run, CheckpointStore.Stored saved, String reason, EvaluationResult validation) {
        Path file = directory.newModelFile(saved.manifest().round());
        ModelDescription description = ModelDescription.of(
                run.model,
                run.data.classes(),
                run.data.normalization(),
                configuration.run().seed(),
                trainingFacts(run, saved, reason, validation));
        try (CheckpointStore.Parameters parameters = checkpoints.parameters(saved)) {
            ModelFile.write(file, spark.hadoopConfiguration(), description, parameters);
        } catch (IOException e) {
            throw new InputException("Cannot write the model " + file + ": " + e.getMessage(), e);
        }
        TrainingEvent.End end = new TrainingEvent.End(
                reason,
                validation == null ? OptionalDouble.empty() : OptionalDouble.of(validation.top1Accuracy()),
                file.toString(),
                secondsSince(run.start));
        tell(l -> l.onEnd(end));
        return end;
    }

    private static Map<String, Object> trainingFacts(
            Run run, CheckpointStore.Stored saved, String reason, EvaluationResult validation) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("starlingVersion", Version.current());
        facts.put("rounds", saved.manifest().round());
        facts.put("endedBy", reason);
        facts.put("trainingImages", Arrays.stream(run.data.classCounts()).sum());
        if (validation != null) {
            facts.put("validationImages", validation.images());
            facts.put("validationAccuracy", validation.top1Accuracy());
        }
        return facts;
    }

    private void announce(Run run) {
        TrainingSettings t = configuration.training();
        ShardedData data = run.data;
        TrainingEvent.Start event = new TrainingEvent.Start(
                run.model.name(),
                run.model.parameterCount(),
                data.classes(),
                data.classCounts(),
                Arrays.stream(data.classCounts()).sum(),
                Arrays.stream(data.validationClassCounts()).sum(),
                t.replicas(),
                t.batch(),
                t.epochs(),
                run.roundsPerEpoch(),
                TrainingData.largestClassAccuracy(data),
                data.badImages().size());
        tell(l -> l.onStart(event));
        if (!data.badImages().isEmpty()) {
            tell(l -> l.onBadImages(new TrainingEvent.BadImages(data.badImages())));
        }
    }

    private void notice(String text) {
        tell(l -> l.onNotice(new TrainingEvent.Notice(text)));
    }

    private void tell(Consumer<TrainingListener> event) {
        listeners.forEach(event);
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
