package org.starling.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.NarrowDependency;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag$;

/**
 * Every partition is the concatenation of all partitions of its parent, in order, read straight from the block managers that cache them
 * (as {@code CartesianRDD} reads its second parent). No shuffle file is written; what is lost is computed again.
 */
final class AllGatherRDD extends RDD<RoundOutput> {
    private static final long serialVersionUID = 1L;

    private final int partitions;

    AllGatherRDD(RDD<RoundOutput> parent) {
        super(parent.context(), dependencyOnAll(parent), ClassTag$.MODULE$.apply(RoundOutput.class));
        this.partitions = parent.getNumPartitions();
    }

    private static Seq<Dependency<?>> dependencyOnAll(RDD<RoundOutput> parent) {
        List<Dependency<?>> dependencies = List.of(new AllPartitions(parent));
        return JavaConverters.asScalaBuffer(dependencies).toSeq();
    }

    @Override
    public Partition[] getPartitions() {
        Partition[] result = new Partition[partitions];
        Arrays.setAll(result, Gathered::new);
        return result;
    }

    @Override
    public Iterator<RoundOutput> compute(Partition split, TaskContext context) {
        RDD<RoundOutput> parent = firstParent(ClassTag$.MODULE$.apply(RoundOutput.class));
        Partition[] parts = parent.partitions();
        java.util.Iterator<RoundOutput> all = new java.util.Iterator<>() {
            private int next = 0;
            private Iterator<RoundOutput> current;

            @Override
            public boolean hasNext() {
                while ((current == null || !current.hasNext()) && next < parts.length) {
                    current = parent.iterator(parts[next++], context);
                }
                return current != null && current.hasNext();
            }

            @Override
            public RoundOutput next() {
                if (!hasNext()) {
                    throw new java.util.NoSuchElementException();
                }
                return current.next();
            }
        };
        return JavaConverters.asScalaIterator(all);
    }

    private record Gathered(int index) implements Partition {
        private static final long serialVersionUID = 1L;
    }

    private static final class AllPartitions extends NarrowDependency<RoundOutput> {
        private static final long serialVersionUID = 1L;

        private final int partitions;

        AllPartitions(RDD<RoundOutput> parent) {
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
