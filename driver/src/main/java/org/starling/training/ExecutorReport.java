package org.starling.training;

import java.io.Serializable;
import org.apache.spark.SparkEnv;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.training.TrainingConfiguration.Kernels;

/**
 * What an executor, or the driver in local mode, computes with.
 *
 * @param executor Spark's name of it, {@code driver} in local mode
 * @param host its machine
 * @param kernels name of Starling's kernel provider, such as {@code vector-512}, or {@code stock}
 * @param vectorModule whether its JVM has the module that vector kernels need
 * @param cpu the machine's
 * @param processors that the JVM may use, which a container's limit makes fewer than the machine has
 * @param java version of the JDK
 * @param threads that compute for one task
 */
public record ExecutorReport(
        String executor,
        String host,
        String kernels,
        boolean vectorModule,
        Cpu cpu,
        int processors,
        String java,
        int threads)
        implements Serializable {

    /** Called in a task. */
    static ExecutorReport ofThisJvm(Kernels kernels, int taskCpus) {
        SparkEnv spark = SparkEnv.get();
        try (ComputeTeam team = ComputeTeam.forTask(taskCpus)) {
            return new ExecutorReport(
                    spark.executorId(),
                    spark.blockManager().blockManagerId().host(),
                    kernels == Kernels.STOCK ? "stock" : KernelProvider.get().name(),
                    KernelProvider.vectorAvailable(),
                    Cpu.ofThisMachine(),
                    Runtime.getRuntime().availableProcessors(),
                    System.getProperty("java.version"),
                    team.threads());
        }
    }
}
