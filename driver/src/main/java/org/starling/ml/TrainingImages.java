package org.starling.ml;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;
import org.starling.InputException;
import org.starling.data.BadImageException;
import org.starling.data.ImageRecord;
import org.starling.data.Picture;

/**
 * A column of images and one of classes' numbers, written to files that a training reads. The files, and so the training, are a function of the rows alone,
 * whatever their order and partitions: rows are dealt to files, and sorted in them, by the SHA-256 of their images.
 */
final class TrainingImages implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final int FILES = 64;

    /** What a training reads at a time, as from other sources. */
    private static final int ROW_GROUP_BYTES = 4 << 20;

    private static final String KEY = "key";
    private static final StructType SCHEMA = new StructType()
            .add(KEY, DataTypes.StringType)
            .add("image", new StructType().add("bytes", DataTypes.BinaryType))
            .add("label", DataTypes.IntegerType);

    private final ImageColumn images;
    private final int label;
    private final int classes;

    /**
     * @param classes numbers that labels may have
     * @throws InputException when a column is missing or of another type
     */
    TrainingImages(StructType schema, String inputCol, String labelCol, int classes) {
        this.images = ImageColumn.of(schema, inputCol);
        requireLabel(schema, labelCol);
        this.label = schema.fieldIndex(labelCol);
        this.classes = classes;
    }

    /** @throws InputException when there is no such column of numbers */
    static void requireLabel(StructType schema, String labelCol) {
        if (!Arrays.asList(schema.fieldNames()).contains(labelCol)) {
            throw new InputException("There is no column '%s' of labels. The columns are %s; name one with setLabelCol."
                    .formatted(labelCol, String.join(", ", schema.fieldNames())));
        }
        if (!(schema.apply(labelCol).dataType() instanceof NumericType)) {
            throw new InputException(
                    "The column '%s' is of the type %s. Expected the numbers of classes; StringIndexer makes them of names."
                            .formatted(
                                    labelCol, schema.apply(labelCol).dataType().simpleString()));
        }
    }

    /** Names of the classes: those that the column's metadata has, as StringIndexer writes them, or else their numbers. */
    static List<String> names(StructType schema, String labelCol, int classes) {
        Attribute attribute = Attribute.fromStructField(schema.apply(labelCol));
        return attribute instanceof NominalAttribute nominal && nominal.values().isDefined()
                ? List.of(nominal.values().get())
                : IntStream.range(0, classes).mapToObj(String::valueOf).toList();
    }

    /**
     * Writes the images.
     *
     * @param folder that does not exist
     * @param names of the classes
     */
    void write(Dataset<Row> rows, Path folder, List<String> names) {
        rows.map((MapFunction<Row, Row>) this::row, Encoders.row(SCHEMA))
                .repartition(FILES, functions.col(KEY))
                .sortWithinPartitions(KEY, "label")
                .drop(KEY)
                .write()
                .option("parquet.block.size", ROW_GROUP_BYTES)
                .parquet(folder.toString());
        try {
            FileSystem fs =
                    folder.getFileSystem(rows.sparkSession().sparkContext().hadoopConfiguration());
            for (FileStatus file : fs.listStatus(folder)) {
                String name = file.getPath().getName();
                // Spark's names are other ones each time, and images are named by their files.
                if (name.startsWith("part-")) {
                    Path renamed = new Path(folder, name.substring(0, "part-00000".length()) + ".parquet");
                    if (!fs.rename(file.getPath(), renamed)) {
                        throw new IOException(file.getPath() + " cannot be renamed");
                    }
                }
            }
            try (OutputStream out = fs.create(new Path(folder, "classes.txt"), false)) {
                out.write(
                        (names.stream().map(name -> name.replaceAll("\\R", " ")).collect(Collectors.joining("\n"))
                                        + "\n")
                                .getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new InputException("%s cannot be written: %s".formatted(folder, e.getMessage()), e);
        }
    }

    private Row row(Row row) {
        ImageRecord image = images.image(row);
        byte[] bytes = bytes(image);
        return RowFactory.create(
                sha256(bytes == null ? new byte[0] : bytes), RowFactory.create((Object) bytes), label(row, image));
    }

    private int label(Row row, ImageRecord image) {
        double value = row.isNullAt(label) ? Double.NaN : ((Number) row.get(label)).doubleValue();
        if (!(value >= 0 && value < classes && value == Math.rint(value))) {
            throw new InputException(
                    "%s has the label %s. Expected the number of a class, from 0 to %d, as the model has %d outputs."
                            .formatted(image.name(), row.get(label), classes - 1, classes));
        }
        return (int) value;
    }

    /** An image file; null for what is none. */
    private static byte[] bytes(ImageRecord image) {
        try {
            return switch (image.encoding()) {
                case FILE -> image.bytes();
                case UNREADABLE -> null;
                default -> Picture.whole(image);
            };
        } catch (BadImageException e) {
            return null;
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
