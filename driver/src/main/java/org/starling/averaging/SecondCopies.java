package org.starling.averaging;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.RDDBlockId;
import org.apache.spark.storage.StorageLevel;
import scala.collection.JavaConverters;

/**
 * A second copy of each cached partition, on another executor. Spark's replication would send it when the partition is made, while the task waits;
 * here whoever reads the partition anyway keeps what it has read.
 */
final class SecondCopies {
    private SecondCopies() {}

    /**
     * For each partition the id of the executor that is to keep its second copy, null where there is one already or no other executor reads.
     *
     * @param readers where tasks will read every partition of {@code cached}
     */
    static String[] keepers(CachedPartitions cached, CachedPartitions readers) {
        String[] keepers = new String[cached.count()];
        for (int p = 0; p < keepers.length; p++) {
            List<BlockManagerId> holders = cached.holders(p);
            if (holders.size() == 1) {
                // From the next reader on, so that every executor keeps as much as the others.
                int first = p + 1;
                keepers[p] = IntStream.range(0, readers.count())
                        .mapToObj(i -> readers.holders((first + i) % readers.count()))
                        .flatMap(List::stream)
                        .filter(executor -> !holders.contains(executor))
                        .map(BlockManagerId::executorId)
                        .findFirst()
                        .orElse(null);
            }
        }
        return keepers;
    }

    /** In a task: copies a partition from the executor that has it to this one, and keeps the copy. What cannot be had is not kept. */
    private static void copy(int rdd, int partition) {
        RDDBlockId block = new RDDBlockId(rdd, partition);
        if (!SliceBlocks.isHere(block)) {
            List<byte[]> slices = SliceBlocks.join(SliceBlocks.fetch(block, List.of()));
            if (slices != null) {
                keep(block, slices);
            }
        }
    }

    /** In a task: keeps a copy of what it has fetched. */
    static void keep(RDDBlockId block, List<byte[]> slices) {
        SliceBlocks.put(block, slices, StorageLevel.MEMORY_AND_DISK_SER());
    }

    /** Makes the copies that no reader has kept, by a job of their own; none where all executors but one are gone. */
    static void complete(RDD<byte[]> rdd) {
        SparkContext spark = rdd.context();
        List<BlockManagerId> all =
                JavaConverters.seqAsJavaList(spark.env()
                                .blockManager()
                                .master()
                                .getMemoryStatus()
                                .keys()
                                .toSeq())
                        .stream()
                        .filter(id -> !id.isDriver())
                        .toList();
        CachedPartitions cached = CachedPartitions.of(rdd);
        List<Integer> missing = new ArrayList<>();
        List<List<String>> places = new ArrayList<>();
        for (int p = 0; p < cached.count(); p++) {
            List<String> others = others(all, cached.holders(p));
            if (!others.isEmpty()) {
                missing.add(p);
                places.add(others);
            }
        }
        if (!missing.isEmpty()) {
            int id = rdd.id();
            JavaRDD<byte[]> copies = JavaSparkContext.fromSparkContext(spark)
                    .parallelize(missing, missing.size())
                    .flatMap(partition -> {
                        copy(id, partition);
                        return Collections.emptyIterator();
                    });
            new SliceRDD(copies, places).count();
        }
    }

    /** Where the second copy can go of what {@code holders} have; nowhere if there is one, or none to copy. */
    private static List<String> others(List<BlockManagerId> all, List<BlockManagerId> holders) {
        return holders.size() != 1
                ? List.of()
                : all.stream()
                        .filter(id -> !holders.contains(id))
                        .map(CachedPartitions::place)
                        .toList();
    }
}
