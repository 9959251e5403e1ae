package org.starling.evaluation;

import java.io.Serializable;
import java.util.List;
import org.starling.checkpoint.ForeignModelOptions;
import org.starling.data.augmentation.Views;
import org.starling.evaluation.PredictionAverage.Mean;

/**
 * What says which class an image is of: a network, or several whose predictions are averaged.
 *
 * @param models Hadoop paths of model zips or run directories
 * @param average of their predictions
 * @param views of each image, over which a network's probabilities are averaged
 * @param foreign what is known of models that other programs wrote
 */
public record Classifier(List<String> models, PredictionAverage average, Views views, ForeignModelOptions foreign)
        implements Serializable {
    /** @throws IllegalArgumentException when there are not as many weights as models */
    public Classifier {
        models = List.copyOf(models);
        if (average.weights().length != models.size()) {
            throw new IllegalArgumentException(models.size() + " models, " + average.weights().length + " weights");
        }
    }

    /** Models that Starling wrote. */
    public Classifier(List<String> models, PredictionAverage average, Views views) {
        this(models, average, views, ForeignModelOptions.NONE);
    }

    /** Models that count the same, and see the centre of each image. */
    public static Classifier of(List<String> models) {
        return new Classifier(models, PredictionAverage.equal(Mean.ARITHMETIC, models.size()), Views.CENTRE);
    }
}
