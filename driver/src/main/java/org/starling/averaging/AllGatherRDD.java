package org.starling.averaging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.Dependency;
import org.apache.spark.InterruptibleIterator;
import org.apache.spark.NarrowDependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.RDDBlockId;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Partition j has partition j of one RDD, what belongs to replica j alone, and then every partition of another, in order, read straight from
 * the block managers that cache them (as {@code CartesianRDD} reads its second parent). No shuffle file is written; what is lost is computed
 * again.
 */
final class AllGatherRDD extends RDD<byte[]> {
    private static final long serialVersionUID = 1L;

    /** Looked up at the driver: a parent that was checkpointed cannot name its partitions elsewhere. */
    private final Partition[] sharedPartitions;

    private final Partition[] ownPartitions;
    private final List<List<BlockManagerId>> holders;
    private final String[] keepers;
    private final List<List<String>> places;

    /**
     * @param shared what every partition has
     * @param own what each has for itself, with as many partitions; null for nothing
     * @param holders for each partition of {@code shared} the executors that have it, so that no task has to ask
     * @param keepers see {@link SecondCopies#keepers}
     * @param places for each partition where it had best be computed, in Spark's notation. Without one Spark takes the place of the first of the
     *     parents' partitions, which is the same for all.
     */
    AllGatherRDD(
            RDD<byte[]> shared,
            RDD<byte[]> own,
            List<List<BlockManagerId>> holders,
            String[] keepers,
            List<List<String>> places) {
        super(shared.context(), dependencies(shared, own), SliceRDD.BYTES);
        this.sharedPartitions = shared.partitions();
        this.ownPartitions = own == null ? null : own.partitions();
        this.holders = holders;
        this.keepers = keepers;
        this.places = places;
    }

    private static Seq<Dependency<?>> dependencies(RDD<byte[]> shared, RDD<byte[]> own) {
        List<Dependency<?>> dependencies = new ArrayList<>(List.of(new AllPartitions(shared)));
        if (own != null) {
            dependencies.add(new OneToOneDependency<>(own));
        }
        return JavaConverters.asScalaBuffer(dependencies).toSeq();
    }

    @SuppressWarnings("unchecked")
    private RDD<byte[]> parent(int number) {
        return (RDD<byte[]>) dependencies().apply(number).rdd();
    }

    @Override
    public Partition[] getPartitions() {
        Partition[] result = new Partition[sharedPartitions.length];
        Arrays.setAll(result, Gathered::new);
        return result;
    }

    @Override
    public Iterator<byte[]> compute(Partition split, TaskContext context) {
        Iterator<byte[]> own = ownPartitions == null
                ? JavaConverters.asScalaIterator(Collections.emptyIterator())
                : parent(1).iterator(ownPartitions[split.index()], context);
        return JavaConverters.asScalaIterator(new Gathering(split.index(), own, context));
    }

    /** While one partition is read the next one comes. From the replica's own number on, so that not all ask the same executor at first. */
    private final class Gathering implements java.util.Iterator<byte[]> {
        private final int first;
        private final TaskContext context;
        private final RDD<byte[]> shared = parent(0);
        private Iterator<byte[]> current;
        private int begun;
        private CompletableFuture<List<byte[]>> ahead;

        Gathering(int first, Iterator<byte[]> own, TaskContext context) {
            this.first = first;
            this.current = own;
            this.context = context;
            this.ahead = begin(0);
        }

        private int partition(int number) {
            return (first + number) % sharedPartitions.length;
        }

        private RDDBlockId block(int number) {
            return new RDDBlockId(shared.id(), partition(number));
        }

        /** Begins to fetch, where there is something to fetch. */
        private CompletableFuture<List<byte[]>> begin(int number) {
            return number >= sharedPartitions.length || SliceBlocks.isHere(block(number))
                    ? null
                    : SliceBlocks.fetch(block(number), holders.get(partition(number)));
        }

        private Iterator<byte[]> take(int number, CompletableFuture<List<byte[]>> fetch) {
            List<byte[]> slices = fetch == null ? null : SliceBlocks.join(fetch);
            if (slices == null) {
                // Here, or to be computed.
                return shared.iterator(sharedPartitions[partition(number)], context);
            }
            if (SparkEnv.get().executorId().equals(keepers[partition(number)])) {
                SecondCopies.keep(block(number), slices);
            }
            return new InterruptibleIterator<>(context, JavaConverters.asScalaIterator(slices.iterator()));
        }

        @Override
        public boolean hasNext() {
            while (!current.hasNext() && begun < sharedPartitions.length) {
                CompletableFuture<List<byte[]>> fetch = ahead;
                ahead = begin(begun + 1);
                current = take(begun, fetch);
                begun++;
            }
            return current.hasNext();
        }

        @Override
        public byte[] next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return current.next();
        }
    }

    @Override
    public Seq<String> getPreferredLocations(Partition split) {
        return JavaConverters.asScalaBuffer(places.get(split.index())).toSeq();
    }

    private record Gathered(int index) implements Partition {
        private static final long serialVersionUID = 1L;
    }

    private static final class AllPartitions extends NarrowDependency<byte[]> {
        private static final long serialVersionUID = 1L;

        private final int partitions;

        AllPartitions(RDD<byte[]> parent) {
            super(parent);
            this.partitions = parent.getNumPartitions();
        }

        @Override
        public Seq<Object> getParents(int partition) {
            List<Object> all = new ArrayList<>(partitions);
            for (int p = 0; p < partitions; p++) {
                all.add(p);
            }
            return JavaConverters.asScalaBuffer(all).toSeq();
        }
    }
}
