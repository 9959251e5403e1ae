package org.starling.jobs.bench;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.starling.data.ImageRecord;
import org.starling.data.ImageSource;
import org.starling.model.ImageShape;

/**
 * Images that lie in the executors' memory.
 *
 * @param classes of their labels
 * @param images cached, in the partitions that they are evaluated in
 */
record CachedImages(List<String> classes, JavaRDD<ImageRecord> images) implements ImageSource {
    private static final long SEED = 1;

    /** Noise of a network's input size. */
    static CachedImages noise(JavaSparkContext spark, ImageShape shape, List<String> classes, int count, int tasks) {
        int classCount = classes.size();
        return cached(classes, numbers(spark, count, tasks).map(i -> {
            byte[] values = new byte[shape.length()];
            new SplittableRandom(SEED + i).nextBytes(values);
            return new ImageRecord(
                    "noise#" + i,
                    i % classCount,
                    ImageRecord.Encoding.RAW_INTERLEAVED,
                    shape.height(),
                    shape.width(),
                    shape.channels(),
                    values);
        }));
    }

    /** Files, over and over, with labels that mean nothing. */
    static CachedImages files(
            JavaSparkContext spark, List<ImageRecord> files, List<String> classes, int count, int tasks) {
        int classCount = classes.size();
        Broadcast<List<ImageRecord>> all = spark.broadcast(files);
        return cached(classes, numbers(spark, count, tasks).map(i -> {
            ImageRecord file = all.value().get(i % all.value().size());
            return file.named(file.name() + "#" + i).labelled(i % classCount);
        }));
    }

    private static JavaRDD<Integer> numbers(JavaSparkContext spark, int count, int tasks) {
        return spark.parallelize(IntStream.range(0, count).boxed().toList(), tasks);
    }

    private static CachedImages cached(List<String> classes, JavaRDD<ImageRecord> images) {
        images.persist(StorageLevel.MEMORY_ONLY()).count();
        return new CachedImages(classes, images);
    }

    @Override
    public String folder() {
        return "memory:/";
    }

    @Override
    public String format() {
        return "memory";
    }

    @Override
    public boolean namesClasses() {
        return true;
    }

    @Override
    public JavaRDD<ImageRecord> records(JavaSparkContext context, int partitions) {
        return images;
    }
}
