package org.starling.averaging;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.scheduler.TaskLocation;
import org.apache.spark.storage.StorageLevel;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * The elements of another RDD, slices in one {@code byte[]} each, with what JavaRDD does not say: their class, by which Spark caches and
 * replicates arrays as they are; and the places where its partitions belong.
 */
public final class SliceRDD extends RDD<byte[]> {
    private static final long serialVersionUID = 1L;

    /** Spark's own property: a job checkpoints the marked RDDs that it comes from, and not the last of them alone. */
    private static final String CHECKPOINT_ALL = "spark.checkpoint.checkpointAllMarkedAncestors";

    @SuppressWarnings("unchecked")
    static final ClassTag<byte[]> BYTES =
            (ClassTag<byte[]>) (ClassTag<?>) ClassTag$.MODULE$.Byte().wrap();

    private final List<List<String>> places;

    /** @param places for each partition where it had best be computed, in Spark's notation; empty for no wish */
    public SliceRDD(JavaRDD<byte[]> parent, List<List<String>> places) {
        super(parent.rdd(), BYTES);
        this.places = places;
    }

    /** For each partition of another RDD where it is cached, or had best be computed: the places of what belongs beside it. */
    public static List<List<String>> placesOf(JavaRDD<?> other) {
        SparkContext spark = other.context();
        return IntStream.range(0, other.getNumPartitions())
                .mapToObj(j -> JavaConverters.seqAsJavaList(spark.getPreferredLocs(other.rdd(), j)).stream()
                        .map(TaskLocation::toString)
                        .toList())
                .toList();
    }

    /** Caches it, with a second copy on another executor where there is one. */
    public void persistWithCopy() {
        boolean several = context().statusTracker().getExecutorInfos().length > 2;
        persist(several ? StorageLevel.MEMORY_AND_DISK_SER_2() : StorageLevel.MEMORY_AND_DISK_SER());
    }

    /**
     * Caches RDDs with a second copy, and cuts their lineage: what is lost is read from its second copy
     * and not computed again from the start. They are let go when the action fails.
     *
     * @param action computes all of them
     */
    public static <T> T keep(List<SliceRDD> rdds, Supplier<T> action) {
        SparkContext spark = rdds.get(0).context();
        rdds.forEach(rdd -> {
            rdd.persistWithCopy();
            rdd.localCheckpoint();
        });
        try {
            spark.setLocalProperty(CHECKPOINT_ALL, "true");
            return action.get();
        } catch (Throwable e) {
            // Spark's own exceptions are checked, and declared nowhere.
            rdds.forEach(rdd -> rdd.unpersist(false));
            throw e;
        } finally {
            spark.setLocalProperty(CHECKPOINT_ALL, null);
        }
    }

    @Override
    public Partition[] getPartitions() {
        return parent().partitions();
    }

    @Override
    public Iterator<byte[]> compute(Partition split, TaskContext context) {
        return parent().iterator(split, context);
    }

    private RDD<byte[]> parent() {
        return firstParent(BYTES);
    }

    @Override
    public Seq<String> getPreferredLocations(Partition split) {
        List<String> wished = places.isEmpty() ? List.of() : places.get(split.index());
        return JavaConverters.asScalaBuffer(wished).toSeq();
    }
}
