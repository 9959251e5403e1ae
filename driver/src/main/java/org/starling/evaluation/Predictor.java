package org.starling.evaluation;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.starling.InputException;
import org.starling.data.ImageRecord;
import org.starling.data.ImageSource;

/**
 * Says of every image what a model, or an ensemble, takes it for, and writes the answers as a table: one row an image, those that cannot be
 * read too. Columns: {@code path}, {@code label}, {@code probability}, then {@code label_2}, {@code probability_2} and so on for the next
 * most probable classes, and {@code error}. A row has either labels or an error.
 *
 * <p>Like {@link Evaluator} it cuts the images into the same tasks and batches on any cluster.
 */
public final class Predictor implements Serializable {
    private static final long serialVersionUID = 1L;

    /** How the table is written, by Spark SQL. */
    public enum TableFormat {
        /** With a header line. */
        CSV,
        /** One object a line. */
        JSON,
        PARQUET
    }

    /**
     * What has been written.
     *
     * @param images rows
     * @param badImages rows with an error
     */
    public record Predictions(long images, long badImages, double seconds) {}

    private final List<String> models;
    private final int top;
    private final int batch;
    private final int tasks;

    /**
     * @param models Hadoop paths of model zips or run directories; of several the predictions are averaged
     * @param top how many classes a row names
     * @param batch images that a network computes at once
     * @param tasks into how many parts the images are cut
     */
    public Predictor(List<String> models, int top, int batch, int tasks) {
        this.models = List.copyOf(models);
        this.top = top;
        this.batch = batch;
        this.tasks = tasks;
    }

    public Predictor(List<String> models, int top) {
        this(models, top, Evaluator.BATCH, Evaluator.TASKS);
    }

    /**
     * Writes the table.
     *
     * @param images from {@link ImageSource#openUnlabelled}
     * @param table a folder that does not exist
     * @throws InputException when a model cannot be used, {@code table} exists, or {@code top} is more than the model's classes
     */
    public Predictions predict(JavaSparkContext spark, ImageSource images, Path table, TableFormat format) {
        long start = System.nanoTime();
        List<String> labels = Ensemble.labels(models, spark.hadoopConfiguration());
        if (top > labels.size()) {
            throw new InputException("%d classes a row were asked for, and the model %s has %d. Ask for at most %3$d."
                    .formatted(top, models.get(0), labels.size()));
        }
        requireAbsent(table, spark.hadoopConfiguration());
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        // Exact in spite of retries: a job of one stage counts each finished task once.
        LongAccumulator rows = spark.sc().longAccumulator("images");
        LongAccumulator errors = spark.sc().longAccumulator("bad images");
        String folder = images.folder();
        JavaRDD<Row> answers =
                images.records(spark, tasks).mapPartitions(part -> rows(part, hadoop, labels, folder, rows, errors));
        spark.setJobDescription("predict " + images.location());
        try {
            // One file a core, not one a task.
            write(spark, answers.coalesce(Math.max(1, spark.defaultParallelism())), table, format);
        } finally {
            spark.setJobDescription(null);
            hadoop.destroy();
        }
        return new Predictions(rows.value(), errors.value(), (System.nanoTime() - start) * 1e-9);
    }

    private static void requireAbsent(Path table, Configuration configuration) {
        try {
            if (table.getFileSystem(configuration).exists(table)) {
                throw new InputException(
                        table + ": exists already, and is not overwritten. Name a folder that does not exist.");
            }
        } catch (IOException e) {
            throw new InputException("%s: cannot be used for output: %s".formatted(table, e.getMessage()), e);
        }
    }

    private Iterator<Row> rows(
            Iterator<ImageRecord> images,
            Broadcast<SerializableConfiguration> hadoop,
            List<String> labels,
            String folder,
            LongAccumulator rows,
            LongAccumulator errors) {
        Ensemble ensemble = new Ensemble(models, hadoop.value().value(), TaskContext.get());
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
                return row(new Path(folder, new Path(null, null, outcome.image().name())), outcome, labels);
            }
        };
    }

    private Row row(Path path, Ensemble.Outcome outcome, List<String> labels) {
        List<Object> values = new ArrayList<>();
        values.add(path.toString());
        if (outcome.error() == null) {
            float[] p = outcome.probabilities();
            // Stable: the first of equals comes first.
            IntStream.range(0, p.length)
                    .boxed()
                    .sorted(Comparator.comparing((Integer c) -> p[c]).reversed())
                    .limit(top)
                    .forEach(c -> {
                        values.add(labels.get(c));
                        values.add(p[c]);
                    });
        }
        while (values.size() < 1 + 2 * top) {
            values.add(null);
        }
        values.add(outcome.error());
        return RowFactory.create(values.toArray());
    }

    private StructType schema() {
        StructType schema = new StructType().add("path", DataTypes.StringType, false);
        for (int k = 1; k <= top; k++) {
            String suffix = k == 1 ? "" : "_" + k;
            schema =
                    schema.add("label" + suffix, DataTypes.StringType).add("probability" + suffix, DataTypes.FloatType);
        }
        return schema.add("error", DataTypes.StringType);
    }

    private void write(JavaSparkContext spark, JavaRDD<Row> rows, Path table, TableFormat format) {
        boolean written = false;
        try {
            SparkSession.builder()
                    .sparkContext(spark.sc())
                    .getOrCreate()
                    .createDataFrame(rows, schema())
                    .write()
                    .mode(SaveMode.ErrorIfExists)
                    .option("header", true)
                    .option("escape", "\"")
                    .option("ignoreNullFields", false)
                    .format(format.name().toLowerCase(Locale.ROOT))
                    .save(table.toString());
            written = true;
        } finally {
            if (!written) {
                deleteEmpty(table, spark.hadoopConfiguration());
            }
        }
    }

    /** Spark has taken its files away; a folder that is not empty is somebody else's. */
    private static void deleteEmpty(Path table, Configuration configuration) {
        try {
            table.getFileSystem(configuration).delete(table, false);
        } catch (IOException e) {
            // The failure that led here says more.
        }
    }
}
