package org.starling.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;

/**
 * Parquet files as Hugging Face's data sets have them: a column {@code image} with the bytes of an image file ({@code bytes}) and its path, and a column
 * {@code label} with the number of its class. Their schema's metadata names the classes.
 */
record ParquetSource(
        String folder,
        String location,
        List<String> classes,
        boolean namesClasses,
        String state,
        List<RowGroup> rowGroups,
        boolean labelled)
        implements ImageSource {
    static final String SUFFIX = ".parquet";

    private static final String IMAGE = "image";
    private static final String BYTES = "bytes";
    private static final String LABEL = "label";
    private static final String METADATA = "huggingface";
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Images that are read at a time.
     *
     * @param file its path
     * @param name of the file below the set's folder
     * @param number of the row group in it
     * @param firstRow number of its first row in the file
     */
    record RowGroup(String file, String name, int number, long firstRow) implements Serializable {}

    /** What a file's footer says. */
    private record Footer(Optional<List<String>> classes, List<Long> rows) {}

    static boolean areFiles(List<FileStatus> files) {
        return files.stream().anyMatch(ParquetSource::isFile)
                && files.stream()
                        .allMatch(
                                file -> isFile(file) || file.getPath().getName().equals(NumberedClasses.FILE));
    }

    private static boolean isFile(FileStatus file) {
        return !file.isDirectory() && file.getPath().getName().endsWith(SUFFIX);
    }

    /** @throws InputException when there are no such files, or they are of other columns */
    static ParquetSource open(SourceFiles files, boolean labelled) {
        List<FileStatus> found = files.entries().stream()
                .filter(file -> files.isFolder() ? isFile(file) : !file.isDirectory())
                .toList();
        if (found.isEmpty()) {
            throw new InputException("No Parquet files in " + files.path() + ", which " + files.summary()
                    + ". Expected files named like train-00000-of-00001.parquet.");
        }
        requireOneSplit(files, found);
        FileStates states = new FileStates();
        List<RowGroup> rowGroups = new ArrayList<>();
        Optional<List<String>> names = Optional.empty();
        int prefix = files.folder().toUri().getPath().length() + (files.folder().isRoot() ? 0 : 1);
        for (FileStatus file : found) {
            states.add(file);
            Path path = file.getPath();
            Footer footer = footer(path, files.fileSystem().getConf(), labelled);
            if (names.isPresent() && !names.equals(footer.classes())) {
                throw new InputException(path + " names other classes than "
                        + found.get(0).getPath() + ". Expected files of one data set.");
            }
            names = footer.classes();
            long row = 0;
            for (int group = 0; group < footer.rows().size(); group++) {
                String name = path.toUri().getPath().substring(prefix);
                rowGroups.add(new RowGroup(path.toString(), name, group, row));
                row += footer.rows().get(group);
            }
        }
        if (rowGroups.isEmpty()) {
            throw new InputException("The Parquet files in " + files.path() + " have no rows. Expected images.");
        }
        NumberedClasses classes = classes(files, names, rowGroups, labelled);
        return new ParquetSource(
                files.folder().toString(),
                files.path().toString(),
                classes.names(),
                classes.named(),
                states.value(),
                rowGroups,
                labelled);
    }

    /** Hugging Face's files are named {@code SPLIT-00000-of-00005.parquet}. */
    private static void requireOneSplit(SourceFiles files, List<FileStatus> found) {
        List<String> splits = found.stream()
                .map(file -> file.getPath().getName())
                .filter(name -> name.matches(".+-\\d+-of-\\d+.*"))
                .map(name -> name.replaceFirst("-\\d+-of-\\d+.*", ""))
                .distinct()
                .toList();
        if (splits.size() > 1) {
            throw new InputException("The folder " + files.path() + " holds files of several splits: "
                    + String.join(", ", splits) + ". Name those of one, such as " + files.path() + "/" + splits.get(0)
                    + "-*" + SUFFIX + ".");
        }
    }

    private static NumberedClasses classes(
            SourceFiles files, Optional<List<String>> names, List<RowGroup> rowGroups, boolean labelled) {
        if (!labelled) {
            return new NumberedClasses(List.of(), true);
        }
        if (names.isPresent()) {
            return new NumberedClasses(names.get(), true);
        }
        int largest = 0;
        for (RowGroup group : rowGroups) {
            for (Row row : rows(group, files.fileSystem().getConf(), true, false)) {
                largest = Math.max(largest, row.label());
            }
        }
        return NumberedClasses.of(files, largest, files.path().toString());
    }

    private static ParquetFileReader reader(Path path, Configuration configuration) throws IOException {
        return ParquetFileReader.open(HadoopInputFile.fromPath(path, configuration));
    }

    private static InputException unreadable(Path path, Exception e) {
        return new InputException("The Parquet file " + path + " cannot be read: " + SourceFiles.reason(e) + ".", e);
    }

    private static Footer footer(Path path, Configuration configuration, boolean labelled) {
        try (ParquetFileReader file = reader(path, configuration)) {
            FileMetaData metadata = file.getFooter().getFileMetaData();
            projection(path, metadata.getSchema(), labelled, true);
            return new Footer(
                    classes(metadata.getKeyValueMetaData()),
                    file.getRowGroups().stream()
                            .map(group -> group.getRowCount())
                            .toList());
        } catch (InputException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw unreadable(path, e);
        }
    }

    private static Optional<List<String>> classes(Map<String, String> metadata) throws IOException {
        JsonNode names = JSON.readTree(metadata.getOrDefault(METADATA, "{}"))
                .path("info")
                .path("features")
                .path(LABEL)
                .path("names");
        List<String> classes = new ArrayList<>();
        names.forEach(name -> classes.add(name.asText()));
        return classes.isEmpty() ? Optional.empty() : Optional.of(classes);
    }

    /** The columns that are read. */
    private static MessageType projection(Path path, MessageType schema, boolean label, boolean image) {
        List<Type> columns = new ArrayList<>();
        if (label) {
            boolean number = schema.containsField(LABEL)
                    && schema.getType(LABEL).isPrimitive()
                    && (isOf(schema.getType(LABEL), PrimitiveTypeName.INT32)
                            || isOf(schema.getType(LABEL), PrimitiveTypeName.INT64));
            if (!number) {
                throw wrongColumns(path, schema, "a column label of whole numbers");
            }
            columns.add(schema.getType(LABEL));
        }
        if (image) {
            boolean bytes = schema.containsField(IMAGE)
                    && !schema.getType(IMAGE).isPrimitive()
                    && schema.getType(IMAGE).asGroupType().containsField(BYTES)
                    && isOf(schema.getType(IMAGE).asGroupType().getType(BYTES), PrimitiveTypeName.BINARY);
            if (!bytes) {
                throw wrongColumns(path, schema, "a column image with bytes");
            }
            GroupType group = schema.getType(IMAGE).asGroupType();
            columns.add(group.withNewFields(group.getType(BYTES)));
        }
        return new MessageType(schema.getName(), columns);
    }

    private static boolean isOf(Type type, PrimitiveTypeName name) {
        return type.isPrimitive() && type.asPrimitiveType().getPrimitiveTypeName() == name;
    }

    private static InputException wrongColumns(Path path, MessageType schema, String expected) {
        return new InputException("The Parquet file " + path + " has the columns "
                + schema.getFields().stream().map(Type::getName).collect(Collectors.joining(", ")) + ". Expected "
                + expected + ", as Hugging Face's image data sets have.");
    }

    /**
     * @param label -1 where there is none
     * @param bytes null where they are not asked for, or there are none
     */
    private record Row(int label, byte[] bytes) {}

    private static List<Row> rows(RowGroup group, Configuration configuration, boolean label, boolean image) {
        Path path = new Path(group.file());
        List<Row> rows = new ArrayList<>();
        try (ParquetFileReader file = reader(path, configuration)) {
            MessageType schema = file.getFooter().getFileMetaData().getSchema();
            MessageType wanted = projection(path, schema, label, image);
            file.setRequestedSchema(wanted);
            PageReadStore pages = file.readRowGroup(group.number());
            RecordReader<Group> reader = new ColumnIOFactory()
                    .getColumnIO(wanted, schema)
                    .getRecordReader(pages, new GroupRecordConverter(wanted));
            for (long row = 0; row < pages.getRowCount(); row++) {
                Group columns = reader.read();
                int number =
                        label ? label(columns, path, group.firstRow() + row).orElse(-1) : -1;
                rows.add(new Row(number, image ? bytes(columns) : null));
            }
            return rows;
        } catch (InputException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw unreadable(path, e);
        }
    }

    private static OptionalInt label(Group row, Path path, long number) {
        if (row.getFieldRepetitionCount(LABEL) == 0) {
            return OptionalInt.empty();
        }
        long label = isOf(row.getType().getType(LABEL), PrimitiveTypeName.INT32)
                ? row.getInteger(LABEL, 0)
                : row.getLong(LABEL, 0);
        if (label < 0 || label > Integer.MAX_VALUE) {
            throw new InputException("Row " + number + " of " + path + " has the label " + label
                    + ". Expected the number of a class; a test set without labels can only be predicted.");
        }
        return OptionalInt.of((int) label);
    }

    private static byte[] bytes(Group row) {
        boolean there =
                row.getFieldRepetitionCount(IMAGE) > 0 && row.getGroup(IMAGE, 0).getFieldRepetitionCount(BYTES) > 0;
        return there ? row.getGroup(IMAGE, 0).getBinary(BYTES, 0).getBytes() : null;
    }

    @Override
    public String format() {
        return "parquet";
    }

    @Override
    public JavaRDD<ImageRecord> records(JavaSparkContext context, int partitions) {
        Broadcast<SerializableConfiguration> configuration =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        int count = classes.size();
        boolean labels = labelled;
        return context.parallelize(rowGroups, Math.max(1, Math.min(partitions, rowGroups.size())))
                .flatMap(group -> images(group, configuration.value().value(), labels, count)
                        .iterator());
    }

    private static List<ImageRecord> images(RowGroup group, Configuration configuration, boolean labels, int classes) {
        List<ImageRecord> images = new ArrayList<>();
        for (Row row : rows(group, configuration, labels, true)) {
            long number = group.firstRow() + images.size();
            if (labels && (row.label() < 0 || row.label() >= classes)) {
                throw new InputException("Row " + number + " of " + group.file() + " has "
                        + (row.label() < 0 ? "no label" : "the label " + row.label()) + ". Expected 0 to "
                        + (classes - 1) + ".");
            }
            images.add(image(group.name() + "#" + number, row));
        }
        return images;
    }

    private static ImageRecord image(String name, Row row) {
        return row.bytes() == null
                ? new ImageRecord(
                        name,
                        row.label(),
                        ImageRecord.Encoding.UNREADABLE,
                        0,
                        0,
                        0,
                        "the row has no bytes, only a path".getBytes(StandardCharsets.UTF_8))
                : new ImageRecord(name, row.label(), ImageRecord.Encoding.FILE, 0, 0, 0, row.bytes());
    }
}
