package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.junit.jupiter.api.Test;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

class AveragingBenchmarkTest {
    private static final SequentialModel MODEL =
            SequentialModel.parse(TinyRun.modelJson(false), "tiny.json", ModelOptions.DEFAULT);

    /** What tasks wrote for shuffles until the events ran out. */
    private static long shuffled(JavaSparkContext spark, Runnable action) throws Exception {
        List<Long> bytes = new CopyOnWriteArrayList<>();
        SparkListener listener = new SparkListener() {
            @Override
            public void onTaskEnd(SparkListenerTaskEnd task) {
                bytes.add(task.taskMetrics().shuffleWriteMetrics().bytesWritten());
            }
        };
        spark.sc().addSparkListener(listener);
        action.run();
        spark.sc().listenerBus().waitUntilEmpty();
        spark.sc().removeSparkListener(listener);
        return bytes.stream().mapToLong(Long::longValue).sum();
    }

    /** Each of two replicas sends each of its parameters once. */
    @Test
    void everyRoundTrainsAndExchangesTheParameters() throws Exception {
        JavaSparkContext spark = TinyRun.spark();
        AveragingBenchmark benchmark = new AveragingBenchmark(spark, MODEL, 3, 2, 7);
        benchmark.initialize();
        long parameterBytes = Float.BYTES * MODEL.parameterCount();
        for (int round = 0; round < 3; round++) {
            long bytes = shuffled(spark, () -> {
                double seconds = benchmark.round();
                assertTrue(seconds > 0, seconds + " s");
            });
            assertEquals(2.0 * parameterBytes, bytes, 0.2 * parameterBytes, "round " + round);
        }
    }
}
