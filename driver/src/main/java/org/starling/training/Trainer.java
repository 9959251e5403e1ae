package org.starling.training;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.Undeclared;
import org.starling.Version;
import org.starling.checkpoint.Checkpoint;
import org.starling.checkpoint.CheckpointStore;
import org.starling.data.ShardedData;
import org.starling.model.SequentialModel;
import org.starling.training.RunDirectory.Resumption;
import org.starling.training.TrainingConfiguration.StateRule;
import org.starling.training.TrainingConfiguration.TrainingSettings;

/**
 * Trains a network on Spark: refuses what cannot work, shards the data, and hands over to a {@link TrainingRun}. Programs begin with {@link #builder}.
 */
public final class Trainer {
    private final JavaSparkContext spark;
    private final TrainingConfiguration configuration;
    private final SortedMap<String, String> effectiveSettings;
    private final SparkMetrics metrics = new SparkMetrics();
    private final Extensions extensions;
    private final RunDirectory directory;
    private final StopRequest stop;

    /**
     * @param effectiveSettings every setting as {@code key -> value}, secrets redacted: stored in checkpoints, compared on resume
     * @param listeners told of everything, in this order
     */
    public Trainer(
            JavaSparkContext spark,
            TrainingConfiguration configuration,
            SortedMap<String, String> effectiveSettings,
            List<TrainingListener> listeners) {
        this(spark, configuration, effectiveSettings, Extensions.of(listeners), new StopRequest());
    }

    Trainer(
            JavaSparkContext spark,
            TrainingConfiguration configuration,
            SortedMap<String, String> effectiveSettings,
            Extensions extensions,
            StopRequest stop) {
        this.spark = spark;
        this.configuration = configuration;
        this.effectiveSettings = effectiveSettings;
        this.extensions = extensions.toldFirst(metrics);
        this.stop = stop;
        this.directory = new RunDirectory(new Path(configuration.run().directory()), spark.hadoopConfiguration());
    }

    /** What a program trains with, to be filled in. */
    public static TrainerBuilder builder() {
        return new TrainerBuilder();
    }

    /**
     * Trains to the end and writes the model.
     *
     * @param resume go on from the newest checkpoint in the run directory; otherwise the directory must hold no run
     * @throws InputException when something the user gave cannot be used
     * @throws DivergedException when a replica leaves the finite numbers
     * @throws StoppedException after {@link #stop}
     */
    public TrainingEvent.End run(boolean resume) {
        try (SparkMetrics.Registration shown = metrics.register();
                WatchedJobs jobs =
                        new WatchedJobs(spark, stop, configuration.run().waitSeconds(), this::notice)) {
            return run(resume, jobs);
        } catch (Exception e) {
            // What a task threw arrives wrapped in Spark's exceptions, some of them checked and undeclared.
            throw InputException.within(e).orElseThrow(() -> Undeclared.thrown(e));
        }
    }

    /**
     * Asks the run to stop: it gives up the round under way, writes a checkpoint of the last complete one and ends with a
     * {@link StoppedException}. Returns at once; may be called by any thread, at any time.
     */
    public void stop() {
        stop.make();
    }

    private TrainingEvent.End run(boolean resume, WatchedJobs jobs) {
        SequentialModel model = extensions
                .model()
                .orElseGet(() -> SequentialModel.read(
                        new Path(configuration.model().file()),
                        spark.hadoopConfiguration(),
                        configuration.model().options()));
        if (resume) {
            directory.requireCheckpoint();
        } else {
            directory.requireFresh();
        }
        Optional<StartWeights> start =
                resume ? Optional.empty() : StartWeights.of(configuration.model(), spark.hadoopConfiguration());
        TrainingEvent.FineTuning fineTuning =
                FineTuning.of(model, start, configuration.training().frozenLayers(), spark.hadoopConfiguration());
        Executors executors = new Executors(spark);
        executors.await(configuration.run().waitSeconds(), stop, this::notice);
        List<ExecutorReport> reports = jobs.run("ask the executors what they see and compute with", () -> {
            executors.requireShared(
                    directory.path(),
                    Stream.concat(
                                    TrainingData.paths(configuration.data()).stream(),
                                    start.stream().map(weights -> weights.file().toPath()))
                            .toList());
            return reports(executors, model);
        });
        Resumption last = resume ? newestCheckpoint(jobs) : null;

        ShardedData data = jobs.run("prepare the data", () -> TrainingData.prepare(spark, configuration, model));
        RunIdentity identity = RunIdentity.of(configuration, model, data);
        List<String> changed = last == null
                ? List.of()
                : identity.requireSame(last.checkpoint().manifest(), model.parameterCount(), effectiveSettings);

        SortedSet<String> kernels =
                reports.stream().map(ExecutorReport::kernels).collect(Collectors.toCollection(TreeSet::new));
        TrainingRun run = new TrainingRun(
                spark,
                jobs,
                configuration,
                effectiveSettings,
                extensions,
                directory,
                model,
                start,
                data,
                identity,
                kernels);
        announce(run, model, fineTuning, data, reports);
        if (last != null) {
            announce(last.checkpoint(), changed, kernels);
        }
        return run.train(last);
    }

