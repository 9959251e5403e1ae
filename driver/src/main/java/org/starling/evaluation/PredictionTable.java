package org.starling.evaluation;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.starling.CsvText;
import org.starling.InputException;
import org.starling.model.LayerSummary;

/**
 * A table with a row an image: {@code path}, where it is known {@code actual}, then what its content is, and {@code error}. A row has either
 * content or an error.
 *
 * @param folder where nothing is yet
 * @param format of the files
 * @param content of a row
 */
public record PredictionTable(String folder, Format format, Content content) implements Serializable {
    /** As many as Spark reads, unless it is told otherwise. */
    private static final int MOST_CSV_COLUMNS = 20_480;

    /** Where Hadoop's committer works. */
    private static final String TEMPORARY = "_temporary";

    /** That tasks of a table that is given up are waited for. */
    private static final int TASKS_END_SECONDS = 10;

    /** How a table is written, by Spark SQL. */
    public enum Format {
        /** With a header line, and text as {@link CsvText} has it. */
        CSV,
        /** One object a line. */
        JSON,
        PARQUET
    }

    /** How Spark writes the files; it would strip names that begin or end with spaces. */
    static final Map<String, String> OPTIONS = Map.of(
            "header", "true",
            "escape", "\"",
            "ignoreLeadingWhiteSpace", "false",
            "ignoreTrailingWhiteSpace", "false",
            "ignoreNullFields", "false");

    /** What a table says of an image. */
    public sealed interface Content extends Serializable {}

    /**
     * The most probable classes: {@code label}, {@code probability}, {@code label_2}, {@code probability_2} and so on.
     *
     * @param top how many
     */
    public record Labels(int top) implements Content {}

    /**
     * A layer's activations, in the order of the model's data format: {@code features}, an array of floats; in CSV {@code feature_0},
     * {@code feature_1} and so on.
     *
     * @param name of the layer in the Keras model
     */
    public record Layer(String name) implements Content {}

    /** @param top how many classes a row names */
    public PredictionTable(String folder, Format format, int top) {
        this(folder, format, new Labels(top));
    }

    /**
     * The columns that the content takes.
     *
     * @param classifier what makes it
     * @param labels of their classes
     * @throws InputException when the models cannot give it, or the format not hold it
     */
    AnswerColumns columns(Classifier classifier, List<String> labels, Configuration configuration) {
        List<String> models = classifier.models();
        String model = models.get(0);
        if (content instanceof Labels wanted) {
            if (wanted.top() > labels.size()) {
                throw new InputException(
                        "%d classes a row were asked for, and the model %s has %d. Ask for at most %3$d."
                                .formatted(wanted.top(), model, labels.size()));
            }
            return new AnswerColumns.TopLabels(labels, wanted.top());
        }
        if (models.size() > 1) {
            throw new InputException(
                    "The activations of a layer were asked for, and %d models: those of different networks mean different things, and are not averaged. Name one model."
                            .formatted(models.size()));
        }
        LayerSummary layer =
                Ensemble.describe(model, classifier, configuration).model(model).layer(((Layer) content).name());
        long length = layer.output().stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
        if (format != Format.CSV) {
            return new AnswerColumns.FeatureArray();
        }
        if (length + 2 > MOST_CSV_COLUMNS) {
            throw new InputException(
                    "The layer %s has %s = %,d activations an image, and a CSV row holds at most %,d columns. Use parquet or json."
                            .formatted(layer.name(), layer.outputShape(), length, MOST_CSV_COLUMNS));
        }
        return new AnswerColumns.FeatureValues((int) length);
    }

    /** @throws InputException when something is there */
    void requireAbsent(Configuration configuration) {
        Path path = new Path(folder);
        if (isThere(path, configuration)) {
            throw exists();
        }
    }

    InputException exists() {
        return new InputException(
                folder + ": exists already, and is not overwritten. Name a folder that does not exist.");
    }

    InputException unusable(IOException e) {
        return new InputException("%s: cannot be used for output: %s".formatted(folder, e.getMessage()), e);
    }

    /**
     * A row.
     *
     * @param path of the image
     * @param actual its class; null where that is not known, which leaves the column away
     * @param answer null for a bad image
     * @param error null for a good one
     */
    static Row row(String path, String actual, float[] answer, String error, AnswerColumns columns) {
        List<Object> values = new ArrayList<>();
        values.add(path);
        if (actual != null) {
            values.add(actual);
        }
        columns.append(values, answer);
        values.add(error);
        return RowFactory.create(values.toArray());
    }

    /** A row as the files hold it. */
    Row stored(Row row) {
        if (format != Format.CSV) {
            return row;
        }
        Object[] values = new Object[row.size()];
        for (int i = 0; i < values.length; i++) {
            Object value = row.get(i);
            values[i] = value instanceof String text ? CsvText.cell(text) : value;
        }
        return RowFactory.create(values);
    }

    static StructType schema(boolean withActual, AnswerColumns columns) {
        StructType schema = new StructType().add("path", DataTypes.StringType, false);
        if (withActual) {
            schema = schema.add("actual", DataTypes.StringType, false);
        }
        return columns.appendedTo(schema).add("error", DataTypes.StringType);
    }

    /** Writes rows that say which class an image is of, one file a core; nothing is left of a table that fails. */
    void write(JavaSparkContext spark, JavaRDD<Row> rows, AnswerColumns columns) {
        boolean written = false;
        boolean newParent = !isThere(new Path(folder).getParent(), spark.hadoopConfiguration());
        try {
            SparkSession.builder()
                    .sparkContext(spark.sc())
                    .getOrCreate()
                    .createDataFrame(
                            rows.map(this::stored).coalesce(Math.max(1, spark.defaultParallelism())),
                            schema(true, columns))
                    .write()
                    .mode(SaveMode.ErrorIfExists)
                    .options(OPTIONS)
                    .format(format.name().toLowerCase(Locale.ROOT))
                    .save(folder);
            written = true;
        } finally {
            if (!written) {
                awaitTasks(spark);
                removeRemains(newParent, spark.hadoopConfiguration());
            }
        }
    }

    /** Spark has taken its files away. What holds files is somebody else's. */
    private void removeRemains(boolean newParent, Configuration configuration) {
        Path path = new Path(folder);
        try {
            deleteEmptyTree(new Path(path, TEMPORARY), path.getFileSystem(configuration));
        } catch (IOException e) {
            // The failure that led here says more.
        }
        deleteEmpty(path, configuration);
        if (newParent) {
            deleteEmpty(path.getParent(), configuration);
        }
    }

    private static void deleteEmptyTree(Path path, FileSystem fileSystem) throws IOException {
        if (!fileSystem.exists(path)) {
            return;
        }
        for (FileStatus inside : fileSystem.listStatus(path)) {
            if (inside.isDirectory()) {
                deleteEmptyTree(inside.getPath(), fileSystem);
            }
        }
        fileSystem.delete(path, false);
    }

    private boolean isThere(Path path, Configuration configuration) {
        try {
            return path.getFileSystem(configuration).exists(path);
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** A folder that is not empty is somebody else's. */
    static void deleteEmpty(Path path, Configuration configuration) {
        try {
            path.getFileSystem(configuration).delete(path, false);
        } catch (IOException e) {
            // The failure that led here says more.
        }
    }

    /** Tasks that still run when Spark gives a table up may make folders that it has just taken away. */
    private static void awaitTasks(JavaSparkContext spark) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TASKS_END_SECONDS);
        while (System.nanoTime() < deadline
                && Arrays.stream(spark.sc().statusTracker().getExecutorInfos())
                        .anyMatch(executor -> executor.numRunningTasks() > 0)) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
