package org.starling.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.starling.InputException;
import org.starling.LocalSpark;
import org.starling.kernels.ComputeTeam;
import org.starling.layers.NetworkInput;

/** Tasks of this JVM, which see its fields. */
class InferenceThreadTest {
    private static final AtomicInteger BUILT = new AtomicInteger();
    private static final AtomicInteger COMPUTING = new AtomicInteger();
    private static final AtomicInteger MOST = new AtomicInteger();
    private static final CountDownLatch BEGUN = new CountDownLatch(1);
    private static final CountDownLatch GO_ON = new CountDownLatch(1);
    private static final AtomicBoolean COMPUTED = new AtomicBoolean();
    private static final AtomicBoolean LEFT_BEFORE = new AtomicBoolean();
    private static final CountDownLatch LEFT = new CountDownLatch(1);

    private static Inference network(ComputeTeam team) {
        BUILT.incrementAndGet();
        return unused(team);
    }

    /** Which is closed some time, and computes nothing. */
    private static Inference unused(ComputeTeam team) {
        return new Inference(null, null, new NetworkInput(team));
    }

    @Test
    void allTasksUseOneNetworkOneAtATime() {
        List<Integer> sums = LocalSpark.context()
                .parallelize(IntStream.range(0, 8).boxed().toList(), 8)
                .map(number -> {
                    int sum = 0;
                    try (InferenceThread.Member member = InferenceThread.join(TaskContext.get())) {
                        for (int i = 0; i < 20; i++) {
                            sum += member.compute("allTasks", InferenceThreadTest::network, inference -> {
                                MOST.accumulateAndGet(COMPUTING.incrementAndGet(), Math::max);
                                Thread.yield();
                                COMPUTING.decrementAndGet();
                                return number;
                            });
                        }
                    }
                    return sum;
                })
                .collect();
        assertEquals(IntStream.range(0, 8).mapToObj(i -> 20 * i).toList(), sums);
        assertEquals(1, BUILT.get());
        assertEquals(1, MOST.get());
    }

    @Test
    void aFailureIsTheTasksOwn() {
        List<String> messages = LocalSpark.context()
                .parallelize(List.of(1), 1)
                .map(number -> {
                    try (InferenceThread.Member member = InferenceThread.join(TaskContext.get())) {
                        String message = assertThrows(
                                        InputException.class,
                                        () -> member.compute("fails", InferenceThreadTest::unused, inference -> {
                                            throw new InputException("not such an image");
                                        }))
                                .getMessage();
                        return message + member.compute("fails", team -> null, inference -> ", but others");
                    }
                })
                .collect();
        assertEquals(List.of("not such an image, but others"), messages);
    }

    /** What a task's thread has handed over is being read: it must not be used again meanwhile. */
    @Test
    @Timeout(120)
    void aKilledTaskWaitsForWhatComputesForIt() throws Exception {
        JavaSparkContext spark = LocalSpark.context();
        Thread job = new Thread(() -> {
            spark.setJobGroup("killed", "killed", true);
            spark.parallelize(Collections.singletonList(0), 1).foreach(number -> {
                try (InferenceThread.Member member = InferenceThread.join(TaskContext.get())) {
                    member.compute("killed", InferenceThreadTest::unused, inference -> {
                        BEGUN.countDown();
                        while (GO_ON.getCount() > 0) {
                            Thread.onSpinWait();
                        }
                        COMPUTED.set(true);
                        return 0;
                    });
                } finally {
                    LEFT_BEFORE.set(!COMPUTED.get());
                    LEFT.countDown();
                }
            });
        });
        job.setUncaughtExceptionHandler((thread, cancelled) -> {});
        job.start();
        BEGUN.await();
        spark.cancelJobGroup("killed");
        job.join();
        // The job is over for Spark; its task is not.
        assertEquals(1, LEFT.getCount());
        GO_ON.countDown();
        LEFT.await();
        assertTrue(COMPUTED.get());
        assertFalse(LEFT_BEFORE.get());
    }
}
