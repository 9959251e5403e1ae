package org.starling.training;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.Version;
import org.starling.checkpoint.Checkpoint;
import org.starling.checkpoint.CheckpointStore;
import org.starling.checkpoint.ModelDescription;
import org.starling.checkpoint.ModelFile;
import org.starling.data.Preprocessing;
import org.starling.data.ShardedData;
import org.starling.data.ShardedImages;
import org.starling.model.SequentialModel;
import org.starling.model.SlicePlan;
import org.starling.training.RunDirectory.Resumption;
import org.starling.training.TrainingConfiguration.CheckpointSettings;
import org.starling.training.TrainingConfiguration.TrainingSettings;

/**
 * A run under way, from its first round or its last checkpoint to its model file. {@link #trainToTheEnd} shows the whole algorithm; everything a person
 * sees is a listener's.
 */
final class TrainingRun {
    private final JavaSparkContext spark;
    private final WatchedJobs jobs;
    private final TrainingConfiguration configuration;
    private final SortedMap<String, String> effectiveSettings;
    private final Extensions extensions;
    private final RunDirectory directory;
    private final RunCheckpoints checkpoints;
    private final SequentialModel model;
    private final Optional<StartWeights> startWeights;
    private final ShardedData data;
    private final RunIdentity identity;
    private final SortedSet<String> kernels;
    private final ShardedImages validationImages;
    private final int stepsPerEpoch;
    private final AveragingPeriod period;
    private final ReplicaStates states;
    private final StateLosses losses;
    private final RoundPace pace = new RoundPace();
    private final long start = System.nanoTime();
    private RunProgress progress = RunProgress.START;
    /** Of the parameters as they are, or null. */
    private Validation validation;

    TrainingRun(
            JavaSparkContext spark,
            WatchedJobs jobs,
            TrainingConfiguration configuration,
            SortedMap<String, String> effectiveSettings,
            Extensions extensions,
            RunDirectory directory,
            SequentialModel model,
            Optional<StartWeights> startWeights,
            ShardedData data,
            RunIdentity identity,
            SortedSet<String> kernels) {
        this.spark = spark;
        this.jobs = jobs;
        this.configuration = configuration;
        this.effectiveSettings = effectiveSettings;
        this.extensions = extensions;
        this.directory = directory;
        this.model = model;
        this.startWeights = startWeights;
        this.data = data;
        this.identity = identity;
        this.kernels = kernels;
        this.validationImages =
                data.validation().persist(configuration.data().storageLevel().level());
        this.stepsPerEpoch = RoundPlan.stepsPerEpoch(
                data.training().sizes(), configuration.training().batch());
        this.period = AveragingPeriod.of(configuration.training());
        this.states = new ReplicaStates(
                spark,
                ReplicaSettings.of(
                        configuration, model, data, extensions.augmentation(), Executors.taskCpus(spark.getConf())),
                configuration.training().averaging(),
                data.training().persist(configuration.data().storageLevel().level()));
        this.losses = new StateLosses(states, directory);
        this.checkpoints = new RunCheckpoints(
                spark,
                jobs,
                directory,
                states,
                configuration.checkpoint().keep(),
                this::notice,
                event -> tell(l -> l.onCheckpoint(event)));
    }

    private boolean hasValidation() {
        return Arrays.stream(data.validation().sizes()).sum() > 0;
    }

    /** Rounds of the whole run, seen from where it is: those before may have been of other lengths. */
    int rounds() {
        return progress.round()
                + period.roundsLeft(
                        progress, stepsPerEpoch, configuration.training().epochs());
    }

    private long stepsOfRun() {
        return (long) stepsPerEpoch * configuration.training().epochs();
    }

