package org.starling.data;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.serializer.SerializerInstance;
import org.apache.spark.util.SerializableConfiguration;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

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

    private static final ClassTag<StoredImage[]> LIST = ClassTag$.MODULE$.apply(StoredImage[].class);

    @Override
    public OptionalLong size() {
        return OptionalLong.of(images.size());
    }

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

    /** Each image is read where it is wanted. Executors hold the chosen names, serialized: some 50 bytes and the name's length an image. */
    @Override
    public JavaRDD<ImageRecord> select(JavaSparkContext context, List<List<String>> names) {
        Map<String, StoredImage> byName = images.stream().collect(Collectors.toMap(StoredImage::name, image -> image));
        SerializerInstance serializer = SparkEnv.get().closureSerializer().newInstance();
        byte[][] chosen = names.stream()
                .map(list -> list.stream().map(byName::get).toArray(StoredImage[]::new))
                .map(list -> serializer.serialize(list, LIST).array())
                .toArray(byte[][]::new);
        Broadcast<byte[][]> broadcast = context.broadcast(chosen);
        List<Integer> numbers = IntStream.range(0, chosen.length).boxed().toList();
        return read(
                context,
                context.parallelize(numbers, Math.max(1, chosen.length)).flatMap(number -> {
                    SerializerInstance own = SparkEnv.get().closureSerializer().newInstance();
                    StoredImage[] list =
                            own.deserialize(ByteBuffer.wrap(broadcast.value()[number]), LIST);
                    return List.of(list).iterator();
                }));
    }

    private JavaRDD<ImageRecord> read(JavaSparkContext context, JavaRDD<StoredImage> wanted) {
        Broadcast<SerializableConfiguration> configuration =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        String root = folder;
        return wanted.map(image -> image.read(root, configuration.value().value()));
    }
}
