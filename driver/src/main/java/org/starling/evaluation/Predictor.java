package org.starling.evaluation;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.starling.InputException;
import org.starling.data.ImageRecord;
import org.starling.data.ImageSource;

/**
 * Says of every image what a model, or an ensemble, takes it for, and writes the answers as a {@link PredictionTable}: one row an image, those that
 * cannot be read too.
 *
 * <p>Like {@link Evaluator} it cuts the images into the same tasks and batches on any cluster.
 */
public final class Predictor implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * What has been written.
     *
     * @param images rows
     * @param badImages rows with an error
     */
    public record Predictions(long images, long badImages, double seconds) {}

    private final Classifier classifier;
    private final int batch;
    private final int tasks;

    /**
     * @param batch pictures that a network computes at once
     * @param tasks into how many parts the images are cut
     */
    public Predictor(Classifier classifier, int batch, int tasks) {
        this.classifier = classifier;
        this.batch = batch;
        this.tasks = tasks;
    }

    public Predictor(Classifier classifier) {
        this(classifier, Evaluator.BATCH, Evaluator.TASKS);
    }

    /**
     * Writes the table.
     *
     * @param images from {@link ImageSource#openUnlabelled}
     * @throws InputException when a model cannot be used, the table exists, or it names more classes than the model has
     */
    public Predictions predict(JavaSparkContext spark, ImageSource images, PredictionTable table) {
        long start = System.nanoTime();
        List<String> labels = Ensemble.labels(classifier, spark.hadoopConfiguration());
        table.check(labels, classifier.models().get(0), spark.hadoopConfiguration());
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        // Exact in spite of retries: a job of one stage counts each finished task once.
        LongAccumulator rows = spark.sc().longAccumulator("images");
        LongAccumulator errors = spark.sc().longAccumulator("bad images");
        String folder = images.folder();
        spark.setJobDescription("predict " + images.location());
        try {
            table.write(
                    spark,
                    images.records(spark, tasks)
                            .mapPartitions(part -> rows(part, hadoop, table, labels, folder, rows, errors)),
                    false);
        } finally {
            spark.setJobDescription(null);
            hadoop.destroy();
        }
        return new Predictions(rows.value(), errors.value(), (System.nanoTime() - start) * 1e-9);
    }

    private Iterator<Row> rows(
            Iterator<ImageRecord> images,
            Broadcast<SerializableConfiguration> hadoop,
            PredictionTable table,
            List<String> labels,
            String folder,
            LongAccumulator rows,
            LongAccumulator errors) {
        Ensemble ensemble = new Ensemble(classifier, hadoop.value().value(), TaskContext.get());
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> ensemble.close());
        Iterator<Ensemble.Outcome> outcomes = ensemble.predict(images, batch);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return outcomes.hasNext();
            }

            @Override
            public Row next() {
                Ensemble.Outcome outcome = outcomes.next();
                rows.add(1);
                if (outcome.error() != null) {
                    errors.add(1);
                }
                return table.row(
                        path(folder, outcome.image()),
                        null,
                        outcome.error() == null ? classifier.average().of(outcome.probabilities()) : null,
                        outcome.error(),
                        labels);
            }
        };
    }

    /** Where an image lies. */
    static String path(String folder, ImageRecord image) {
        return new Path(folder, new Path(null, null, image.name())).toString();
    }
}
