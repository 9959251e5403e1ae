package org.starling.averaging;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.InterruptibleIterator;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.RDDBlockId;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * The elements of another RDD, slices in one {@code byte[]} each, with what JavaRDD does not say: their class, by which Spark caches arrays
 * as they are; and the places where its partitions belong.
 */
public final class SliceRDD extends RDD<byte[]> {
    private static final long serialVersionUID = 1L;

    /** How Spark's message begins that no executor has a block any more of an RDD without lineage. */
    public static final String LOST = "Checkpoint block rdd_";

    @SuppressWarnings("unchecked")
    static final ClassTag<byte[]> BYTES =
            (ClassTag<byte[]>) (ClassTag<?>) ClassTag$.MODULE$.Byte().wrap();

    private final List<List<String>> places;

    /** @param places for each partition where it had best be computed, in Spark's notation; empty for no wish */
    public SliceRDD(JavaRDD<byte[]> parent, List<List<String>> places) {
        super(parent.rdd(), BYTES);
        this.places = places;
    }

    /**
     * Forgets what it, cached as a whole, was computed from: what is lost is read from another copy, and when there is none a job that needs it
     * fails with {@link #LOST} in its message. Partitions that are missing at this moment are computed first.
     */
    void cutLineage() {
        localCheckpoint();
        checkpointData().get().checkpoint();
    }

    /** What {@code iterator} does of an RDD that is cached; see {@link SliceBlocks}. */
    @Override
    public Iterator<byte[]> getOrCompute(Partition split, TaskContext context) {
        RDDBlockId block = new RDDBlockId(id(), split.index());
        java.util.Iterator<byte[]> slices = SliceBlocks.local(block, context);
        if (slices == null) {
            List<byte[]> fetched = SliceBlocks.join(SliceBlocks.fetch(block, List.of()));
            slices = (fetched == null ? computed(block, split, context) : fetched).iterator();
        }
        return new InterruptibleIterator<>(context, JavaConverters.asScalaIterator(slices));
    }

    private List<byte[]> computed(RDDBlockId block, Partition split, TaskContext context) {
        List<byte[]> slices = new ArrayList<>();
        computeOrReadCheckpoint(split, context).foreach(slices::add);
        SliceBlocks.put(block, slices, getStorageLevel());
        return slices;
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
