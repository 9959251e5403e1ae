package org.starling.training;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.starling.data.Shard;
import org.starling.kernels.average.WeightedMean;
import org.starling.model.Slice;
import scala.Tuple2;

/**
 * One round as a functional RDD program. The state is an RDD of slices, partition j holding the slices s = j mod R of every averaged vector
 * and replica j's own slices of every other. From it
 *
 * <ol>
 *   <li>gather: every replica reads all averaged slices, and its own;
 *   <li>train: local SGD steps, then its slices, copied lazily;
 *   <li>average: contributions to one slice meet in one partition and are combined, weighted by examples.
 * </ol>
 *
 * The result is the next round's state, with the replicas' statistics among it. Every task is a function of (state, shard, plan): a retry or
 * a speculative copy gives the same bits.
 */
final class Round implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Name of the RDD of contributions, by which {@link TaskWatch} knows the stage that trains. */
    static final String TRAINED = "trained replicas";

    private final ReplicaSettings settings;
    private final RoundPlan plan;
    private final int replicas;

    Round(ReplicaSettings settings, RoundPlan plan) {
        this.settings = settings;
        this.plan = plan;
        this.replicas = plan.examples().length;
    }

    /** What every replica contributes; nothing is computed before the average asks. */
    JavaRDD<Tuple2<Integer, RoundOutput>> train(JavaRDD<Shard> shards, JavaRDD<RoundOutput> state) {
        JavaRDD<RoundOutput> gathered = JavaRDD.fromRDD(new AllGatherRDD(state.rdd()), state.classTag());
        // Shards first: the task runs where its shard is cached.
        return shards.zipPartitions(gathered, (shard, slices) -> trainReplica(shard.next(), slices))
                .setName(TRAINED);
    }

    /** Brings the contributions together; one replica's need no exchange. */
    JavaRDD<Tuple2<Integer, RoundOutput>> exchange(JavaRDD<Tuple2<Integer, RoundOutput>> contributions) {
        if (replicas == 1) {
            return contributions;
        }
        return contributions
                .mapToPair(contribution -> contribution)
                .partitionBy(new HashPartitioner(replicas))
                .map(contribution -> contribution);
    }

    /** The next state. */
    JavaRDD<RoundOutput> average(JavaRDD<Tuple2<Integer, RoundOutput>> exchanged) {
        return exchanged.mapPartitions(this::averagePartition, true);
    }

    private Iterator<Tuple2<Integer, RoundOutput>> trainReplica(Shard shard, Iterator<RoundOutput> gathered) {
        long start = System.nanoTime();
        Replica replica = ReplicaPool.lease(settings, TaskContext.get());
        load(replica, gathered, shard.replica());
        double gatherSeconds = (System.nanoTime() - start) / 1e9;
        ReplicaStatistics statistics = LocalSgd.train(replica, shard, plan).withGatherSeconds(gatherSeconds);
        int[] vectors = IntStream.range(0, settings.keptVectors())
                .filter(vector -> !settings.averaged(vector) || statistics.examples() > 0)
                .toArray();
        int slices = replica.slices().slices();
        // Not a flatMap: its iterator would copy a whole vector before handing on the first slice.
        return IntStream.range(0, vectors.length * slices + 1)
                .mapToObj(i -> i == vectors.length * slices
                        ? RoundOutput.of(statistics)
                        : RoundOutput.of(replica.slice(vectors[i / slices], i % slices, shard.replica())))
                .map(output -> new Tuple2<>(destination(output), output))
                .iterator();
    }

    static void load(Replica replica, Iterator<RoundOutput> gathered, int number) {
        replica.clear();
        while (gathered.hasNext()) {
            Slice slice = gathered.next().slice();
            if (slice != null && (slice.replica() == Slice.SHARED || slice.replica() == number)) {
                replica.load(slice);
            }
        }
    }

    /** The partition a contribution is for: its slice's, or its replica's own. */
    private int destination(RoundOutput output) {
        if (output.slice() == null) {
            return output.statistics().replica();
        }
        Slice slice = output.slice();
        return settings.averaged(slice.vector()) ? slice.index() % replicas : slice.replica();
    }

    private Iterator<RoundOutput> averagePartition(Iterator<Tuple2<Integer, RoundOutput>> contributions) {
        TreeMap<SliceName, Slice[]> shared = new TreeMap<>();
        List<Slice> own = new ArrayList<>();
        List<RoundOutput> statistics = new ArrayList<>();
        while (contributions.hasNext()) {
            RoundOutput output = contributions.next()._2();
            Slice slice = output.slice();
            if (slice == null) {
                statistics.add(output);
            } else if (settings.averaged(slice.vector())) {
                SliceName name = new SliceName(slice.vector(), slice.index());
                shared.computeIfAbsent(name, key -> new Slice[replicas])[slice.replica()] = slice;
            } else {
                own.add(slice);
            }
        }
        // Arrival order is the network's; the order of what is cached and written is ours.
        own.sort(Comparator.comparingInt(Slice::vector).thenComparingInt(Slice::index));
        // Contributions are let go one by one: together with the result they would be the largest thing in memory.
        Stream<RoundOutput> averaged = IntStream.range(0, shared.size())
                .mapToObj(i -> shared.pollFirstEntry())
                .map(entry -> RoundOutput.of(combine(entry.getKey(), entry.getValue())));
        return Stream.concat(averaged, Stream.concat(own.stream().map(RoundOutput::of), statistics.stream()))
                .iterator();
    }

    private Slice combine(SliceName name, Slice[] contributions) {
        float[][] vectors = new float[replicas][];
        int length = 0;
        for (int r = 0; r < replicas; r++) {
            if ((contributions[r] == null) != (plan.examples()[r] == 0)) {
                throw new IllegalStateException("slice " + name + " of replica " + r + " is "
                        + (contributions[r] == null ? "missing" : "not expected"));
            }
            if (contributions[r] != null) {
                vectors[r] = contributions[r].toFloats();
                length = vectors[r].length;
            }
        }
        return Slice.of(name.vector(), name.index(), Slice.SHARED, WeightedMean.of(vectors, plan.examples()), length);
    }

    /** The statistics in a state, by replica. This is the action that computes it. */
    static List<ReplicaStatistics> statistics(JavaRDD<RoundOutput> state) {
        List<ReplicaStatistics> statistics = new ArrayList<>(state.filter(output -> output.statistics() != null)
                .map(RoundOutput::statistics)
                .collect());
        statistics.sort(Comparator.comparingInt(ReplicaStatistics::replica));
        return Collections.unmodifiableList(statistics);
    }

    private record SliceName(int vector, int index) implements Comparable<SliceName>, Serializable {
        @Override
        public int compareTo(SliceName other) {
            int byVector = Integer.compare(vector, other.vector);
            return byVector != 0 ? byVector : Integer.compare(index, other.index);
        }
    }
}
