package org.starling.data;

import java.io.Serializable;
import java.util.List;
import java.util.OptionalLong;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;

/** A set of images on a Hadoop FileSystem: its classes, and its records as an RDD. */
public interface ImageSource extends Serializable {
    /** The format that looks at the path. */
    String AUTO = "auto";

    /** Changes when the set's files do, as far as that is known without reading them; empty where nothing is. */
    default String state() {
        return "";
    }

    /** The folder that holds the images, fully qualified; a record's name is relative to it. */
    String folder();

    /** What the set was opened from, fully qualified: its folder, or its file where the folder may hold other sets too. */
    default String location() {
        return folder();
    }

    /** As {@code data.format} names it, such as {@code folder}. */
    String format();

    /** Class names by label; empty for images without labels. */
    List<String> classes();

    /** Whether the set itself names its classes; if not they are called 0, 1, 2 and so on. */
    boolean namesClasses();

    /**
     * The images, not decoded, in an order that is the same for any number of partitions.
     *
     * @param partitions about how many partitions; a small set has fewer
     * @return records with unique names. A task that finds a file changed or cut since it was opened fails with an
     *     {@link InputException}, which {@link InputException#within} finds in what Spark throws
     */
    JavaRDD<ImageRecord> records(JavaSparkContext context, int partitions);

    /** Number of images, where it is known without reading them. */
    default OptionalLong size() {
        return OptionalLong.empty();
    }

    /** Names and labels of all images. A source that knows them no earlier reads the images, in a Spark job. */
    default List<? extends NamedImage> images(JavaSparkContext context) {
        return records(context)
                .map(image -> new ImageName(image.name(), image.label()))
                .collect();
    }

    /** A name and its label. */
    record ImageName(String name, int label) implements NamedImage, Serializable {}

    /**
     * Some of the images.
     *
     * @param names of images of the set, none twice
     * @return in partition i those of {@code names.get(i)}, in their order
     */
    default JavaRDD<ImageRecord> select(JavaSparkContext context, List<List<String>> names) {
        return ImageSelection.of(context, records(context), names);
    }

    /** The images in as many partitions as suit the cluster. */
    default JavaRDD<ImageRecord> records(JavaSparkContext context) {
        return records(context, Math.max(context.defaultParallelism(), 1));
    }

    /** @throws InputException when no format has the name */
    static void requireFormat(String format) {
        SourceFormat.named(format);
    }

    /**
     * Opens a labelled set.
     *
     * @param path a folder or file on any Hadoop FileSystem
     * @param format as {@code data.format} names it, such as auto or folder
     * @throws InputException when nothing is there, or it is not what the format says, or it is damaged
     */
    static ImageSource open(JavaSparkContext context, String path, String format) {
        return SourceFormat.named(format).open(SourceFiles.at(path, context.hadoopConfiguration()), true);
    }

    /**
     * Opens images of which only the pictures matter: any folder of image files, one image file, or the formats of
     * {@link #open} with their labels ignored. Every label is -1.
     */
    static ImageSource openUnlabelled(JavaSparkContext context, String path, String format) {
        return SourceFormat.named(format).open(SourceFiles.at(path, context.hadoopConfiguration()), false);
    }
}
