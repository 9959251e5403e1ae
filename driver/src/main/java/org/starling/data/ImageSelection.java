package org.starling.data;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/** Brings images into given partitions and orders, by one shuffle. */
final class ImageSelection {
    private ImageSelection() {}

    /** See {@link ImageSource#select}. The names wanted are in every executor, some 100 bytes and the name an image. */
    static JavaRDD<ImageRecord> of(JavaSparkContext context, JavaRDD<ImageRecord> images, List<List<String>> names) {
        Map<String, Long> places = new HashMap<>();
        for (int partition = 0; partition < names.size(); partition++) {
            List<String> wanted = names.get(partition);
            for (int i = 0; i < wanted.size(); i++) {
                places.put(wanted.get(i), (long) partition << Integer.SIZE | i);
            }
        }
        Broadcast<Map<String, Long>> broadcast = context.broadcast(places);
        JavaRDD<Tuple2<Long, ImageRecord>> chosen = images.filter(
                        image -> broadcast.value().containsKey(image.name()))
                .map(image -> new Tuple2<>(broadcast.value().get(image.name()), image));
        return JavaPairRDD.fromJavaRDD(chosen)
                .repartitionAndSortWithinPartitions(new ByPlace(names.size()))
                .values();
    }

    /** A place is a partition, in the upper half, and a position in it. */
    private static final class ByPlace extends Partitioner {
        private static final long serialVersionUID = 1L;
        private final int partitions;

        ByPlace(int partitions) {
            this.partitions = partitions;
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object place) {
            return (int) ((Long) place >>> Integer.SIZE);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ByPlace byPlace && byPlace.partitions == partitions;
        }

        @Override
        public int hashCode() {
            return partitions;
        }
    }
}