    /**
     * @param last checkpoint to go on from, or null to begin
     * @throws StoppedException when the run is to stop; the last complete round then has a checkpoint
     */
    TrainingEvent.End train(Resumption last) {
        try {
            if (last == null) {
                initialize();
            } else {
                checkpoints.leaveAlone(last.passedOver());
                restore(last.checkpoint());
                losses.reached(progress.round());
            }
            boolean lost = false;
            while (true) {
                try {
                    if (lost) {
                        goBack();
                    }
                    return trainToTheEnd();
                } catch (Exception e) {
                    losses.requireLost(e);
                    lost = true;
                }
            }
        } catch (StoppedException e) {
            throw stopped();
        } finally {
            if (!spark.sc().isStopped()) {
                data.training().release();
                data.validation().release();
                states.release();
            }
        }
    }

    /** From wherever the state is, which a checkpoint may be in the middle of an epoch or before its validation. */
    private TrainingEvent.End trainToTheEnd() {
        TrainingSettings settings = configuration.training();
        String reason = "epochs";
        while (true) {
            if (progress.validationPending()) {
                if (hasValidation() && validationIsDue()) {
                    validateEpoch();
                } else {
                    progress = progress.withoutValidation();
                }
                checkpointWhenDue();
            }
            if (progress.epoch() >= settings.epochs()) {
                break;
            }
            if (stopsEarly()) {
                reason = "early stopping";
                break;
            }
            round();
            if (!progress.validationPending()) {
                checkpointWhenDue();
            }
        }
        if (!checkpoints.holds(progress.round())) {
            checkpoints.writeLast(manifest());
        }
        if (validation == null && hasValidation()) {
            long validationStart = System.nanoTime();
            validate();
            announceValidation(validationStart);
        }
        if (validation != null && !validation.mistakes().isEmpty()) {
            drawMistakes();
        }
        return finish(checkpoints.whole(manifest()), reason);
    }

    private void drawMistakes() {
        TrainingEvent.Mistakes mistakes = new TrainingEvent.Mistakes(
                progress.round(),
                jobs.run(
                        "draw sample mistakes",
                        () -> validation.pictures(
                                validationImages,
                                model.input(),
                                configuration.data().shortSide(),
                                data.classes())));
        tell(l -> l.onMistakes(mistakes));
    }

    private void initialize() {
        if (startWeights.isEmpty() && configuration.model().weights().isPresent()) {
            throw new InputException(
                    "No checkpoint of the run in " + directory.path()
                            + " is left, and a run that was resumed cannot start from model.weights again. Start it anew in another directory.");
        }
        progress = RunProgress.START;
        validation = null;
        checkpoints.begin();
        jobs.run("initialize the parameters", () -> {
            states.initialize(startWeights);
            return null;
        });
    }

    private void restore(CheckpointStore.Stored stored) {
        Checkpoint m = stored.manifest();
        // First, so that a run which is stopped meanwhile takes no other round for the state's.
        RunProgress then = RunProgress.of(m);
        progress = m.replicas() == configuration.training().replicas() ? then : then.withEpochAnew();
        validation = null;
        checkpoints.goOnFrom(stored);
        jobs.run("restore round " + m.round(), () -> {
            states.restore(stored);
            return null;
        });
    }

    /** Goes back to the newest whole checkpoint, or to the beginning, when the state is gone. The rounds since come again with the same bits. */
    private void goBack() {
        int lostRound = progress.round();
        CheckpointStore.Found found = checkpoints.find();
        found.newest().ifPresentOrElse(this::restore, this::initialize);
        notice("the parameters after round " + lostRound + " are lost with the executors that held them; "
                + (found.newest().isPresent()
                        ? "going back to the checkpoint of round " + progress.round()
                        : "there is no checkpoint to go back to, beginning again"));
        directory.resumption(found, this::notice).ifPresent(r -> checkpoints.leaveAlone(r.passedOver()));
        String from = found.newest().map(s -> s.folder().toString()).orElse("the initial parameters");
        tell(l -> l.onResume(new TrainingEvent.Resume(progress.round(), from, List.of())));
    }

