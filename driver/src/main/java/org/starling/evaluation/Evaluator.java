package org.starling.evaluation;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;
import org.starling.data.BadImage;
import org.starling.data.ImageRecord;
import org.starling.data.ImageSource;

/**
 * Evaluates a model, or an ensemble, on a labelled image set: a Spark job whose tasks read the models and the images themselves.
 *
 * <p>The set is always dealt to the same number of tasks, whatever the cluster, and cut into the same batches. On Starling's kernels an image's
 * probabilities do not depend on its batch; what layers of DL4J's compute may, in the last bits.
 */
public final class Evaluator implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Enough to keep a small cluster busy; few enough that a zipped file is not read through too often. */
    public static final int TASKS = 64;

    /** Where larger ones gain nothing on the networks of {@code conf/models}. */
    public static final int BATCH = 64;

    private static final int MISTAKES = 24;

    /** What one task found. */
    private record Part(EvaluationResult result, List<BadImage> badImages, List<Mistake> mistakes)
            implements Serializable {}

    private final List<String> models;
    private final int batch;
    private final int tasks;

    /**
     * @param models Hadoop paths of model zips or run directories; of several the predictions are averaged
     * @param batch images that a network computes at once
     * @param tasks into how many parts the set is cut
     */
    public Evaluator(List<String> models, int batch, int tasks) {
        this.models = List.copyOf(models);
        this.batch = batch;
        this.tasks = tasks;
    }

    public Evaluator(List<String> models) {
        this(models, BATCH, TASKS);
    }

    /**
     * Counts every image once.
     *
     * @throws InputException when a model cannot be used, the data has other classes than the model, or no image can be read. Where a task
     *     finds the fault, {@link InputException#within} finds it in what Spark throws
     */
    public Evaluation evaluate(JavaSparkContext spark, ImageSource data) {
        long start = System.nanoTime();
        List<String> labels = Ensemble.labels(models, spark.hadoopConfiguration());
        int[] outputs = ClassNames.outputs(labels, data, models.get(0));
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        spark.setJobDescription("evaluate on " + data.location());
        try {
            Part whole = data
                    .records(spark, tasks)
                    .mapPartitions(images -> List.of(part(images, hadoop, outputs, labels.size()))
                            .iterator())
                    .collect()
                    .stream()
                    .reduce(Evaluator::join)
                    .orElseThrow();
            if (whole.result().images() == 0) {
                throw noImages(data, whole.badImages());
            }
            double seconds = (System.nanoTime() - start) * 1e-9;
            return new Evaluation(
                    models, data.location(), labels, whole.result(), whole.badImages(), whole.mistakes(), seconds);
        } finally {
            spark.setJobDescription(null);
            hadoop.destroy();
        }
    }

    private static InputException noImages(ImageSource data, List<BadImage> bad) {
        return new InputException(
                "%s: none of the %d images can be read; the first, %s: %s. Expected JPEG, PNG, GIF or BMP files."
                        .formatted(
                                data.location(),
                                bad.size(),
                                bad.get(0).name(),
                                bad.get(0).reason()));
    }

    private Part part(
            Iterator<ImageRecord> images, Broadcast<SerializableConfiguration> hadoop, int[] outputs, int classes) {
        Tally tally = new Tally(classes);
        List<BadImage> bad = new ArrayList<>();
        MistakeSample mistakes = new MistakeSample(MISTAKES);
        try (Ensemble ensemble = new Ensemble(models, hadoop.value().value(), TaskContext.get())) {
            Iterator<Ensemble.Outcome> outcomes = ensemble.predict(images, batch);
            while (outcomes.hasNext()) {
                Ensemble.Outcome outcome = outcomes.next();
                ImageRecord image = outcome.image();
                if (outcome.error() != null) {
                    bad.add(new BadImage(image.name(), outcome.error()));
                    continue;
                }
                int actual = outputs[image.label()];
                int predicted = tally.add(actual, outcome.probabilities(), 0);
                if (predicted != actual) {
                    mistakes.offer(new Mistake(image.name(), actual, predicted, outcome.probabilities()[predicted]));
                }
            }
        }
        return new Part(tally.result(), bad, mistakes.mistakes());
    }

    private static Part join(Part first, Part second) {
        List<BadImage> bad = new ArrayList<>(first.badImages());
        bad.addAll(second.badImages());
        List<Mistake> mistakes =
                Mistake.surest(Stream.concat(first.mistakes().stream(), second.mistakes().stream()), MISTAKES);
        return new Part(first.result().plus(second.result()), bad, mistakes);
    }
}
