package org.starling.jobs.launch;

import org.apache.spark.SparkConf;
import org.apache.spark.network.util.JavaUtils;
import org.starling.InputException;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.TrainingSettings;

/** The memory that a job was given, by the launcher or by spark-submit, held against what its training needs. */
public final class GivenMemory {
    private GivenMemory() {}

    /**
     * Checks before anything is trained.
     *
     * @return the memory in one line
     * @throws InputException when it cannot be enough
     */
    public static String check(SparkConf spark, SequentialModel model, TrainingSettings settings) {
        TrainingMemory training = TrainingMemory.of(model, settings);
        Master master = Master.parse(spark.get("spark.master"));
        int taskCpus = spark.getInt("spark.task.cpus", 1);
        if (master.kind() == Master.Kind.LOCAL) {
            return check(MemoryPlan.of(training, 1, Math.max(1, master.cores() / taskCpus), taskCpus));
        }
        int slots = Math.max(1, spark.getInt("spark.executor.cores", 1) / taskCpus);
        int executors = (settings.replicas() + slots - 1) / slots;
        MemoryPlan plan = MemoryPlan.of(training, executors, slots, taskCpus);
        long heap = megabytes(spark.get("spark.executor.memory", "1g"));
        plan.checkHeap(heap, "spark.executor.memory");
        if (spark.contains("spark.executor.memoryOverhead")) {
            plan.checkOverhead(megabytes(spark.get("spark.executor.memoryOverhead")), "spark.executor.memoryOverhead");
        }
        return plan.withHeap(heap).line("each executor");
    }

    /**
     * Bytes that an executor, or this JVM, writes to its disks for exchanges: the contributions of its replicas, of two rounds.
     */
    public static long shuffleBytes(SparkConf spark, SequentialModel model, TrainingSettings settings) {
        TrainingMemory training = TrainingMemory.of(model, settings);
        if (settings.replicas() == 1) {
            return 0;
        }
        boolean local = Master.parse(spark.get("spark.master")).kind() == Master.Kind.LOCAL;
        int slots = Math.max(1, spark.getInt("spark.executor.cores", 1) / spark.getInt("spark.task.cpus", 1));
        int here = local ? settings.replicas() : Math.min(settings.replicas(), slots);
        return 2L * training.sliceBytes() * here;
    }

    /**
     * Checks this JVM before a benchmark of steps.
     *
     * @param replicas that take turns
     * @param threads of Starling's kernels
     * @return the memory in one line
     * @throws InputException when it cannot be enough
     */
    public static String check(SequentialModel model, int batch, int replicas, int threads) {
        return check(MemoryPlan.of(BenchmarkMemory.of(model, batch, replicas, threads)));
    }

    private static String check(MemoryPlan plan) {
        long heap = Runtime.getRuntime().maxMemory();
        // A collector may keep a twentieth to itself.
        plan.checkHeap(heap + heap / 19, "spark.driver.memory");
        return plan.withHeap(heap).line("this JVM");
    }

    private static long megabytes(String size) {
        return JavaUtils.byteStringAsMb(size) << 20;
    }
}