    /** Keeps the last complete round. */
    private StoppedException stopped() {
        Optional<String> problem = progress.round() == 0 || checkpoints.holds(progress.round())
                ? Optional.empty()
                : checkpoints.writeAtStop(manifest());
        Optional<CheckpointStore.Stored> saved = Optional.ofNullable(checkpoints.newest());
        int round = saved.map(s -> s.manifest().round()).orElse(0);
        Optional<String> folder = saved.map(s -> s.folder().toString());
        TrainingEvent.Stopped event = new TrainingEvent.Stopped(
                round, folder, secondsSince(start), jobs.tasks().replicaRounds());
        tell(l -> l.onStopped(event));
        String text = folder.map(f -> "after round " + round + " of " + rounds() + ", checkpoint " + f)
                .orElse((progress.round() == 0 ? "before a round was complete" : "without a checkpoint")
                        + ", so there is nothing to go on from: start again with another run.directory");
        return new StoppedException(text + problem.map(p -> "; " + p).orElse(""), saved.isPresent());
    }

    private void round() {
        long start = System.nanoTime();
        long startMillis = System.currentTimeMillis();
        RoundPlan plan = planRound();
        TaskWatch.Attempt attempt = jobs.tasks().begin(plan.round());
        RoundOutcome outcome = advance(plan, attempt);
        double seconds = secondsSince(start);
        progress = progress.afterRound(plan, period.after(progress, plan, outcome.variance()));
        validation = null;
        pace.add(seconds, plan.steps());
        losses.reached(plan.round());
        Map<Integer, Double> waits = new HashMap<>();
        jobs.tasks().launches(attempt).forEach((replica, at) -> waits.put(replica, (at - startMillis) / 1e3));
        announceRound(plan, outcome, seconds, RoundTimes.of(outcome.replicas(), waits, seconds));
    }

    private RoundPlan planRound() {
        TrainingSettings settings = configuration.training();
        return RoundPlan.of(
                progress.round() + 1,
                progress.epoch(),
                progress.step(),
                period.steps(progress),
                settings.batch(),
                data.training().sizes(),
                extensions.learningRates(
                        stepsOfRun(), Schedule.of(settings.schedule(), stepsOfRun(), progress.plateauFactor())));
    }

    private RoundOutcome advance(RoundPlan plan, TaskWatch.Attempt attempt) {
        try {
            return jobs.run(
                    "round " + plan.round() + ": train and average",
                    () -> {
                        spark.setLocalProperty(TaskWatch.ATTEMPT, Long.toString(attempt.serial()));
                        return states.advance(plan);
                    },
                    new SlowRound(plan, pace, jobs.tasks(), this::notice));
        } catch (DivergedException e) {
            throw new DivergedException(e.getMessage() + " " + directory.lastGood()
                    + " Lower training.schedule.learningRate, lengthen its warm-up, or set"
                    + " training.clipping.globalNorm.");
        }
    }

    private void announceRound(RoundPlan plan, RoundOutcome outcome, double seconds, RoundTimes times) {
        long examples = plan.totalExamples();
        double lossSum = 0;
        long correct = 0;
        for (ReplicaStatistics s : outcome.replicas()) {
            lossSum += s.lossSum();
            correct += s.correct();
        }
        TrainingEvent.Round event = new TrainingEvent.Round(
                plan.epoch() + 1,
                plan.round(),
                plan.firstStep() + plan.steps(),
                plan.stepsPerEpoch(),
                rounds(),
                lossSum / examples,
                (double) correct / examples,
                examples,
                plan.lastLearningRate(),
                seconds,
                times);
        tell(l -> l.onRound(event));
    }

    private boolean stopsEarly() {
        int patience = configuration.training().earlyStopping().patience();
        return patience > 0 && progress.stopping().since() >= patience;
    }

