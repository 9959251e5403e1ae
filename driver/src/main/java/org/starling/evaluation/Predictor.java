package org.starling.evaluation;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;
import org.starling.Version;
import org.starling.data.ImageRecord;
import org.starling.data.ImageSource;

/**
 * Says of every image what a model, or an ensemble, takes it for, or what a layer of the model makes of it, and writes the answers as a
 * {@link PredictionTable}: one row an image, those that cannot be read too. What was interrupted goes on when it is asked for again.
 *
 * <p>Like {@link Evaluator} it cuts the images into the same tasks and batches on any cluster.
 */
public final class Predictor implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * What has been written, by this run and those that were interrupted.
     *
     * @param images rows
     * @param badImages rows with an error
     * @param seconds of this run
     */
    public record Predictions(long images, long badImages, double seconds) {}

    /** Rows of a table. */
    record Written(long rows, long errors) {}

    /** Told how much is there already. */
    @FunctionalInterface
    public interface ProgressListener {
        /**
         * Comes before anything is computed.
         *
         * @param parts of the table that an interrupted run has finished
         * @param of how many
         */
        void onStart(int parts, int of);
    }

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

    /** As below, telling nobody. */
    public Predictions predict(JavaSparkContext spark, ImageSource images, PredictionTable table) {
        return predict(spark, images, table, (parts, of) -> {});
    }

    /**
     * Writes the table, or goes on with one that an interrupted run has begun.
     *
     * @param images from {@link ImageSource#openUnlabelled}
     * @throws InputException when a model cannot be used, or not give what the table is to hold; when the table exists, or was begun with other
     *     models, images or settings, which the message names
     */
    public Predictions predict(
            JavaSparkContext spark, ImageSource images, PredictionTable table, ProgressListener progress) {
        long start = System.nanoTime();
        Configuration configuration = spark.hadoopConfiguration();
        List<String> labels = Ensemble.labels(classifier, configuration);
        AnswerColumns columns = table.columns(classifier, labels, configuration);
        TableParts parts =
                new TableParts(table, PredictionTable.schema(false, columns), facts(images, table, configuration));
        parts.begin(configuration);
        Broadcast<SerializableConfiguration> hadoop = spark.broadcast(new SerializableConfiguration(configuration));
        String folder = images.folder();
        PredictionTable.Content content = table.content();
        JavaRDD<Row> rows =
                images.records(spark, tasks).mapPartitions(part -> rows(part, hadoop, content, columns, folder));
        spark.setJobDescription("predict " + images.location());
        try {
            Written written = parts.write(spark, rows, progress);
            return new Predictions(written.rows(), written.errors(), (System.nanoTime() - start) * 1e-9);
        } finally {
            spark.setJobDescription(null);
            hadoop.destroy();
        }
    }

    /** Everything that a table's bytes depend on. */
    private SortedMap<String, String> facts(ImageSource images, PredictionTable table, Configuration configuration) {
        SortedMap<String, String> facts = new TreeMap<>();
        facts.put("Starling's version", Version.current());
        facts.put(
                "models",
                classifier.models().stream()
                        .map(model -> Ensemble.identity(model, classifier, configuration))
                        .collect(Collectors.joining("; ")));
        PredictionAverage average = classifier.average();
        facts.put(
                "average",
                classifier.models().size() == 1
                        ? "none"
                        : average.mean() + " by " + Arrays.toString(average.weights()));
        facts.put("crops", classifier.views().toString());
        facts.put("batch", String.valueOf(batch));
        facts.put("tasks", String.valueOf(tasks));
        facts.put("input", images.location());
        facts.put("input format", images.format());
        facts.put("the input's files", "of state " + images.state());
        facts.put("format", table.format().toString());
        facts.put("content", table.content().toString());
        return facts;
    }

    private Iterator<Row> rows(
            Iterator<ImageRecord> images,
            Broadcast<SerializableConfiguration> hadoop,
            PredictionTable.Content content,
            AnswerColumns columns,
            String folder) {
        Answers answers =
                new Answers(classifier, content, images, batch, hadoop.value().value());
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return answers.hasNext();
            }

            @Override
            public Row next() {
                Answers.Answer answer = answers.next();
                return PredictionTable.row(
                        path(folder, answer.image()), null, answer.values(), answer.error(), columns);
            }
        };
    }

    /** Where an image lies. */
    static String path(String folder, ImageRecord image) {
        return new Path(folder, new Path(null, null, image.name())).toString();
    }
}
