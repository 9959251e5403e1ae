package org.starling.dl4j;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.starling.averaging.CachedPartitions;
import org.starling.averaging.Contribution;
import org.starling.averaging.SliceAveraging;
import org.starling.averaging.SliceRDD;
import org.starling.averaging.SliceStates;
import org.starling.dl4j.NetworkVectors.SliceName;
import org.starling.model.Slice;
import scala.Tuple2;

/**
 * A network's vectors during a fit, an RDD of slices held by the executors. They come from the driver's network once, at the start, and go back
 * into it once, at the end; between rounds none passes the driver.
 */
final class NetworkState {
    private final JavaSparkContext spark;
    private final JavaRDD<byte[]> data;
    private final int workers;
    private final SliceStates states = new SliceStates();

    /** @param data partition w is worker w's; see {@link WorkerData} */
    NetworkState(JavaSparkContext spark, JavaRDD<byte[]> data) {
        this.spark = spark;
        this.data = data;
        this.workers = data.getNumPartitions();
    }

    /**
     * Brings the driver's vectors to the executors. Each slice is a broadcast of its own, so that it leaves the driver once, for the partition
     * that it lies in: values in tasks would soon be larger than a task may be, and one broadcast would go to every executor as a whole.
     */
    void start(NetworkVectors vectors) {
        Map<SliceName, Broadcast<byte[]>> broadcasts = vectors.names()
                .collect(Collectors.toMap(
                        name -> name,
                        name -> spark.broadcast(vectors.contribution(name, Slice.SHARED)
                                .toSlice()
                                .bytes())));
        try {
            int count = workers;
            List<SliceName> names = vectors.names().toList();
            List<Integer> partitions = IntStream.range(0, count).boxed().toList();
            JavaRDD<byte[]> initial = spark.parallelize(partitions, count).flatMap(partition -> names.stream()
                    .filter(name -> name.index() % count == partition)
                    .map(name -> broadcasts.get(name).value())
                    .iterator());
            replaceBy(new SliceRDD(initial, CachedPartitions.placesOf(data)), null, RDD::count);
            // Before the broadcasts go.
            states.settle();
        } finally {
            broadcasts.values().forEach(Broadcast::destroy);
        }
    }

    /**
     * Trains and averages one round. The old state goes only when the new one is complete.
     *
     * @param vectors how many there are; all are averaged
     * @param examples of the workers, the weights of the average
     * @return statistics by worker
     */
    List<WorkerStatistics> advance(WorkerRound round, int vectors, long[] examples) {
        SliceAveraging averaging = new SliceAveraging(vectors, examples);
        // Data first: the task runs where it is cached.
        JavaRDD<Contribution> contributions = data.zipPartitions(states.gather(false, data), round::train);
        if (workers == 1) {
            JavaRDD<byte[]> slices =
                    contributions.map(contribution -> contribution.toSlice().bytes());
            return replaceBy(
                    new SliceRDD(slices.mapPartitions(averaging::average, true), List.of()),
                    null,
                    NetworkState::statistics);
        }
        RDD<Tuple2<Integer, byte[]>> exchanged = averaging.exchange(contributions);
        JavaRDD<byte[]> averaged = exchanged.toJavaRDD().map(Tuple2::_2).mapPartitions(averaging::average, true);
        return replaceBy(new SliceRDD(averaged, CachedPartitions.placesOf(data)), exchanged, NetworkState::statistics);
    }

    private static List<WorkerStatistics> statistics(SliceRDD next) {
        return next.toJavaRDD().filter(bytes -> WorkerStatistics.isIn(new Slice(bytes))).collect().stream()
                .map(bytes -> WorkerStatistics.of(new Slice(bytes)))
                .sorted(Comparator.comparingInt(WorkerStatistics::worker))
                .toList();
    }

    /** Loads every slice of the state; one at a time is at the driver. */
    void copyTo(NetworkVectors vectors) {
        JavaRDD<byte[]> state = states.slices();
        vectors.names().forEach(name -> {
            int vector = name.vector();
            int index = name.index();
            List<byte[]> found = state.filter(bytes -> {
                        Slice slice = new Slice(bytes);
                        return slice.vector() == vector && slice.index() == index;
                    })
                    .collectPartitions(new int[] {index % workers})[0];
            vectors.load(new Slice(found.get(0)));
        });
    }

    void release() {
        states.release();
    }

    private <T> T replaceBy(SliceRDD next, RDD<?> exchange, Function<SliceRDD, T> action) {
        return states.replaceBy(next, next, exchange, () -> action.apply(next));
    }
}