    private boolean validationIsDue() {
        TrainingSettings t = configuration.training();
        return progress.epoch() % t.validateEveryEpochs() == 0 || progress.epoch() == t.epochs();
    }

    private void validateEpoch() {
        TrainingSettings settings = configuration.training();
        long validationStart = System.nanoTime();
        validate();
        progress = progress.afterValidation(validation.accuracy(), settings.schedule(), settings.earlyStopping());
        announceValidation(validationStart);
    }

    private void validate() {
        validation = jobs.run("validate round " + progress.round(), () -> states.validate(validationImages));
    }

    private void announceValidation(long start) {
        TrainingEvent.Validation event = new TrainingEvent.Validation(
                progress.epoch(), progress.round(), validation.result(), progress.best(), secondsSince(start));
        tell(l -> l.onValidation(event));
    }

    private void checkpointWhenDue() {
        CheckpointSettings c = configuration.checkpoint();
        boolean byRounds = c.everyRounds() > 0 && progress.round() % c.everyRounds() == 0;
        boolean byEpochs = c.everyEpochs() > 0 && progress.atEpochStart() && progress.epoch() % c.everyEpochs() == 0;
        if (byRounds || byEpochs) {
            checkpoints.writePeriodic(manifest());
        }
    }

    /** Of a checkpoint of the state as it is, without its parts. */
    private Checkpoint manifest() {
        SlicePlan slices = SlicePlan.of(model.parameterCount());
        return new Checkpoint(
                Checkpoint.FORMAT_VERSION,
                Version.current(),
                kernels,
                progress.round(),
                progress.epoch(),
                progress.step(),
                slices.length(),
                slices.sliceLength(),
                configuration.training().replicas(),
                identity.values(),
                effectiveSettings,
                progress.toMap(),
                validation == null ? null : validation.accuracy(),
                List.of());
    }

    private TrainingEvent.End finish(CheckpointStore.Stored saved, String reason) {
        Path file = directory.newModelFile();
        ModelDescription description = ModelDescription.of(
                model,
                data.classes(),
                new Preprocessing(
                        configuration.data().shortSide(), data.colours().normalization()),
                configuration.run().networkSeed(),
                trainingFacts(saved, reason));
        try (CheckpointStore.Parameters parameters = directory.checkpoints().vector(saved, states.evaluatedVector())) {
            ModelFile.write(file, spark.hadoopConfiguration(), description, parameters);
        } catch (IOException e) {
            throw new InputException("Cannot write the model " + file + ": " + e.getMessage(), e);
        }
        TrainingEvent.End end = new TrainingEvent.End(
                reason,
                validation == null ? OptionalDouble.empty() : OptionalDouble.of(validation.accuracy()),
                file.toString(),
                secondsSince(start),
                jobs.tasks().replicaRounds());
        tell(l -> l.onEnd(end));
        return end;
    }

    private Map<String, Object> trainingFacts(CheckpointStore.Stored saved, String reason) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("starlingVersion", Version.current());
        facts.put("rounds", saved.manifest().round());
        facts.put("endedBy", reason);
        double decay = configuration.training().averaging().emaDecay();
        if (decay > 0) {
            facts.put("movingAverageDecay", decay);
        }
        List<String> frozen = configuration.training().frozenLayers();
        if (!frozen.isEmpty()) {
            facts.put("frozenLayers", frozen);
        }
        configuration.model().weights().ifPresent(path -> facts.put("startWeights", new Path(path).getName()));
        facts.put("trainingImages", Arrays.stream(data.classCounts()).sum());
        if (validation != null) {
            facts.put("validationImages", validation.result().images());
            facts.put("validationAccuracy", validation.accuracy());
        }
        return facts;
    }

    private void notice(String text) {
        tell(l -> l.onNotice(new TrainingEvent.Notice(text)));
    }

    private void tell(Consumer<TrainingListener> event) {
        extensions.listeners().forEach(event);
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