    private Resumption newestCheckpoint(WatchedJobs jobs) {
        CheckpointStore.Found found =
                jobs.run("verify the checkpoint", () -> directory.checkpoints().newestWhole(spark));
        Resumption last = directory.requireResumption(found, this::notice);
        // Read for its errors: nothing is written yet.
        RunProgress.of(last.checkpoint().manifest());
        return last;
    }

    private void announce(CheckpointStore.Stored last, List<String> changed, SortedSet<String> kernels) {
        Checkpoint m = last.manifest();
        tell(l -> l.onResume(new TrainingEvent.Resume(m.round(), last.folder().toString(), changed)));
        Extensions.unknown(m.settings(), effectiveSettings).forEach(this::notice);
        boolean otherKernels = !m.kernels().isEmpty() && !m.kernels().equals(kernels);
        if (otherKernels || !m.starlingVersion().equals(Version.current())) {
            notice("the checkpoint is of " + program(m.starlingVersion(), m.kernels()) + " and this is "
                    + program(Version.current(), kernels)
                    + ": the bits may differ from those of a run that had not been interrupted");
        }
        int replicas = configuration.training().replicas();
        if (m.replicas() != replicas) {
            notice("the checkpoint is of " + m.replicas() + " replicas and this run has " + replicas
                    + ": it goes on with a new split of the data"
                    + (m.step() == 0 ? "" : ", and epoch " + (m.epoch() + 1) + " begins anew")
                    + (configuration.training().optimizer().state() == StateRule.LOCAL
                            ? ", and every replica with the mean of what the replicas kept for themselves"
                            : ""));
        }
    }

    private static String program(String version, SortedSet<String> kernels) {
        return "Starling " + version + (kernels.isEmpty() ? "" : " with " + String.join(", ", kernels));
    }

    private List<ExecutorReport> reports(Executors executors, SequentialModel model) {
        List<ExecutorReport> reports = executors.report(configuration.model().kernels(), this::notice);
        Executors.requireOneCpu(configuration.model(), model, reports);
        return reports;
    }

    private void announce(
            TrainingRun run,
            SequentialModel model,
            TrainingEvent.FineTuning fineTuning,
            ShardedData data,
            List<ExecutorReport> reports) {
        TrainingSettings t = configuration.training();
        TrainingEvent.Start event = new TrainingEvent.Start(
                model.name(),
                model.parameterCount(),
                data.classes(),
                data.classCounts(),
                Arrays.stream(data.classCounts()).sum(),
                Arrays.stream(data.validationClassCounts()).sum(),
                t.replicas(),
                t.batch(),
                t.epochs(),
                run.rounds(),
                TrainingData.largestClassAccuracy(data),
                data.badImages().size());
        tell(l -> l.onStart(event));
        if (fineTuning.weights().isPresent() || !fineTuning.frozen().isEmpty()) {
            tell(l -> l.onFineTuning(fineTuning));
        }
        if (!data.badImages().isEmpty()) {
            tell(l -> l.onBadImages(new TrainingEvent.BadImages(data.badImages())));
        }
        tell(l -> l.onExecutors(new TrainingEvent.Executors(reports)));
    }

    private void notice(String text) {
        tell(l -> l.onNotice(new TrainingEvent.Notice(text)));
    }

    private void tell(Consumer<TrainingListener> event) {
        extensions.listeners().forEach(event);
    }
}
