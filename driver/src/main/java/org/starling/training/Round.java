package org.starling.training;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.starling.averaging.Contribution;
import org.starling.averaging.OuterStep;
import org.starling.averaging.SliceAveraging;
import org.starling.averaging.SliceRDD;
import org.starling.data.Shard;
import org.starling.model.Slice;

/**
 * One round as a functional RDD program. The state is an RDD of slices, partition j holding the slices s = j mod R of every averaged vector
 * and replica j's own slices of every other. From it
 *
 * <ol>
 *   <li>gather: every replica reads all averaged slices, and its own;
 *   <li>train: local SGD steps, then its slices, copied lazily;
 *   <li>average: contributions to one slice meet in one partition and are combined, weighted by examples; an outer step may go on from there.
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
    private final OuterStep step;

    /** @param step what is done with the parameters' mean; null where it is the next parameters */
    Round(ReplicaSettings settings, RoundPlan plan, OuterStep step) {
        this.settings = settings;
        this.plan = plan;
        this.step = step;
    }

    /** What every replica contributes; nothing is computed before the average asks. */
    JavaRDD<Contribution> train(JavaRDD<Shard> shards, JavaRDD<byte[]> gathered) {
        // Shards first: the task runs where its replica is at home.
        return shards.zipPartitions(gathered, (shard, slices) -> trainReplica(shard.next(), slices))
                .setName(TRAINED);
    }

    /** How the contributions meet. */
    SliceAveraging averaging() {
        return new SliceAveraging(settings.averagedVectors(), plan.examples());
    }

    /**
     * The next state.
     *
     * @param contributions what meets in each partition
     * @param state the last one
     * @param places see {@link SliceRDD}
     */
    SliceRDD average(JavaRDD<byte[]> contributions, JavaRDD<byte[]> state, List<List<String>> places) {
        SliceAveraging averaging = averaging();
        if (step == null && plan.totalExamples() > 0) {
            return new SliceRDD(contributions.mapPartitions(averaging::average, true), places);
        }
        OuterStep outer = step;
        return new SliceRDD(
                contributions.zipPartitions(state, (slices, last) -> averaging.average(slices, last, outer)), places);
    }

    private Iterator<Contribution> trainReplica(Shard shard, Iterator<byte[]> gathered) {
        long start = System.nanoTime();
        Replica replica = ReplicaPool.lease(settings, TaskContext.get());
        int number = shard.replica();
        int slices = replica.slices().slices();
        EncodedChanges changes = step == null || step.format() == null
                ? null
                : new EncodedChanges(step.format(), settings.residual(), slices);
        load(replica, gathered, number, changes == null ? slice -> {} : changes::load);
        double gatherSeconds = (System.nanoTime() - start) / 1e9;
        ReplicaStatistics statistics =
                LocalSgd.train(replica, settings.augmentation(), shard, plan).withGatherSeconds(gatherSeconds);
        int[] vectors = IntStream.range(0, settings.keptVectors())
                .filter(vector -> !settings.averaged(vector) || statistics.examples() > 0)
                .toArray();
        // Not a flatMap: its iterator would make a whole vector's before handing on the first.
        Stream<Contribution> contributions = IntStream.range(0, vectors.length * slices)
                .mapToObj(i -> {
                    int vector = vectors[i / slices];
                    int index = i % slices;
                    return changes == null || vector != Slice.PARAMETERS
                            ? Contribution.of(vector, index, number, replica.values(vector, index))
                            : Contribution.of(changes.encode(replica.slice(vector, index, number)));
                });
        if (changes != null) {
            contributions = Stream.concat(
                    contributions,
                    IntStream.range(0, slices)
                            .mapToObj(i -> Contribution.of(
                                    changes.residual(i, number, replica.slices().lengthOf(i)))));
        }
        return Stream.concat(contributions, Stream.of(Contribution.of(statistics.toSlice())))
                .iterator();
    }

    static void load(Replica replica, Iterator<byte[]> gathered, int number) {
        load(replica, gathered, number, slice -> {});
    }

    /** @param also sees every slice that is for the replica to read */
    private static void load(Replica replica, Iterator<byte[]> gathered, int number, Consumer<Slice> also) {
        replica.clear();
        while (gathered.hasNext()) {
            Slice slice = new Slice(gathered.next());
            if (isState(slice) && (slice.replica() == Slice.SHARED || slice.replica() == number)) {
                also.accept(slice);
                if (slice.vector() < replica.settings().keptVectors()) {
                    replica.load(slice);
                }
            }
        }
    }

    /** Whether it is part of a vector; statistics are not. */
    static boolean isState(Slice slice) {
        return slice.vector() >= 0;
    }

    /** The statistics and reports in a state. This is the action that computes it. */
    static RoundOutcome outcome(JavaRDD<byte[]> state) {
        return RoundOutcome.of(
                state.map(Slice::new).filter(slice -> !isState(slice)).collect());
    }
}
