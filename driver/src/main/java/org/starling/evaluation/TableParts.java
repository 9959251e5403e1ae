package org.starling.evaluation;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.csv.CSVFileFormat;
import org.apache.spark.sql.execution.datasources.json.JsonFileFormat;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;
import org.starling.WorkFolder;
import scala.collection.JavaConverters;

/**
 * Writes a {@link PredictionTable} as Spark SQL does, but a file a partition, and keeps those that are finished: a run that was interrupted goes on with
 * the partitions that are missing.
 */
final class TableParts {
    private static final String SUCCESS = "_SUCCESS";

    private final PredictionTable table;
    private final StructType schema;
    private final SortedMap<String, String> facts;

    /**
     * @param facts what the rows are made from, by names for people: a table under way that is made from something else is refused
     */
    TableParts(PredictionTable table, StructType schema, SortedMap<String, String> facts) {
        this.table = table;
        this.schema = schema;
        this.facts = facts;
    }

    /** A file of the table that is finished. */
    private record Part(String file, String attempt, long length, long rows, long errors) implements WorkFolder.Part {}

    /** Takes the folder, or finds it begun with the same facts. */
    void begin(Configuration configuration) {
        try {
            WorkFolder work = work(configuration);
            if (work.isBegun()) {
                requireSame(work);
            } else if (work.isFree()) {
                work.begin(facts);
            } else {
                throw table.exists();
            }
        } catch (IOException e) {
            throw table.unusable(e);
        }
    }

    private void requireSame(WorkFolder work) throws IOException {
        SortedMap<String, String> begun = work.plan()
                .orElseThrow(
                        () -> new InputException(
                                table.folder()
                                        + ": a table was begun here, and what it is made from cannot be read. Remove the folder, or name another."));
        List<String> differences = Stream.concat(facts.keySet().stream(), begun.keySet().stream())
                .distinct()
                .filter(name -> !facts.getOrDefault(name, "").equals(begun.getOrDefault(name, "")))
                .map(name -> "%s (then %s, now %s)"
                        .formatted(name, begun.getOrDefault(name, "none"), facts.getOrDefault(name, "none")))
                .toList();
        if (!differences.isEmpty()) {
            throw new InputException(
                    "%s: a table was begun here and differs in %s. Give the same to go on, or name another folder."
                            .formatted(table.folder(), String.join(", ", differences)));
        }
    }

    private WorkFolder work(Configuration configuration) throws IOException {
        Path folder = new Path(table.folder());
        return new WorkFolder(folder.getFileSystem(configuration), folder);
    }

    /**
     * Writes what is missing, and brings all to its place.
     *
     * @param rows the same in every run, in the same partitions
     * @param progress told once, before anything is computed
     */
    Predictor.Written write(JavaSparkContext spark, JavaRDD<Row> rows, Predictor.ProgressListener progress) {
        Configuration hadoop = spark.hadoopConfiguration();
        int partitions = rows.getNumPartitions();
        try {
            WorkFolder work = work(hadoop);
            Writer writer = writer(spark);
            SortedMap<String, Part> parts = work.parts(Part.class);
            int[] missing = IntStream.range(0, partitions)
                    .filter(partition -> !parts.containsKey(writer.file(partition)))
                    .toArray();
            progress.onStart(partitions - missing.length, partitions);
            if (missing.length > 0) {
                compute(spark, rows, writer, missing);
            }
            return finish(work, work.parts(Part.class), writer, partitions);
        } catch (IOException e) {
            throw new InputException(
                    table.folder() + " cannot be written: " + e.getMessage() + ". Run the same command again to go on.",
                    e);
        }
    }

    private void compute(JavaSparkContext spark, JavaRDD<Row> rows, Writer writer, int[] missing) throws IOException {
        boolean computed = false;
        try {
            rows.mapPartitionsWithIndex(writer, false).collectPartitions(missing);
            computed = true;
        } finally {
            if (!computed && work(spark.hadoopConfiguration()).parts(Part.class).isEmpty()) {
                work(spark.hadoopConfiguration()).end();
                PredictionTable.deleteEmpty(new Path(table.folder()), spark.hadoopConfiguration());
            }
        }
    }

    private Predictor.Written finish(WorkFolder work, SortedMap<String, Part> parts, Writer writer, int partitions)
            throws IOException {
        long rows = 0;
        long errors = 0;
        for (int partition = 0; partition < partitions; partition++) {
            Part part = parts.get(writer.file(partition));
            if (part == null) {
                throw new IOException(writer.file(partition) + " was written and is gone");
            }
            rows += part.rows();
            errors += part.errors();
        }
        for (Part part : parts.values()) {
            work.place(part);
        }
        Path folder = new Path(table.folder());
        folder.getFileSystem(writer.configuration())
                .create(new Path(folder, SUCCESS), true)
                .close();
        work.end();
        return new Predictor.Written(rows, errors);
    }

    private Writer writer(JavaSparkContext spark) throws IOException {
        SparkSession session = SparkSession.builder().sparkContext(spark.sc()).getOrCreate();
        FileFormat format =
                switch (table.format()) {
                    case CSV -> new CSVFileFormat();
                    case JSON -> new JsonFileFormat();
                    case PARQUET -> new ParquetFileFormat();
                };
        Job job = Job.getInstance(session.sessionState().newHadoopConf());
        OutputWriterFactory factory = format.prepareWrite(
                session,
                job,
                JavaConverters.mapAsScalaMap(PredictionTable.OPTIONS).toMap(scala.Predef.$conforms()),
                schema);
        return new Writer(
                table,
                schema,
                factory,
                factory.getFileExtension(context(job.getConfiguration())),
                spark.broadcast(new SerializableConfiguration(job.getConfiguration())));
    }

    private static TaskAttemptContext context(Configuration configuration) {
        return new TaskAttemptContextImpl(configuration, new TaskAttemptID());
    }

    /** Writes a partition's rows to a file of the attempt's, and notes it when it is whole. */
    private record Writer(
            PredictionTable table,
            StructType schema,
            OutputWriterFactory factory,
            String extension,
            Broadcast<SerializableConfiguration> hadoop)
            implements Function2<Integer, Iterator<Row>, Iterator<Integer>> {

        Configuration configuration() {
            return hadoop.value().value();
        }

        String file(int partition) {
            return String.format(Locale.ROOT, "part-%05d%s", partition, extension);
        }

        @Override
        public Iterator<Integer> call(Integer partition, Iterator<Row> rows) throws IOException {
            Path output = new Path(table.folder());
            FileSystem fs = output.getFileSystem(configuration());
            WorkFolder work = new WorkFolder(fs, output);
            Path file = work.newAttempt(file(partition));
            long count = 0;
            long errors = 0;
            scala.Function1<Object, Object> converter = CatalystTypeConverters.createToCatalystConverter(schema);
            OutputWriter writer = factory.newInstance(file.toString(), schema, context(configuration()));
            try {
                while (rows.hasNext()) {
                    Row row = rows.next();
                    writer.write((InternalRow) converter.apply(table.stored(row)));
                    count++;
                    errors += row.isNullAt(row.size() - 1) ? 0 : 1;
                }
            } finally {
                writer.close();
            }
            work.note(new Part(
                    file(partition), file.getName(), fs.getFileStatus(file).getLen(), count, errors));
            return List.of(partition).iterator();
        }
    }
}
