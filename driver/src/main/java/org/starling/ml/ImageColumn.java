package org.starling.ml;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.starling.InputException;
import org.starling.data.ImageRecord;
import org.starling.data.ImageRecord.Encoding;

/**
 * A column of images: the bytes of image files, as the column {@code content} of Spark's source {@code binaryFile} has them, or pictures as Spark's source
 * {@code image} decodes them, a structure of {@code origin}, {@code height}, {@code width}, {@code nChannels}, {@code mode} and {@code data} (blue, green,
 * red, and alpha where there is some).
 */
final class ImageColumn implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final List<String> FIELDS = List.of("height", "width", "nChannels", "mode", "data");
    private static final String ORIGIN = "origin";

    /** OpenCV's numbers of unsigned bytes in 1, 3 and 4 channels. */
    private static final List<Integer> MODES = List.of(0, 16, 24);

    private final int index;
    private final boolean files;
    private final int path;

    private ImageColumn(int index, boolean files, int path) {
        this.index = index;
        this.files = files;
        this.path = path;
    }

    /** @throws InputException when there is no such column, or it holds no images */
    static ImageColumn of(StructType schema, String name) {
        if (!Arrays.asList(schema.fieldNames()).contains(name)) {
            throw new InputException("There is no column '%s' of images. The columns are %s; name one with setInputCol."
                    .formatted(name, String.join(", ", schema.fieldNames())));
        }
        int index = schema.fieldIndex(name);
        DataType type = schema.fields()[index].dataType();
        boolean files = type.equals(DataTypes.BinaryType);
        if (!files && !(type instanceof StructType image && isImage(image))) {
            throw new InputException(
                    "The column '%s' is of the type %s. Expected the bytes of image files (binary, as the column content of Spark's source binaryFile has them), or pictures of Spark's source image."
                            .formatted(name, type.simpleString()));
        }
        int path = Arrays.asList(schema.fieldNames()).indexOf("path");
        return new ImageColumn(
                index, files, path >= 0 && schema.fields()[path].dataType().equals(DataTypes.StringType) ? path : -1);
    }

    private static boolean isImage(StructType type) {
        List<String> names = Arrays.asList(type.fieldNames());
        return names.containsAll(FIELDS)
                && type.apply("data").dataType().equals(DataTypes.BinaryType)
                && FIELDS.subList(0, 4).stream()
                        .allMatch(field -> type.apply(field).dataType().equals(DataTypes.IntegerType));
    }

    /** The image of a row, named by its origin or the row's {@code path}, where there is one. What cannot be read says why. */
    ImageRecord image(Row row) {
        String name = path >= 0 && !row.isNullAt(path) ? row.getString(path) : "an image without a name";
        if (row.isNullAt(index)) {
            return unreadable(name, "the column is null");
        }
        return files
                ? new ImageRecord(name, -1, Encoding.FILE, 0, 0, 0, row.<byte[]>getAs(index))
                : picture(row.getStruct(index), name);
    }

    private static ImageRecord picture(Row picture, String rowName) {
        boolean hasOrigin = Arrays.asList(picture.schema().fieldNames()).contains(ORIGIN);
        String origin = hasOrigin ? picture.getAs(ORIGIN) : null;
        String name = origin == null || origin.isEmpty() ? rowName : origin;
        if (FIELDS.stream().anyMatch(field -> picture.isNullAt(picture.fieldIndex(field)))) {
            return unreadable(name, "a field of the picture is null");
        }
        int height = picture.<Integer>getAs("height");
        int width = picture.<Integer>getAs("width");
        int channels = picture.<Integer>getAs("nChannels");
        int mode = picture.<Integer>getAs("mode");
        byte[] data = picture.getAs("data");
        if (height < 0 || width < 0) {
            return unreadable(name, "Spark's source image could not read the file");
        }
        if (!MODES.contains(mode)) {
            return unreadable(
                    name,
                    "the picture's OpenCV mode is " + mode
                            + ", expected 0, 16 or 24: unsigned bytes in 1, 3 or 4 channels");
        }
        return new ImageRecord(name, -1, Encoding.RAW_INTERLEAVED, height, width, channels, redFirst(data, channels));
    }

    /** @param data blue first */
    private static byte[] redFirst(byte[] data, int channels) {
        if (channels < 3) {
            return data;
        }
        byte[] turned = data.clone();
        for (int i = 0; i + channels <= data.length; i += channels) {
            turned[i] = data[i + 2];
            turned[i + 2] = data[i];
        }
        return turned;
    }

    private static ImageRecord unreadable(String name, String reason) {
        return new ImageRecord(name, -1, Encoding.UNREADABLE, 0, 0, 0, reason.getBytes(StandardCharsets.UTF_8));
    }
}
