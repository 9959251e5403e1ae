package org.starling.training;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.checkpoint.CheckpointStore;
import org.starling.data.ShardedData;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.TrainingSettings;

/**
 * Trains a network on Spark: refuses what cannot work, shards the data, and hands over to a {@link TrainingRun}.
 */
public final class Trainer {
    private final JavaSparkContext spark;
    private final TrainingConfiguration configuration;
    private final SortedMap<String, String> effectiveSettings;
    private final List<TrainingListener> listeners;
    private final RunDirectory directory;

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
        this.directory = new RunDirectory(new Path(configuration.run().directory()), spark.hadoopConfiguration());
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
        SequentialModel model = SequentialModel.read(
                new Path(configuration.model().file()),
                spark.hadoopConfiguration(),
                configuration.model().options());
        CheckpointStore.Stored last = resume ? directory.newestCheckpoint() : directory.requireFresh();
        Executors executors = new Executors(spark);
        executors.await(configuration.run().waitSeconds(), this::notice);
        executors.requireShared(directory.path(), TrainingData.paths(configuration.data()));
        List<ExecutorReport> reports = reports(executors, model);

        spark.setJobDescription("prepare the data");
        ShardedData data = TrainingData.prepare(spark, configuration, model);
        RunIdentity identity = RunIdentity.of(configuration, model, data);
        List<String> changed = last == null ? List.of() : identity.requireSame(last.manifest(), effectiveSettings);

        TrainingRun run =
                new TrainingRun(spark, configuration, effectiveSettings, listeners, directory, model, data, identity);
        announce(run, model, data, reports);
        if (last != null) {
            String from = last.folder().toString();
            tell(l -> l.onResume(new TrainingEvent.Resume(last.manifest().round(), from, changed)));
        }
        return run.train(last);
    }

    private List<ExecutorReport> reports(Executors executors, SequentialModel model) {
        spark.setJobDescription("ask the executors what they compute with");
        List<ExecutorReport> reports = executors.report(configuration.model().kernels(), this::notice);
        Executors.requireOneCpu(configuration.model(), model, reports);
        return reports;
    }

    private void announce(TrainingRun run, SequentialModel model, ShardedData data, List<ExecutorReport> reports) {
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
                run.roundsPerEpoch(),
                TrainingData.largestClassAccuracy(data),
                data.badImages().size());
        tell(l -> l.onStart(event));
        if (!data.badImages().isEmpty()) {
            tell(l -> l.onBadImages(new TrainingEvent.BadImages(data.badImages())));
        }
        tell(l -> l.onExecutors(new TrainingEvent.Executors(reports)));
    }

    private void notice(String text) {
        tell(l -> l.onNotice(new TrainingEvent.Notice(text)));
    }

    private void tell(Consumer<TrainingListener> event) {
        listeners.forEach(event);
    }
}
