package org.starling.training;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
 * A run under way, from its first round or its last checkpoint to its model file. {@link #trainToTheEnd} shows the whole algorithm; everything a person
 * sees is a listener's.
 */
final class TrainingRun {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);
    /** Of a lost state, without a new round between: a run that gets no further should say why. */
    private static final int LOSSES_IN_A_ROW = 5;

    private final JavaSparkContext spark;
    private final WatchedJobs jobs;
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
    private final ReplicaStates states;
    private final RoundPace pace = new RoundPace();
    private final long start = System.nanoTime();
    private RunProgress progress = RunProgress.START;
    private CheckpointStore.Stored saved;
    private int furthestRound;
    private int losses;

    TrainingRun(
            JavaSparkContext spark,
            WatchedJobs jobs,
            TrainingConfiguration configuration,
            SortedMap<String, String> effectiveSettings,
            List<TrainingListener> listeners,
            RunDirectory directory,
            SequentialModel model,
            ShardedData data,
            RunIdentity identity) {
        this.spark = spark;
        this.jobs = jobs;
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
        this.states = new ReplicaStates(
                spark,
                ReplicaSettings.of(configuration, model, data, Executors.taskCpus(spark.getConf())),
                data.training().persist(StorageLevel.MEMORY_AND_DISK()));
    }

    private boolean hasValidation() {
        return Arrays.stream(data.validationSizes()).sum() > 0;
    }

    int roundsPerEpoch() {
        int perRound = configuration.training().stepsPerRound();
        return (stepsPerEpoch + perRound - 1) / perRound;
    }

    private long stepsOfRun() {
        return (long) stepsPerEpoch * configuration.training().epochs();
    }

    /**
     * @param last checkpoint to go on from, or null to begin
     * @throws StoppedException when the run is to stop; the last complete round then has a checkpoint
     */
    TrainingEvent.End train(CheckpointStore.Stored last) {
        try {
            if (last == null) {
                initialize();
            } else {
                restore(last);
                furthestRound = progress.round();
            }
            while (true) {
                try {
                    return trainToTheEnd();
                } catch (Exception e) {
                    goBackAfter(e);
                }
            }
        } catch (StoppedException e) {
            throw stopped();
        }
    }

    /** From wherever the state is, which a checkpoint may be in the middle of an epoch or before its validation. */
    private TrainingEvent.End trainToTheEnd() {
        TrainingSettings settings = configuration.training();
        Validation validation = null;
        String reason = "epochs";
        while (true) {
            if (progress.validationPending()) {
                validation = hasValidation() && validationIsDue() ? validateEpoch() : null;
                progress = validation == null ? progress.withoutValidation() : progress;
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
            validation = null;
            if (!progress.validationPending()) {
                checkpointWhenDue();
            }
        }
        if (!isSaved()) {
            checkpoint();
        }
        if (validation == null && hasValidation()) {
            long validationStart = System.nanoTime();
            validation = validate();
            announceValidation(validation, validationStart);
        }
        if (validation != null && !validation.mistakes().isEmpty()) {
            Validation last = validation;
            TrainingEvent.Mistakes mistakes = new TrainingEvent.Mistakes(
                    progress.round(),
                    jobs.run(
                            "draw sample mistakes",
                            () -> last.pictures(validationShards, model.input(), data.classes())));
            tell(l -> l.onMistakes(mistakes));
        }
        return finish(reason, validation);
    }

    private void initialize() {
        progress = RunProgress.START;
        saved = null;
        jobs.run("initialize the parameters", () -> {
            states.initialize();
            return null;
        });
    }

    private void restore(CheckpointStore.Stored stored) {
        Checkpoint m = stored.manifest();
        // First, so that a run which is stopped meanwhile takes no other round for the state's.
        progress = RunProgress.of(m.round(), m.epoch(), m.step(), m.progress());
        saved = stored;
        jobs.run("restore round " + m.round(), () -> {
            states.restore(stored);
            return null;
        });
    }

    /**
     * Goes back to the newest checkpoint that can be read, or to the beginning, when the state is gone; anything else is thrown on. The rounds
     * since come again with the same bits.
     */
    private void goBackAfter(Exception failure) {
        for (Exception e = failure; ; ) {
            boolean known = e instanceof StoppedException
                    || e instanceof DivergedException
                    || InputException.within(e).isPresent();
            if (known || !states.isLost(e)) {
                throw TrainingRun.<RuntimeException>sneak(e);
            }
            if (++losses > LOSSES_IN_A_ROW) {
                throw new InputException(
                        "The run's parameters were lost with the executors that held them " + losses
                                + " times in a row before round " + (furthestRound + 1) + " was complete. "
                                + directory.lastGood()
                                + " See why executors end (the master's page, their logs), then go on with --resume.",
                        e);
            }
            LOG.warn("The state of round {} is lost", progress.round(), e);
            try {
                goBack();
                return;
            } catch (Exception again) {
                e = again;
            }
        }
    }

    private void goBack() {
        int lostRound = progress.round();
        for (CheckpointStore.Stored stored : checkpoints.list()) {
            try {
                restore(stored);
            } catch (InputException e) {
                throw e;
            } catch (Exception e) {
                InputException damaged =
                        InputException.within(e).orElseThrow(() -> TrainingRun.<RuntimeException>sneak(e));
                notice("cannot go back to " + stored.folder() + ": " + damaged.getMessage());
                continue;
            }
            announceLoss(lostRound, "going back to the checkpoint of round " + progress.round());
            tellResume(progress.round(), stored.folder().toString());
            return;
        }
        initialize();
        announceLoss(lostRound, "there is no checkpoint, beginning again");
        tellResume(0, "the initial parameters");
    }

    private void announceLoss(int round, String what) {
        notice("the parameters after round " + round + " are lost with the executors that held them; " + what);
    }

    private void tellResume(int round, String from) {
        tell(l -> l.onResume(new TrainingEvent.Resume(round, from, List.of())));
    }

    private boolean isSaved() {
        return saved != null && saved.manifest().round() == progress.round();
    }

    /** Keeps the last complete round. */
    private StoppedException stopped() {
        String problem = "";
        if (progress.round() > 0 && !isSaved()) {
            try {
                checkpoint();
            } catch (Exception e) {
                LOG.warn("The checkpoint of round {} cannot be written", progress.round(), e);
                String reason =
                        InputException.within(e).map(Throwable::getMessage).orElse(String.valueOf(e.getMessage()));
                problem = "; round " + progress.round() + " could not be kept: "
                        + reason.lines().findFirst().orElse("");
            }
        }
        int round = saved == null ? 0 : saved.manifest().round();
        Optional<String> folder = Optional.ofNullable(saved).map(s -> s.folder().toString());
        TrainingEvent.Stopped event = new TrainingEvent.Stopped(
                round, folder, secondsSince(start), jobs.tasks().replicaRounds());
        tell(l -> l.onStopped(event));
        String text = folder.map(f -> "after round " + round + " of " + roundsOfRun() + ", checkpoint " + f)
                .orElse((progress.round() == 0 ? "before a round was complete" : "without a checkpoint")
                        + ", so there is nothing to go on from: start again with another run.directory");
        return new StoppedException(text + problem, saved != null);
    }

    private int roundsOfRun() {
        return roundsPerEpoch() * configuration.training().epochs();
    }

    private void round() {
        long start = System.nanoTime();
        long startMillis = System.currentTimeMillis();
        TrainingSettings settings = configuration.training();
        LearningRate rate = LearningRate.of(settings.schedule(), stepsOfRun(), progress.plateauFactor());
        RoundPlan plan = RoundPlan.of(
                progress.round() + 1,
                progress.epoch(),
                progress.step(),
                settings.stepsPerRound(),
                settings.batch(),
                data.trainingSizes(),
                rate);
        TaskWatch.Attempt attempt = jobs.tasks().begin(plan.round());
        List<ReplicaStatistics> statistics;
        try {
            statistics = jobs.run(
                    "round " + plan.round() + ": train and average",
                    () -> {
                        spark.setLocalProperty(TaskWatch.ATTEMPT, Long.toString(attempt.serial()));
                        return states.advance(plan);
                    },
                    new SlowRound(plan, start));
        } catch (DivergedException e) {
            throw new DivergedException(e.getMessage() + " " + directory.lastGood()
                    + " Lower training.schedule.learningRate, lengthen its warm-up, or set"
                    + " training.clipping.globalNorm.");
        }
        double seconds = secondsSince(start);
        progress = progress.afterRound(plan);
        pace.add(seconds, plan.steps());
        if (plan.round() > furthestRound) {
            furthestRound = plan.round();
            losses = 0;
        }
        Map<Integer, Double> waits = new HashMap<>();
        jobs.tasks().launches(attempt).forEach((replica, at) -> waits.put(replica, (at - startMillis) / 1e3));
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
                roundsPerEpoch(),
                roundsOfRun(),
                lossSum / examples,
                (double) correct / examples,
                examples,
                rate.at(plan.stepOfRun(plan.steps() - 1)),
                seconds,
                RoundTimes.of(statistics, waits, seconds));
        tell(l -> l.onRound(event));
    }

    /** Says when the round under way takes much longer than the last ones did, and again when it has taken twice as long. */
    private final class SlowRound implements Runnable {
        private final RoundPlan plan;
        private final long start;
        private double limit;

        SlowRound(RoundPlan plan, long start) {
            this.plan = plan;
            this.start = start;
            this.limit = pace.tooLong(plan.steps());
        }

        @Override
        public void run() {
            double seconds = secondsSince(start);
            if (seconds > limit) {
                limit = 2 * seconds;
                String training = jobs.tasks().training();
                notice(String.format(
                        Locale.ROOT,
                        "slow: round %d has taken %.1f s, the last ones took %.1f s (median); %s",
                        plan.round(),
                        seconds,
                        pace.usual(plan.steps()),
                        training.isEmpty() ? "no replica is training" : "still training: " + training));
            }
        }
    }

    private boolean stopsEarly() {
        int patience = configuration.training().earlyStopping().patience();
        return patience > 0 && progress.stopping().since() >= patience;
    }

    private boolean validationIsDue() {
        TrainingSettings t = configuration.training();
        return progress.epoch() % t.validateEveryEpochs() == 0 || progress.epoch() == t.epochs();
    }

    private Validation validateEpoch() {
        TrainingSettings settings = configuration.training();
        long validationStart = System.nanoTime();
        Validation validation = validate();
        progress = progress.afterValidation(validation.accuracy(), settings.schedule(), settings.earlyStopping());
        announceValidation(validation, validationStart);
        return validation;
    }

    private Validation validate() {
        return jobs.run("validate round " + progress.round(), () -> states.validate(validationShards));
    }

    private void announceValidation(Validation validation, long start) {
        TrainingEvent.Validation event = new TrainingEvent.Validation(
                progress.epoch(), progress.round(), validation.result(), progress.best(), secondsSince(start));
        tell(l -> l.onValidation(event));
    }

    private void checkpointWhenDue() {
        CheckpointSettings c = configuration.checkpoint();
        boolean byRounds = c.everyRounds() > 0 && progress.round() % c.everyRounds() == 0;
        boolean byEpochs = c.everyEpochs() > 0 && progress.atEpochStart() && progress.epoch() % c.everyEpochs() == 0;
        if (byRounds || byEpochs) {
            checkpoint();
        }
    }

    /** One that is begun is finished: it is what a run that is to stop would write. */
    private void checkpoint() {
        long start = System.nanoTime();
        SlicePlan slices = SlicePlan.of(model.parameterCount());
        Checkpoint manifest = new Checkpoint(
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
                List.of());
        saved = jobs.runUnstopped("checkpoint round " + progress.round(), () -> states.write(checkpoints, manifest));
        TrainingEvent.Checkpoint event =
                new TrainingEvent.Checkpoint(progress.round(), saved.folder().toString(), secondsSince(start));
        tell(l -> l.onCheckpoint(event));
    }

    private TrainingEvent.End finish(String reason, Validation validation) {
        Path file = directory.newModelFile();
        ModelDescription description = ModelDescription.of(
                model,
                data.classes(),
                data.normalization(),
                configuration.run().seed(),
                trainingFacts(reason, validation));
        try (CheckpointStore.Parameters parameters = checkpoints.parameters(saved)) {
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

    private Map<String, Object> trainingFacts(String reason, Validation validation) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("starlingVersion", Version.current());
        facts.put("rounds", saved.manifest().round());
        facts.put("endedBy", reason);
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
        listeners.forEach(event);
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    @SuppressWarnings("unchecked")
    private static <E extends Exception> RuntimeException sneak(Exception e) throws E {
        throw (E) e;
    }
}
