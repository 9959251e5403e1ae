package org.starling.averaging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.Dependency;
import org.apache.spark.NarrowDependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
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
    private final String[] keepers;
    private final List<List<String>> places;

    /**
     * @param shared what every partition has
     * @param own what each has for itself, with as many partitions; null for nothing
     * @param keepers see {@link SecondCopies#keepers}
     * @param places for each partition where it had best be computed, in Spark's notation. Without one Spark takes the place of the first of the
     *     parents' partitions, which is the same for all.
     */
    AllGatherRDD(RDD<byte[]> shared, RDD<byte[]> own, String[] keepers, List<List<String>> places) {
        super(shared.context(), dependencies(shared, own), SliceRDD.BYTES);
        this.sharedPartitions = shared.partitions();
        this.ownPartitions = own == null ? null : own.partitions();
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
        RDD<byte[]> shared = parent(0);
        String executor = SparkEnv.get().executorId();
        java.util.Iterator<byte[]> all = new java.util.Iterator<>() {
            private int next = 0;
            private Iterator<byte[]> current =
                    ownPartitions == null ? null : parent(1).iterator(ownPartitions[split.index()], context);

            @Override
            public boolean hasNext() {
                while ((current == null || !current.hasNext()) && next < sharedPartitions.length) {
                    if (executor.equals(keepers[next])) {
                        SecondCopies.keep(shared.id(), next);
                    }
                    current = shared.iterator(sharedPartitions[next++], context);
                }
                return current != null && current.hasNext();
            }

            @Override
            public byte[] next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return current.next();
            }
        };
        return JavaConverters.asScalaIterator(all);
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
