package org.starling.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.starling.LocalSpark;
import org.starling.model.Slice;
import scala.Tuple2;

/** Three replicas' contributions through Spark's shuffle. */
class SliceExchangeTest {
    private static final int REPLICAS = 3;
    private static final int SLICES = 8;
    private static final int LENGTH = 40_000;

    /** Up to so many partitions are written into a file each. */
    private static final String BYPASS = "spark.shuffle.sort.bypassMergeThreshold";

    private static final String SPILL = "spark.shuffle.spill.numElementsForceSpillThreshold";

    /** Contribution of a replica to a slice, from memory outside the heap that begins elsewhere. */
    private static Contribution contribution(int index, int replica) {
        FloatBuffer vector = ByteBuffer.allocateDirect((LENGTH + 1) * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        vector.put(Float.NaN).put(values(index, replica));
        return Contribution.of(Slice.PARAMETERS, index, replica, vector.position(1));
    }

    private static float[] values(int index, int replica) {
        float[] values = new float[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            values[i] = i * (replica + 1) + index;
        }
        return values;
    }

    private static RDD<Tuple2<Integer, byte[]>> exchange() {
        JavaRDD<Contribution> contributions = LocalSpark.context()
                .parallelize(List.of(0, 1, 2), REPLICAS)
                .flatMap(replica -> IntStream.range(0, SLICES)
                        .mapToObj(index -> contribution(index, replica))
                        .iterator());
        return new SliceAveraging(1, new long[] {1, 1, 1}).exchange(contributions);
    }

    private static List<TreeMap<String, float[]>> received() {
        RDD<Tuple2<Integer, byte[]>> exchanged = exchange();
        List<TreeMap<String, float[]>> partitions = new ArrayList<>();
        for (List<byte[]> partition :
                exchanged.toJavaRDD().map(Tuple2::_2).glom().collect()) {
            TreeMap<String, float[]> slices = new TreeMap<>();
            for (byte[] bytes : partition) {
                Slice slice = new Slice(bytes);
                assertTrue(slice.isWhole());
                slices.put(slice.index() + " of " + slice.replica(), slice.toFloats());
            }
            partitions.add(slices);
        }
        exchanged.cleanShuffleDependencies(true);
        return partitions;
    }

    private static void requireAll(List<TreeMap<String, float[]>> partitions) {
        assertEquals(REPLICAS, partitions.size());
        for (int p = 0; p < REPLICAS; p++) {
            int partition = p;
            int[] indices = IntStream.range(0, SLICES)
                    .filter(index -> index % REPLICAS == partition)
                    .toArray();
            assertEquals(indices.length * REPLICAS, partitions.get(p).size());
            for (int index : indices) {
                for (int replica = 0; replica < REPLICAS; replica++) {
                    assertArrayEquals(values(index, replica), partitions.get(p).get(index + " of " + replica));
                }
            }
        }
    }

    @AfterEach
    void removeSettings() {
        settings().remove(BYPASS).remove(SPILL);
    }

    /** Which Spark reads when it begins a shuffle. */
    private static SparkConf settings() {
        return LocalSpark.context().sc().env().conf();
    }

    @Test
    void eachPartitionHasEveryReplicasContributionToItsSlices() {
        for (String most : List.of("1", "200")) {
            settings().set(BYPASS, most);
            requireAll(received());
        }
    }

    @Test
    void aContributionIsTheSliceThatItBecomes() {
        Slice slice = contribution(3, 2).toSlice();
        assertTrue(slice.isWhole());
        assertEquals(List.of(0, 3, 2), List.of(slice.vector(), slice.index(), slice.replica()));
        assertArrayEquals(values(3, 2), slice.toFloats());
    }

    /** Spark's way when it has no memory for what it sorts: read again from its files, contributions are bytes. */
    @Test
    void whatSparkHasPutIntoFilesMeanwhileIsTheSame() throws Exception {
        SpilledBytes spilled = new SpilledBytes();
        SparkContext spark = LocalSpark.context().sc();
        spark.addSparkListener(spilled);
        settings().set(BYPASS, "1").set(SPILL, "2");
        try {
            requireAll(received());
            spark.listenerBus().waitUntilEmpty();
            assertTrue(spilled.bytes > 0);
        } finally {
            spark.removeSparkListener(spilled);
        }
    }

    private static final class SpilledBytes extends SparkListener {
        private volatile long bytes;

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
            bytes += end.taskMetrics().diskBytesSpilled();
        }
    }
}
