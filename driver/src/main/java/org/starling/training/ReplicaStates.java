package org.starling.training;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.averaging.CachedPartitions;
import org.starling.averaging.Contribution;
import org.starling.averaging.SliceRDD;
import org.starling.averaging.SliceStates;
import org.starling.checkpoint.Checkpoint;
import org.starling.checkpoint.CheckpointStore;
import org.starling.data.ShardedImages;
import org.starling.model.SequentialModel;
import org.starling.model.Slice;
import org.starling.model.SlicePlan;
import org.starling.training.TrainingConfiguration.AveragingSettings;
import scala.Tuple2;

/**
 * The run's parameters and optimizer state, an RDD of slices held by the executors, and what can be done with it: start, advance by a round,
 * validate, write, read. The driver holds the handle and never a parameter.
 */
final class ReplicaStates {
    private final JavaSparkContext spark;
    private final ReplicaSettings settings;
    private final OuterSteps outerSteps;
    private final ShardedImages images;
    private final int replicas;
    private final SliceStates states = new SliceStates();

    /** @param images what the replicas train on */
    ReplicaStates(JavaSparkContext spark, ReplicaSettings settings, AveragingSettings averaging, ShardedImages images) {
        this.spark = spark;
        this.settings = settings;
        this.images = images;
        this.replicas = images.sizes().length;
        this.outerSteps = OuterSteps.of(averaging, settings, replicas);
    }

    /** New parameters, see {@link #initialize(Optional)}. */
    void initialize() {
        initialize(Optional.empty());
    }

    /**
     * Initial parameters, made where they will lie; state that no slice speaks of is zero.
     *
     * @param start trained parameters, which each executor reads itself
     */
    void initialize(Optional<StartWeights> start) {
        states.release();
        ReplicaSettings s = settings;
        int count = replicas;
        StartWeights trained = start.orElse(null);
        SerializableConfiguration hadoop =
                trained == null ? null : new SerializableConfiguration(spark.hadoopConfiguration());
        List<Integer> numbers = IntStream.range(0, replicas).boxed().toList();
        JavaRDD<byte[]> initial = spark.parallelize(numbers, replicas).mapPartitions(number -> {
            int partition = number.next();
            SequentialModel model = s.model();
            SlicePlan plan = SlicePlan.of(model.parameterCount());
            SortedMap<Integer, float[]> slices = new TreeMap<>();
            for (int index = partition; index < plan.slices(); index += count) {
                float[] values = new float[plan.lengthOf(index)];
                model.initialize(s.seed(), plan.offset(index), values);
                slices.put(index, values);
            }
            if (trained != null) {
                trained.fill(model, slices, hadoop.value());
            }
            return slices.entrySet().stream()
                    .map(slice -> Slice.of(
                                    Slice.PARAMETERS,
                                    slice.getKey(),
                                    Slice.SHARED,
                                    slice.getValue(),
                                    slice.getValue().length)
                            .bytes())
                    .iterator();
        });
        replaceBy(new SliceRDD(initial, List.of()), null, RDD::count);
    }

    /** Lets executors forget the state: whoever goes on restores one. */
    void release() {
        states.release();
    }

    /** The state of a checkpoint; one of another number of replicas is dealt anew, see {@link NewSplit}. */
    void restore(CheckpointStore.Stored stored) {
        states.release();
        JavaRDD<Slice> slices = CheckpointStore.read(spark, stored);
        if (slices.getNumPartitions() == replicas) {
            replaceBy(new SliceRDD(slices.map(Slice::bytes), List.of()), null, RDD::count);
        } else {
            JavaPairRDD<Integer, Slice> dealt = NewSplit.deal(slices, replicas);
            replaceBy(new SliceRDD(NewSplit.merge(dealt).map(Slice::bytes), List.of()), dealt.rdd(), RDD::count);
        }
    }

