package org.starling.training;

/**
 * Sees a run as it goes; called on the driver, in order, on one thread. The console, {@code metrics.jsonl} and the report are
 * listeners, so the loop itself stays pure.
 */
public interface TrainingListener {
    /** May come at any time, before {@code onStart} too. */
    default void onNotice(TrainingEvent.Notice notice) {}

    /** The plan of a run, before its first round. */
    default void onStart(TrainingEvent.Start start) {}

    /** Follows {@code onStart} when there are any. */
    default void onBadImages(TrainingEvent.BadImages badImages) {}

    /** Follows {@code onStart} where trained parameters are loaded or layers are frozen. */
    default void onFineTuning(TrainingEvent.FineTuning fineTuning) {}

    /** Before the first round, of a resumed run too; follows {@code onStart}. */
    default void onExecutors(TrainingEvent.Executors executors) {}

    /** A run goes on from a checkpoint; follows {@code onStart}, and comes again where the state was lost in the middle of the run. */
    default void onResume(TrainingEvent.Resume resume) {}

    default void onRound(TrainingEvent.Round round) {}

    default void onValidation(TrainingEvent.Validation validation) {}

    /** Follows the last {@code onValidation} when there are any. */
    default void onMistakes(TrainingEvent.Mistakes mistakes) {}

    default void onCheckpoint(TrainingEvent.Checkpoint checkpoint) {}

    /** The run is over and its model is written. */
    default void onEnd(TrainingEvent.End end) {}

    /** The run is over before its end, and its checkpoint is written. */
    default void onStopped(TrainingEvent.Stopped stopped) {}
}
