package org.starling.data;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Images of which it is known where each lies, so that every task reads its own. The driver holds their list, about 100 bytes and the name's length
 * an image.
 *
 * @param state see {@link #state}
 * @param images in the set's order
 */
record ListedSource(
        String format,
        String folder,
        String location,
        List<String> classes,
        boolean namesClasses,
        String state,
        List<? extends StoredImage> images)
        implements ImageSource {
    /** A task carries the names of its images: 4096 take some 300 kB. */
    private static final int IMAGES_PER_TASK = 4096;

    @Override
    public List<? extends StoredImage> images(JavaSparkContext context) {
        return images;
    }

    @Override
    public JavaRDD<ImageRecord> records(JavaSparkContext context) {
        int partitions = (images.size() + IMAGES_PER_TASK - 1) / IMAGES_PER_TASK;
        return records(context, Math.max(partitions, context.defaultParallelism()));
    }

    @Override
    public JavaRDD<ImageRecord> records(JavaSparkContext context, int partitions) {
        return read(
                context, context.parallelize(List.<StoredImage>copyOf(images), Math.min(partitions, images.size())));
    }

    /** Each image is read where it is wanted. */
    @Override
    public JavaRDD<ImageRecord> select(JavaSparkContext context, List<List<String>> names) {
        Map<String, StoredImage> byName = images.stream().collect(Collectors.toMap(StoredImage::name, image -> image));
        List<List<StoredImage>> chosen = names.stream()
                .map(list -> list.stream().map(byName::get).toList())
                .toList();
        return read(context, context.parallelize(chosen, chosen.size()).flatMap(List::iterator));
    }

    private JavaRDD<ImageRecord> read(JavaSparkContext context, JavaRDD<StoredImage> wanted) {
        Broadcast<SerializableConfiguration> configuration =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        String root = folder;
        return wanted.map(image -> image.read(root, configuration.value().value()));
    }
}
