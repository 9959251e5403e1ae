package org.starling.evaluation;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/**
 * A table with a row an image: {@code path}, where it is known {@code actual}, then {@code label}, {@code probability}, {@code label_2},
 * {@code probability_2} and so on for the next most probable classes, and {@code error}. A row has either labels or an error.
 *
 * @param folder where nothing is yet
 * @param format of the files
 * @param top how many classes a row names
 */
public record PredictionTable(String folder, Format format, int top) implements Serializable {
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

    /** @throws InputException when something is there, or more classes are asked for than there are */
    void check(List<String> labels, String model, Configuration configuration) {
        if (top > labels.size()) {
            throw new InputException("%d classes a row were asked for, and the model %s has %d. Ask for at most %3$d."
                    .formatted(top, model, labels.size()));
        }
        Path path = new Path(folder);
        if (exists(path, configuration)) {
            throw new InputException(
                    path + ": exists already, and is not overwritten. Name a folder that does not exist.");
        }
    }

    /**
     * A row.
     *
     * @param path of the image
     * @param actual its class; null where that is not known, which leaves the column away
     * @param probabilities of the classes; null for a bad image
     * @param error null for a good one
     */
    Row row(String path, String actual, float[] probabilities, String error, List<String> labels) {
        List<Object> values = new ArrayList<>();
        values.add(cell(path));
        if (actual != null) {
            values.add(cell(actual));
        }
        int columns = values.size() + 2 * top;
        if (error == null) {
            // Stable: the first of equals comes first.
            IntStream.range(0, probabilities.length)
                    .boxed()
                    .sorted(Comparator.comparing((Integer c) -> probabilities[c])
                            .reversed())
                    .limit(top)
                    .forEach(c -> {
                        values.add(cell(labels.get(c)));
                        values.add(probabilities[c]);
                    });
        }
        while (values.size() < columns) {
            values.add(null);
        }
        values.add(cell(error));
        return RowFactory.create(values.toArray());
    }

    private String cell(String text) {
        return format == Format.CSV ? CsvText.cell(text) : text;
    }

    private StructType schema(boolean withActual) {
        StructType schema = new StructType().add("path", DataTypes.StringType, false);
        if (withActual) {
            schema = schema.add("actual", DataTypes.StringType, false);
        }
        for (int k = 1; k <= top; k++) {
            String suffix = k == 1 ? "" : "_" + k;
            schema =
                    schema.add("label" + suffix, DataTypes.StringType).add("probability" + suffix, DataTypes.FloatType);
        }
        return schema.add("error", DataTypes.StringType);
    }

    /** Writes the rows, one file a core; nothing is left of a table that fails. */
    void write(JavaSparkContext spark, JavaRDD<Row> rows, boolean withActual) {
        boolean written = false;
        boolean newParent = !exists(new Path(folder).getParent(), spark.hadoopConfiguration());
        try {
            SparkSession.builder()
                    .sparkContext(spark.sc())
                    .getOrCreate()
                    .createDataFrame(rows.coalesce(Math.max(1, spark.defaultParallelism())), schema(withActual))
                    .write()
                    .mode(SaveMode.ErrorIfExists)
                    .option("header", true)
                    .option("escape", "\"")
                    // Spark would strip names that begin or end with spaces.
                    .option("ignoreLeadingWhiteSpace", false)
                    .option("ignoreTrailingWhiteSpace", false)
                    .option("ignoreNullFields", false)
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
            FileSystem fileSystem = path.getFileSystem(configuration);
            deleteEmptyTree(new Path(path, TEMPORARY), fileSystem);
            fileSystem.delete(path, false);
            if (newParent) {
                fileSystem.delete(path.getParent(), false);
            }
        } catch (IOException e) {
            // The failure that led here says more.
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

    private static boolean exists(Path path, Configuration configuration) {
        try {
            return path.getFileSystem(configuration).exists(path);
        } catch (IOException e) {
            throw new InputException("%s: cannot be used for output: %s".formatted(path, e.getMessage()), e);
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
