package org.starling.averaging;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.scheduler.ExecutorCacheTaskLocation;
import org.apache.spark.scheduler.TaskLocation;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.RDDBlockId;
import scala.collection.JavaConverters;

/**
 * Where the partitions of an RDD are cached at this moment, by one question to the driver's block manager. Spark's scheduler would answer with
 * what was true when its last job began.
 */
public final class CachedPartitions {
    private final RDD<?> rdd;
    private final List<List<BlockManagerId>> holders;

    private CachedPartitions(RDD<?> rdd, List<List<BlockManagerId>> holders) {
        this.rdd = rdd;
        this.holders = holders;
    }

    static CachedPartitions of(RDD<?> rdd) {
        BlockId[] blocks = IntStream.range(0, rdd.getNumPartitions())
                .mapToObj(p -> new RDDBlockId(rdd.id(), p))
                .toArray(BlockId[]::new);
        SparkContext spark = rdd.context();
        return new CachedPartitions(
                rdd,
                JavaConverters.seqAsJavaList(spark.env().blockManager().master().getLocations(blocks)).stream()
                        .map(partition -> List.copyOf(JavaConverters.seqAsJavaList(partition)))
                        .toList());
    }

    /** For each partition of an RDD where it is cached, or had best be computed: the places of what belongs beside it. */
    public static List<List<String>> placesOf(JavaRDD<?> rdd) {
        return of(rdd.rdd()).places();
    }

    List<List<String>> places() {
        return IntStream.range(0, count()).mapToObj(this::places).toList();
    }

    private List<String> places(int partition) {
        List<BlockManagerId> executors = holders(partition);
        return executors.isEmpty()
                ? JavaConverters.seqAsJavaList(rdd.context().getPreferredLocs(rdd, partition)).stream()
                        .map(TaskLocation::toString)
                        .toList()
                : executors.stream().map(CachedPartitions::place).toList();
    }

    /** An executor in Spark's notation, as the place of a task. */
    static String place(BlockManagerId executor) {
        return new ExecutorCacheTaskLocation(executor.host(), executor.executorId()).toString();
    }

    /** Number of partitions. */
    int count() {
        return holders.size();
    }

    /** For each partition whose block managers have it; for tasks. */
    List<List<BlockManagerId>> holders() {
        return holders;
    }

    /** Whose block managers have a partition. */
    List<BlockManagerId> holders(int partition) {
        return holders.get(partition);
    }

    /** Whether some partition is on no executor. */
    boolean isAnyMissing() {
        return holders.stream().anyMatch(List::isEmpty);
    }
}
