package org.starling.training;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.starling.InputException;
import org.starling.checkpoint.Checkpoint;
import org.starling.checkpoint.CheckpointStore;
import org.starling.checkpoint.CheckpointStore.Stored;
import org.starling.checkpoint.CheckpointWriteException;
import org.starling.checkpoint.Retention;

/** The checkpoints of a run under way: writes them, lets older ones go, and knows the newest. */
final class RunCheckpoints {
    private static final Logger LOG = LoggerFactory.getLogger(RunCheckpoints.class);

    private final JavaSparkContext spark;
    private final WatchedJobs jobs;
    private final RunDirectory directory;
    private final ReplicaStates states;
    private final Consumer<String> notice;
    private final Consumer<TrainingEvent.Checkpoint> written;
    private final CheckpointStore store;
    private final Retention retention;
    private Stored newest;

    /**
     * @param keep see {@link Retention}
     * @param notice told what happens to them
     * @param written told of each that is complete
     */
    RunCheckpoints(
            JavaSparkContext spark,
            WatchedJobs jobs,
            RunDirectory directory,
            ReplicaStates states,
            int keep,
            Consumer<String> notice,
            Consumer<TrainingEvent.Checkpoint> written) {
        this.spark = spark;
        this.jobs = jobs;
        this.directory = directory;
        this.states = states;
        this.notice = notice;
        this.written = written;
        this.store = directory.checkpoints();
        this.retention = new Retention(store, keep, List.of(), notice);
    }

    /** The run's newest, or null. */
    Stored newest() {
        return newest;
    }

    /** Whether a round's state is kept. */
    boolean holds(int round) {
        return newest != null && newest.manifest().round() == round;
    }

    /** The run begins, or begins again. */
    void begin() {
        newest = null;
    }

    /** The run goes on from a checkpoint. */
    void goOnFrom(Stored stored) {
        newest = stored;
    }

    /** These folders are not to be used, and stay as they are. */
    void leaveAlone(Collection<Path> refused) {
        retention.leaveAlone(refused);
    }

    /** What the run could go back to, verified by the executors. */
    CheckpointStore.Found find() {
        return jobs.run("verify the checkpoint", () -> store.newestWhole(spark));
    }

    /** One that cannot be written costs nothing but itself: the run goes on, and tries again when the next is due. */
    void writePeriodic(Checkpoint manifest) {
        try {
            write(manifest);
        } catch (CheckpointWriteException e) {
            notice.accept("warning: no checkpoint of round " + manifest.round() + ": " + e.getMessage()
                    + "; the run goes on and tries again when the next is due. " + directory.lastGood());
        }
    }

    /**
     * The one that the model is made from.
     *
     * @throws InputException when it cannot be written
     */
    void writeLast(Checkpoint manifest) {
        try {
            write(manifest);
        } catch (CheckpointWriteException e) {
            throw new InputException(
                    "The last checkpoint, of round " + manifest.round()
                            + ", cannot be written, and no model without it: " + e.getMessage() + ". "
                            + directory.lastGood() + " Make room there, and go on with --resume " + directory.path()
                            + ".",
                    e.getCause());
        }
    }

    /**
     * Writes what a run that is to stop has reached.
     *
     * @param manifest of a round that no checkpoint holds
     * @return what went wrong and what to do, empty when it is kept
     */
    Optional<String> writeAtStop(Checkpoint manifest) {
        int round = manifest.round();
        try {
            write(manifest);
            return Optional.empty();
        } catch (CheckpointWriteException e) {
            return Optional.of("round " + round + " could not be kept: " + e.getMessage() + "; make room there first");
        } catch (Exception e) {
            LOG.warn("The checkpoint of round {} cannot be written", round, e);
            String reason = InputException.within(e)
                    .map(InputException::getMessage)
                    .orElse(String.valueOf(e.getMessage()))
                    .lines()
                    .findFirst()
                    .orElse("");
            return Optional.of("round " + round + " could not be kept, and is to be trained again: " + reason);
        }
    }

    /**
     * The newest checkpoint, once it is known to have been stored as it was written; a damaged one is written again, from the executors.
     *
     * @param manifest of its round
     * @throws InputException when the second is damaged too
     */
    Stored whole(Checkpoint manifest) {
        Stored first = newest;
        Optional<String> defect = defect(first);
        if (defect.isEmpty()) {
            return first;
        }
        notice.accept("the checkpoint " + first.folder() + " is damaged: " + defect.get() + "; writing it again");
        retention.leaveAlone(List.of(first.folder()));
        writeLast(manifest);
        defect(newest).ifPresent(second -> {
            throw new InputException("The run directory " + directory.path()
                    + " does not keep what is written to it, so there is no model: " + first.folder() + ": "
                    + defect.get() + "; " + newest.folder() + ": " + second + ". Look at its disks.");
        });
        return newest;
    }

    private Optional<String> defect(Stored stored) {
        return jobs.run(
                "verify the checkpoint of round " + stored.manifest().round(), () -> store.defect(spark, stored));
    }

    /** One that is begun is finished: it is what a run that is to stop would write. */
    private void write(Checkpoint manifest) {
        long start = System.nanoTime();
        newest = jobs.runUnstopped("checkpoint round " + manifest.round(), () -> states.write(store, manifest));
        double seconds = (System.nanoTime() - start) / 1e9;
        written.accept(
                new TrainingEvent.Checkpoint(manifest.round(), newest.folder().toString(), seconds));
        retention.after(newest);
    }
}
