package org.starling.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.MapOutputTrackerMaster;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.starling.LocalSpark;
import org.starling.model.Slice;
import scala.Tuple2;

/** Two replicas that exchange a slice in each round, and have one of their own. */
class SliceStatesTest {
    private static final int REPLICAS = 2;
    private static final int OWN = 1;

    private final SliceStates states = new SliceStates();
    private final JavaRDD<Integer> homes =
            LocalSpark.context().parallelize(List.of(0, 1), REPLICAS).cache();
    private final List<Integer> shuffles = new ArrayList<>();

    /** What garbage collection would have to take: whatever the states forget, somebody remembers. */
    private final List<Object> remembered = new ArrayList<>();

    private static SliceRDD shared(SliceRDD all) {
        return new SliceRDD(all.toJavaRDD().filter(bytes -> new Slice(bytes).replica() == Slice.SHARED), List.of());
    }

    private void keep(SliceRDD all, RDD<?> exchange) {
        SliceRDD shared = shared(all);
        remembered.add(List.of(all.dependencies(), shared.dependencies()));
        states.replaceBy(all, shared, exchange, () -> all.count() + shared.count());
    }

    private void begin() {
        JavaRDD<byte[]> initial = homes.flatMap(replica -> List.of(
                        Slice.of(Slice.PARAMETERS, replica, Slice.SHARED, new float[] {replica}, 1)
                                .bytes(),
                        Slice.of(OWN, 0, replica, new float[] {10 * replica}, 1).bytes())
                .iterator());
        keep(new SliceRDD(initial, List.of()), null);
    }

    private void advance() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {1, 1});
        JavaRDD<Contribution> contributions = homes.zipPartitions(states.gather(true, homes), (home, slices) -> {
            int replica = home.next();
            List<Contribution> own = new ArrayList<>();
            slices.forEachRemaining(bytes -> {
                Slice slice = new Slice(bytes);
                if (slice.replica() == Slice.SHARED || slice.replica() == replica) {
                    own.add(Contribution.of(Slice.of(
                            slice.vector(), slice.index(), replica, new float[] {slice.toFloats()[0] + 1}, 1)));
                }
            });
            return own.iterator();
        });
        RDD<Tuple2<Integer, byte[]>> exchange = averaging.exchange(contributions);
        shuffles.add(((ShuffleDependency<?, ?, ?>) exchange.dependencies().apply(0)).shuffleId());
        JavaRDD<byte[]> averaged = exchange.toJavaRDD().map(Tuple2::_2).mapPartitions(averaging::average, true);
        keep(new SliceRDD(averaged, List.of()), exchange);
    }

    private static boolean isThere(int shuffle) {
        return ((MapOutputTrackerMaster) SparkEnv.get().mapOutputTracker()).containsShuffle(shuffle);
    }

    @Test
    @Timeout(180)
    void aRoundCostsWhatTheFirstDidThoughNothingIsCollected() {
        begin();
        int rounds = 40;
        for (int round = 0; round < rounds; round++) {
            advance();
        }
        List<Float> values = states
                .slices()
                .map(Slice::new)
                .filter(slice -> slice.vector() >= 0)
                .map(slice -> slice.toFloats()[0])
                .collect()
                .stream()
                .sorted()
                .toList();
        assertEquals(List.of(40f, 40f, 41f, 50f), values);
        for (int round = 0; round < rounds; round++) {
            // The one that the last state can be computed from again.
            assertEquals(round == rounds - 1, isThere(shuffles.get(round)), "shuffle of round " + round);
        }
        states.release();
        assertFalse(isThere(shuffles.get(rounds - 1)));
    }
}
