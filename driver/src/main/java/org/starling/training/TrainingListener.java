package org.starling.training;

/**
 * Sees a run as it goes; called on the driver, in order, on one thread. The console, {@code metrics.jsonl} and the report are
 * listeners, so the loop itself stays pure.
 */
public interface TrainingListener {
    /** The plan of a run, before its first round. */
    default void onStart(TrainingEvent.Start start) {}

    /** A run goes on from a checkpoint; follows {@code onStart}. */
    default void onResume(TrainingEvent.Resume resume) {}

    default void onRound(TrainingEvent.Round round) {}

    default void onValidation(TrainingEvent.Validation validation) {}

    default void onCheckpoint(TrainingEvent.Checkpoint checkpoint) {}

    /** The run is over and its model is written. */
    default void onEnd(TrainingEvent.End end) {}
}
