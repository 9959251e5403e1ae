package org.starling.jobs.bench.averaging;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The most heap that a JVM has used since it started, garbage included: the sum of the peaks of its memory pools, which may lie at different
 * moments, and at most the heap's size.
 */
final class PeakHeap {
    /** Of asking all executors. One is enough unless an executor comes or goes meanwhile. */
    private static final int ATTEMPTS = 5;

    private PeakHeap() {}

    static long ofThisJvm() {
        long pools = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getPeakUsage)
                .mapToLong(usage -> usage.getUsed())
                .sum();
        return Math.min(pools, Runtime.getRuntime().maxMemory());
    }

    /** Of the executor that used most. */
    static long ofExecutors(JavaSparkContext spark, int executors) {
        int tasks = 4 * executors;
        List<Integer> numbers = IntStream.range(0, tasks).boxed().toList();
        Map<String, Long> peaks = new HashMap<>();
        for (int attempt = 0; attempt < ATTEMPTS && peaks.size() < executors; attempt++) {
            peaks.putAll(spark.parallelize(numbers, tasks)
                    .mapToPair(number -> new scala.Tuple2<>(SparkEnv.get().executorId(), ofThisJvm()))
                    .collectAsMap());
        }
        return peaks.values().stream().mapToLong(Long::longValue).max().orElseThrow();
    }
}
