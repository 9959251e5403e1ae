package org.starling.training;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.starling.data.BadImage;
import org.starling.evaluation.EvaluationResult;

/** What a {@link TrainingListener} is told. Epochs and rounds count from 1; seconds are wall-clock. */
public sealed interface TrainingEvent {

    /**
     * @param model name of the model
     * @param parameters number of parameters
     * @param classes class names, by label
     * @param classCounts training images of each class
     * @param trainingImages images trained on
     * @param validationImages images validated on, 0 without validation
     * @param replicas replicas
     * @param batch images of a replica's step
     * @param epochs epochs
     * @param rounds rounds of the whole run
     * @param largestClassAccuracy validation accuracy of always guessing the most frequent training class
     * @param badImages images that could not be read
     */
    record Start(
            String model,
            long parameters,
            List<String> classes,
            long[] classCounts,
            long trainingImages,
            long validationImages,
            int replicas,
            int batch,
            int epochs,
            int rounds,
            double largestClassAccuracy,
            long badImages)
            implements TrainingEvent {}

    /**
     * What a run starts from, and what it leaves alone.
     *
     * @param weights where the trained parameters come from; empty where there are none, and where a run is resumed
     * @param loaded layers that start with them
     * @param initialized layers that start with new ones, where others start with trained ones
     * @param frozen layers whose parameters do not change
     * @param frozenParameters how many these are
     */
    record FineTuning(
            Optional<String> weights,
            List<String> loaded,
            List<String> initialized,
            List<String> frozen,
            long frozenParameters)
            implements TrainingEvent {}

    /**
     * Later rounds, where there were any, are undone.
     *
     * @param round last round that the checkpoint holds, 0 for the beginning
     * @param checkpoint its path
     * @param changedSettings settings that differ from the interrupted run, as {@code key: old -> new}
     */
    record Resume(int round, String checkpoint, List<String> changedSettings) implements TrainingEvent {}

    /**
     * @param epoch epoch
     * @param round round of the run
     * @param stepsOfEpoch local steps of the epoch that are done, this round's included
     * @param stepsPerEpoch local steps of an epoch
     * @param rounds rounds of the whole run
     * @param loss mean training loss over the round's images
     * @param accuracy training top-1 over the round's images
     * @param examples images seen by all replicas
     * @param learningRate at the round's last step
     * @param seconds duration
     * @param times where they went
     */
    record Round(
            int epoch,
            int round,
            int stepsOfEpoch,
            int stepsPerEpoch,
            int rounds,
            double loss,
            double accuracy,
            long examples,
            double learningRate,
            double seconds,
            RoundTimes times)
            implements TrainingEvent {
        /** Epochs done, the part of this one included. */
        public double epochsDone() {
            return epoch - 1 + (double) stepsOfEpoch / stepsPerEpoch;
        }
    }

    /**
     * @param best best top-1 so far, this one included
     */
    record Validation(int epoch, int round, EvaluationResult result, double best, double seconds)
            implements TrainingEvent {}

    /**
     * A line for the person who watches: what is waited for, what memory is needed, what was decided.
     *
     * @param text one line, without a full stop or line break at its end
     */
    record Notice(String text) implements TrainingEvent {}

    /**
     * Images that could not be read and are left out of the run.
     *
     * @param images each with its name and the reason
     */
    record BadImages(List<BadImage> images) implements TrainingEvent {}

    /**
     * What the run is computed with.
     *
     * @param reports one an executor; in local mode one, the driver's
     */
    record Executors(List<ExecutorReport> reports) implements TrainingEvent {}

    /**
     * A wrongly classified validation image.
     *
     * @param name name of the image in its set
     * @param actual class name
     * @param predicted name of the most probable class
     * @param probability of the predicted class
     * @param png the image as the network sees it before normalization, as a PNG file
     */
    record Mistake(String name, String actual, String predicted, double probability, byte[] png) {}

    /**
     * A sample of wrongly classified validation images, those of the last validation; at most some dozens.
     *
     * @param round round of the parameters
     * @param mistakes the sample
     */
    record Mistakes(int round, List<Mistake> mistakes) implements TrainingEvent {}

    record Checkpoint(int round, String path, double seconds) implements TrainingEvent {}

    /**
     * @param reason why the run ended: {@code epochs} or {@code early stopping}
     * @param validationAccuracy top-1 of the final parameters, empty without validation
     * @param model path of the model zip
     * @param replicaRounds what was trained for it
     */
    record End(
            String reason, OptionalDouble validationAccuracy, String model, double seconds, ReplicaRounds replicaRounds)
            implements TrainingEvent {}

    /**
     * The run ends before its end because it was asked to.
     *
     * @param round last complete round that is kept, 0 for none
     * @param checkpoint path of the checkpoint to go on from, empty when there is none
     * @param replicaRounds what was trained
     */
    record Stopped(int round, Optional<String> checkpoint, double seconds, ReplicaRounds replicaRounds)
            implements TrainingEvent {}
}
