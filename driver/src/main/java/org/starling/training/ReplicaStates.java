package org.starling.training;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.BlockManagerMaster;
import org.apache.spark.storage.RDDBlockId;
import org.apache.spark.storage.StorageLevel;
import org.starling.checkpoint.Checkpoint;
import org.starling.checkpoint.CheckpointStore;
import org.starling.data.Shard;
import org.starling.model.SequentialModel;
import org.starling.model.Slice;
import org.starling.model.SlicePlan;

/**
 * The run's parameters and optimizer state, an RDD of slices held by the executors, and what can be done with it: start, advance by a round,
 * validate, write, read. The driver holds the handle and never a parameter.
 */
final class ReplicaStates {
    private final JavaSparkContext spark;
    private final ReplicaSettings settings;
    private final JavaRDD<Shard> shards;
    private final int replicas;
    private JavaRDD<RoundOutput> current;

    /** @param shards one partition a replica, persisted */
    ReplicaStates(JavaSparkContext spark, ReplicaSettings settings, JavaRDD<Shard> shards) {
        this.spark = spark;
        this.settings = settings;
        this.shards = shards;
        this.replicas = shards.getNumPartitions();
    }

    /** Initial parameters, made where they will lie; state that no slice speaks of is zero. */
    void initialize() {
        ReplicaSettings s = settings;
        int count = replicas;
        List<Integer> numbers = IntStream.range(0, replicas).boxed().toList();
        JavaRDD<RoundOutput> initial = spark.parallelize(numbers, replicas).mapPartitions(number -> {
            int partition = number.next();
            SequentialModel model = s.model();
            SlicePlan plan = SlicePlan.of(model.parameterCount());
            return IntStream.range(0, plan.slices())
                    .filter(index -> index % count == partition)
                    .mapToObj(index -> {
                        float[] values = new float[plan.lengthOf(index)];
                        model.initialize(s.seed(), plan.offset(index), values);
                        return RoundOutput.of(Slice.of(Slice.PARAMETERS, index, Slice.SHARED, values, values.length));
                    })
                    .iterator();
        });
        replaceBy(initial, () -> initial.count());
    }

    void restore(CheckpointStore.Stored stored) {
        JavaRDD<RoundOutput> restored = CheckpointStore.read(spark, stored).map(RoundOutput::of);
        replaceBy(restored, () -> restored.count());
    }

    /**
     * Trains and averages one round. The old state goes only when the new one is complete and finite.
     *
     * @return statistics by replica
     * @throws DivergedException when a replica has left the finite numbers; the old state stays
     */
    List<ReplicaStatistics> advance(RoundPlan plan) {
        Round round = new Round(settings, plan);
        JavaRDD<scala.Tuple2<Integer, RoundOutput>> exchanged = round.exchange(round.train(shards, current));
        JavaRDD<RoundOutput> next = round.average(exchanged);
        List<ReplicaStatistics> statistics = replaceBy(next, () -> {
            List<ReplicaStatistics> collected = Round.statistics(next);
            requireFinite(plan.round(), collected);
            return collected;
        });
        exchanged.rdd().cleanShuffleDependencies(false);
        return statistics;
    }

    private static void requireFinite(int round, List<ReplicaStatistics> statistics) {
        statistics.stream().filter(s -> !s.finite()).findFirst().ifPresent(s -> {
            throw new DivergedException("Training diverged in round " + round + ": replica " + s.replica() + " on "
                    + s.host() + " has a loss or parameters that are not finite numbers (loss "
                    + (s.lossSum() / s.examples()) + ").");
        });
    }

    /** Persists {@code next}, computes it by {@code action}, and only then lets the current state go. */
    private <T> T replaceBy(JavaRDD<RoundOutput> next, java.util.function.Supplier<T> action) {
        next.persist(storageLevel());
        // Cuts the lineage: what is lost is read from its second copy and not trained again from the start.
        next.rdd().localCheckpoint();
        T result;
        try {
            result = action.get();
        } catch (Throwable e) {
            // Spark's own exceptions are checked, and declared nowhere.
            next.unpersist(false);
            throw e;
        }
        if (current != null) {
            current.unpersist(false);
        }
        current = next;
        return result;
    }

    /**
     * Whether a job failed because the state, or a part of it, is on no executor any more. Spark knows which blocks there are, except those of
     * an executor that has died and is not missed yet.
     */
    boolean isLost(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains("Checkpoint block rdd_")) {
                return true;
            }
        }
        if (current == null || spark.sc().isStopped()) {
            return false;
        }
        BlockManagerMaster blocks = spark.sc().env().blockManager().master();
        return IntStream.range(0, current.getNumPartitions())
                .anyMatch(p ->
                        blocks.getLocations(new RDDBlockId(current.id(), p)).isEmpty());
    }

    /** A second copy on another executor, where there is one. */
    private StorageLevel storageLevel() {
        boolean several = spark.sc().statusTracker().getExecutorInfos().length > 2;
        return several ? StorageLevel.MEMORY_AND_DISK_2() : StorageLevel.MEMORY_AND_DISK();
    }

    /**
     * Evaluates the averaged parameters, each replica on its part of the set.
     *
     * @param validation as many partitions as replicas
     */
    Validation validate(JavaRDD<Shard> validation) {
        ReplicaSettings s = settings;
        JavaRDD<RoundOutput> gathered = JavaRDD.fromRDD(new AllGatherRDD(current.rdd()), current.classTag());
        return Validation.of(validation
                .zipPartitions(gathered, (shard, slices) -> List.of(ReplicaEvaluation.of(s, shard.next(), slices))
                        .iterator())
                .collect());
    }

    CheckpointStore.Stored write(CheckpointStore store, Checkpoint manifest) {
        JavaRDD<Slice> slices = current.filter(output -> output.slice() != null).map(RoundOutput::slice);
        return store.write(slices, manifest);
    }
}
