package org.starling.jobs.bench.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against payloads of noise, which no compression makes smaller; what else a job sends is some kilobytes. */
class DriverTrafficTest {
    private static final int BYTES = 1 << 20;
    private static final double REST = 0.05 * BYTES;

    private static JavaSparkContext spark;
    private static DriverTraffic traffic;

    @BeforeAll
    static void start() {
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[2]")
                .setAppName("traffic")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1"));
        traffic = new DriverTraffic();
        spark.sc().addSparkListener(traffic);
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    @BeforeEach
    void beginWithNothing() throws Exception {
        spark.sc().listenerBus().waitUntilEmpty();
        traffic.reset();
    }

    private static byte[] noise(int seed) {
        byte[] bytes = new byte[BYTES];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void broadcastsCountOnceAndNotAgainWhenTheyGo() throws Exception {
        Broadcast<byte[]> variable = spark.broadcast(noise(1));
        assertEquals(
                2 * BYTES,
                spark.parallelize(List.of(1, 2), 2)
                        .map(number -> variable.value().length)
                        .reduce(Integer::sum));
        spark.sc().listenerBus().waitUntilEmpty();
        assertEquals(BYTES, traffic.broadcastBytes(), REST);

        traffic.reset();
        variable.destroy();
        spark.parallelize(List.of(1), 1).count();
        spark.sc().listenerBus().waitUntilEmpty();
        assertTrue(traffic.broadcastBytes() < REST, traffic.broadcastBytes() + " bytes");
    }

    @Test
    void resultsOfAllTasksAreSummedUp() throws Exception {
        assertEquals(
                3,
                spark.parallelize(List.of(1, 2, 3), 3)
                        .map(DriverTrafficTest::noise)
                        .collect()
                        .size());
        spark.sc().listenerBus().waitUntilEmpty();
        assertEquals(3 * BYTES, traffic.resultBytes(), REST);
        assertEquals(0, traffic.shuffleBytes());
    }

    @Test
    void shuffledBytesAreThoseThatTasksWrite() throws Exception {
        long groups = spark.parallelize(List.of(1, 2, 3), 3)
                .mapToPair(number -> new scala.Tuple2<>(number, noise(number)))
                .groupByKey(2)
                .count();
        assertEquals(3, groups);
        spark.sc().listenerBus().waitUntilEmpty();
        assertEquals(3 * BYTES, traffic.shuffleBytes(), REST);
        assertTrue(traffic.resultBytes() < REST, traffic.resultBytes() + " bytes");
    }
}