    /**
     * Trains and averages one round. The old state goes only when the new one is complete and finite.
     *
     * @throws DivergedException when a replica has left the finite numbers; the old state stays
     */
    RoundOutcome advance(RoundPlan plan) {
        Round round = new Round(settings, plan, outerSteps.of(plan));
        JavaRDD<Contribution> contributions = round.train(images.shards(plan.epoch()), gather(images.homes()));
        if (replicas == 1) {
            JavaRDD<byte[]> slices =
                    contributions.map(contribution -> contribution.toSlice().bytes());
            SliceRDD average = round.average(slices, states.slices(), List.of());
            return replaceBy(average, null, next -> finiteOutcome(plan, next));
        }
        RDD<Tuple2<Integer, byte[]>> exchanged = round.averaging().exchange(contributions);
        JavaRDD<byte[]> met = exchanged.toJavaRDD().map(Tuple2::_2);
        // Each averaged slice where the replica of its partition trains: its contribution and the next gather stay
        // local.
        SliceRDD average = round.average(met, states.slices(), CachedPartitions.placesOf(images.homes()));
        return replaceBy(average, exchanged, next -> finiteOutcome(plan, next));
    }

    private static RoundOutcome finiteOutcome(RoundPlan plan, SliceRDD next) {
        RoundOutcome outcome = Round.outcome(next.toJavaRDD());
        outcome.requireFinite(plan.round());
        return outcome;
    }

    private <T> T replaceBy(SliceRDD all, RDD<?> exchange, Function<SliceRDD, T> action) {
        SliceRDD shared = readsOwn() || outerSteps.keepVectors() ? shared(all, outerSteps) : all;
        return states.replaceBy(all, shared, exchange, () -> action.apply(shared));
    }

    /** Whether a replica has slices that it alone reads. */
    private boolean readsOwn() {
        return settings.keepsOwnState() || outerSteps.format() != null;
    }

    /** @param readers where the replicas will read */
    private JavaRDD<byte[]> gather(JavaRDD<?> readers) {
        return states.gather(readsOwn(), readers);
    }

    /** What any replica may read: after a new split that is what is the replicas' own, too. */
    private static SliceRDD shared(SliceRDD all, OuterSteps outer) {
        int momentum = outer.momentumVector();
        int average = outer.averageVector();
        JavaRDD<byte[]> shared = all.toJavaRDD().filter(bytes -> {
            Slice slice = new Slice(bytes);
            boolean averagingPartitions = slice.vector() == momentum || slice.vector() == average;
            return !averagingPartitions && (slice.replica() == Slice.SHARED || !Round.isState(slice));
        });
        return new SliceRDD(shared, List.of());
    }

    /** Whether a job failed because the state, or a part of it, is on no executor any more. */
    boolean isLost(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains(SliceRDD.LOST)) {
                return true;
            }
        }
        return !spark.sc().isStopped() && states.isLost();
    }

    /**
     * Evaluates the averaged parameters, or their moving average where there is one, each replica on its part of the set.
     *
     * @param validation dealt to as many replicas
     */
    Validation validate(ShardedImages validation) {
        if (!outerSteps.averages()) {
            return validate(validation, gather(validation.homes()));
        }
        SliceStates averages = new SliceStates();
        SliceRDD average = movingAverage();
        try {
            // Cached where it is made, or every replica would read all vectors of all partitions.
            averages.replaceBy(average, average, null, average::count);
            return validate(validation, averages.gather(false, validation.homes()));
        } finally {
            averages.release();
        }
    }

    private Validation validate(ShardedImages validation, JavaRDD<byte[]> gathered) {
        ReplicaSettings s = settings;
        return Validation.of(validation
                .shards(0)
                .zipPartitions(gathered, (shard, slices) -> List.of(ReplicaEvaluation.of(s, shard.next(), slices))
                        .iterator())
                .collect());
    }

    /** The moving average under the parameters' number. */
    private SliceRDD movingAverage() {
        int vector = evaluatedVector();
        return new SliceRDD(
                states.slices()
                        .map(Slice::new)
                        .filter(slice -> slice.vector() == vector)
                        .map(slice -> Slice.ofBytes(Slice.PARAMETERS, slice.index(), Slice.SHARED, slice.content())
                                .bytes()),
                List.of());
    }

    /** Number of the vector that is evaluated, in a checkpoint: the parameters or their moving average. */
    int evaluatedVector() {
        return outerSteps.evaluatedVector();
    }

    CheckpointStore.Stored write(CheckpointStore store, Checkpoint manifest) {
        JavaRDD<Slice> slices = states.slices().map(Slice::new).filter(Round::isState);
        return store.write(slices, manifest);
    }
}
