package org.starling.evaluation;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;
import org.starling.data.ImageRecord;
import org.starling.data.ImageSource;

/**
 * Weights with which the arithmetic mean of several networks' predictions has the least loss on a labelled set: the proportions of a mixture, found by
 * expectation and maximization (Dempster, Laird and Rubin 1977), in which each step lessens the loss. To be fitted on images that were not trained
 * on and are not measured on.
 */
public final class WeightFit implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final int MOST_STEPS = 10_000;

    /** Change of every weight at which the fit ends. */
    private static final double SMALL = 1e-9;

    private final Classifier classifier;
    private final int batch;
    private final int tasks;

    /**
     * @param classifier whose networks get weights; those it has play no part
     * @param batch as {@link Evaluator}'s
     * @param tasks as {@link Evaluator}'s
     */
    public WeightFit(Classifier classifier, int batch, int tasks) {
        this.classifier = classifier;
        this.batch = batch;
        this.tasks = tasks;
    }

    /**
     * The weights.
     *
     * @return one a network, 1 in all
     * @throws InputException as {@link Evaluator#evaluate(JavaSparkContext, ImageSource)}
     */
    public double[] weights(JavaSparkContext spark, ImageSource data) {
        List<String> models = classifier.models();
        List<String> labels = Ensemble.labels(classifier, spark.hadoopConfiguration());
        int[] outputs = ClassNames.outputs(labels, data, models.get(0));
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        spark.setJobDescription("fit weights on " + data.location());
        try {
            List<float[]> likelihoods = data.records(spark, tasks)
                    .mapPartitions(images -> likelihoods(images, hadoop, outputs))
                    .collect();
            if (likelihoods.isEmpty()) {
                throw new InputException(data.location() + ": no image can be read, so no weights can be fitted.");
            }
            return mixture(likelihoods);
        } finally {
            spark.setJobDescription(null);
            hadoop.destroy();
        }
    }

    /** What each network says of each image's own class. */
    private Iterator<float[]> likelihoods(
            Iterator<ImageRecord> images, Broadcast<SerializableConfiguration> hadoop, int[] outputs) {
        List<float[]> likelihoods = new ArrayList<>();
        try (Ensemble ensemble = new Ensemble(classifier, hadoop.value().value(), TaskContext.get())) {
            ensemble.predict(images, batch).forEachRemaining(outcome -> {
                if (outcome.error() == null) {
                    float[] own = new float[classifier.models().size()];
                    for (int network = 0; network < own.length; network++) {
                        own[network] = outcome.outputs()[network][
                                outputs[outcome.image().label()]];
                    }
                    likelihoods.add(own);
                }
            });
        }
        return likelihoods.iterator();
    }

    /** @param likelihoods {@code [image][network]}; in their order, which decides last bits */
    static double[] mixture(List<float[]> likelihoods) {
        int networks = likelihoods.get(0).length;
        double[] weights = new double[networks];
        Arrays.fill(weights, 1.0 / networks);
        double change = 1;
        for (int step = 0; step < MOST_STEPS && change > SMALL; step++) {
            double[] shares = shares(likelihoods, weights);
            double sum = Arrays.stream(shares).sum();
            change = 0;
            for (int network = 0; network < networks && sum > 0; network++) {
                change = Math.max(change, Math.abs(shares[network] / sum - weights[network]));
                weights[network] = shares[network] / sum;
            }
        }
        return weights;
    }

    /** How much of the images each network accounts for. */
    private static double[] shares(List<float[]> likelihoods, double[] weights) {
        double[] shares = new double[weights.length];
        for (float[] image : likelihoods) {
            double all = 0;
            for (int network = 0; network < weights.length; network++) {
                all += weights[network] * image[network];
            }
            // An image that no network thinks possible says nothing.
            for (int network = 0; network < weights.length && all > 0; network++) {
                shares[network] += weights[network] * image[network] / all;
            }
        }
        return shares;
    }
}
