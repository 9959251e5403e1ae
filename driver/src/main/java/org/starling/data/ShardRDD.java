package org.starling.data;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.Dependency;
import org.apache.spark.NarrowDependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskContext$;
import org.apache.spark.rdd.RDD;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag$;

/**
 * One shard a partition, which reads blocks of images as its task wants them: through Spark's cache where they are persisted, or computed. Tasks run
 * where the partition's home is cached, which the first of them decides.
 */
final class ShardRDD extends RDD<Shard> {
    private static final long serialVersionUID = 1L;

    // For the driver alone: a task has its own hand, in its partition.
    private final transient List<List<Shard.Part>> hands;
    private final transient Partition[] homePartitions;
    private final transient Partition[] blockPartitions;

    /**
     * @param homes an element a partition, persisted
     * @param blocks a block a partition
     * @param hands what each replica has of which blocks
     */
    ShardRDD(RDD<Integer> homes, RDD<ImageRecord> blocks, List<List<Shard.Part>> hands) {
        super(blocks.context(), dependencies(homes, blocks, hands), ClassTag$.MODULE$.apply(Shard.class));
        this.hands = hands;
        this.homePartitions = homes.partitions();
        this.blockPartitions = blocks.partitions();
    }

    /** Homes first: Spark looks for a task's place in this order. */
    private static Seq<Dependency<?>> dependencies(
            RDD<Integer> homes, RDD<ImageRecord> blocks, List<List<Shard.Part>> hands) {
        List<Dependency<?>> dependencies = List.of(new OneToOneDependency<>(homes), new HandDependency(blocks, hands));
        return JavaConverters.asScalaBuffer(dependencies).toSeq();
    }

    @SuppressWarnings("unchecked")
    private <T> RDD<T> parent(int number) {
        return (RDD<T>) dependencies().apply(number).rdd();
    }

    @Override
    public Partition[] getPartitions() {
        return IntStream.range(0, hands.size())
                .mapToObj(replica -> new Hand(
                        replica,
                        homePartitions[replica],
                        hands.get(replica),
                        hands.get(replica).stream()
                                .map(part -> blockPartitions[part.block()])
                                .toArray(Partition[]::new)))
                .toArray(Partition[]::new);
    }

    @Override
    public Iterator<Shard> compute(Partition split, TaskContext context) {
        Hand hand = (Hand) split;
        Iterator<Integer> home = this.<Integer>parent(0).iterator(hand.home(), context);
        while (home.hasNext()) {
            // To its end, where Spark lets go of it.
            home.next();
        }
        RDD<ImageRecord> images = parent(1);
        List<Shard.Part> own = new ArrayList<>();
        for (Shard.Part part : hand.parts()) {
            own.add(new Shard.Part(own.size(), part.first(), part.count()));
        }
        Shard shard = new Shard(hand.index(), own, block -> {
            TaskContext caller = TaskContext.get();
            // Blocks may be read by another thread of the task, and what Spark caches is accounted to the thread's.
            TaskContext$.MODULE$.setTaskContext(context);
            try {
                List<ImageRecord> records = new ArrayList<>();
                JavaConverters.asJavaIterator(images.iterator(hand.blocks()[block], context))
                        .forEachRemaining(records::add);
                return records;
            } finally {
                restore(caller);
            }
        });
        return JavaConverters.asScalaIterator(List.of(shard).iterator());
    }

    private static void restore(TaskContext caller) {
        if (caller == null) {
            TaskContext$.MODULE$.unset();
        } else {
            TaskContext$.MODULE$.setTaskContext(caller);
        }
    }

    /** @param blocks of the parts, in their order */
    private record Hand(int index, Partition home, List<Shard.Part> parts, Partition[] blocks) implements Partition {
        private static final long serialVersionUID = 1L;
    }

    private static final class HandDependency extends NarrowDependency<ImageRecord> {
        private static final long serialVersionUID = 1L;
        private final transient List<List<Shard.Part>> hands;

        HandDependency(RDD<ImageRecord> blocks, List<List<Shard.Part>> hands) {
            super(blocks);
            this.hands = hands;
        }

        @Override
        public Seq<Object> getParents(int replica) {
            List<Object> blocks = new ArrayList<>();
            hands.get(replica).forEach(part -> blocks.add(part.block()));
            return JavaConverters.asScalaBuffer(blocks).toSeq();
        }
    }
}
