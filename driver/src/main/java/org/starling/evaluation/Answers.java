package org.starling.evaluation;

import java.util.Iterator;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.starling.data.ImageRecord;

/** What a {@link Classifier} says of the images of a task, in their order. Ends with the task. */
public final class Answers implements Iterator<Answers.Answer> {
    /**
     * What is said of an image.
     *
     * @param values probabilities of the classes, or a layer's activations; null for a bad image
     * @param error why it could not be read; null for a good one
     */
    public record Answer(ImageRecord image, float[] values, String error) {
        /** The class of the largest probability, the first of equals. */
        public int mostProbable() {
            return Tally.mostProbable(values, 0, values.length);
        }
    }

    private final PredictionAverage average;
    private final Iterator<Ensemble.Outcome> outcomes;

    /**
     * To be called in a task.
     *
     * @param content whether classes are asked for or a layer
     * @param images read by another thread from now on
     * @param batch pictures that a network computes at once
     * @throws org.starling.InputException when a model cannot be used
     */
    public Answers(
            Classifier classifier,
            PredictionTable.Content content,
            Iterator<ImageRecord> images,
            int batch,
            Configuration configuration) {
        TaskContext task = TaskContext.get();
        Optional<String> layer =
                content instanceof PredictionTable.Layer wanted ? Optional.of(wanted.name()) : Optional.empty();
        Ensemble ensemble = new Ensemble(classifier, layer, configuration, task);
        task.addTaskCompletionListener((TaskCompletionListener) ended -> ensemble.close());
        this.average = classifier.average();
        this.outcomes = ensemble.predict(images, batch);
    }

    @Override
    public boolean hasNext() {
        return outcomes.hasNext();
    }

    @Override
    public Answer next() {
        Ensemble.Outcome outcome = outcomes.next();
        return new Answer(
                outcome.image(), outcome.error() == null ? average.of(outcome.outputs()) : null, outcome.error());
    }
}
