package org.starling.jobs.bench.averaging;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.network.util.JavaUtils;
import org.starling.InputException;
import org.starling.model.SequentialModel;

/** Spark's settings of the applications, beside conf/spark-defaults.conf: the best documented ones of each. The user's win. */
final class ApplicationSettings {
    /** How long Spark waits for executors before an application begins without them. */
    static final String EXECUTOR_WAIT = "spark.scheduler.maxRegisteredResourcesWaitingTime";

    private static final String EXECUTOR_MEMORY = "spark.executor.memory";
    private static final long MEGABYTE = 1L << 20;

    private final AveragingOptions options;
    private final SequentialModel network;

    ApplicationSettings(AveragingOptions options, SequentialModel network) {
        this.options = options;
        this.network = network;
    }

    Map<String, String> of(Averaging.Kind kind) {
        Map<String, String> settings = common();
        switch (kind) {
            case STARLING -> starling(settings);
            case DL4J -> dl4j(settings);
            default -> throw new IllegalArgumentException(kind.toString());
        }
        settings.putAll(options.settings());
        if (kind == Averaging.Kind.DL4J) {
            settings.putAll(options.dl4jSettings());
        }
        return settings;
    }

    /** A core for each replica, and executors of the same size; nothing begins before all are there. */
    private Map<String, String> common() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("spark.ui.enabled", "false");
        settings.put("spark.executor.cores", String.valueOf(options.replicasPerExecutor()));
        settings.put("spark.task.cpus", "1");
        settings.put("spark.executorEnv.OMP_NUM_THREADS", "1");
        settings.put("spark.cores.max", String.valueOf(options.executors() * options.replicasPerExecutor()));
        settings.put("spark.scheduler.minRegisteredResourcesRatio", "1");
        settings.put(EXECUTOR_WAIT, "180s");
        // Of either: copies of the parameters in serialized form, as blocks, broadcasts and results; of Starling's
        // kernels what they use.
        long kernels = network.kernelBytes(options.network().batch(), 1);
        settings.put(
                EXECUTOR_MEMORY, megabytes(8 * options.replicasPerExecutor(), kernels * options.replicasPerExecutor()));
        return settings;
    }

    /** A driver that could not hold the parameters if they came. */
    private static void starling(Map<String, String> settings) {
        settings.put("spark.driver.memory", "256m");
        settings.put("spark.driver.maxResultSize", "8m");
        // Spark reserves 300 MB of any heap and wants 450 in all; its own switch for that.
        settings.put("spark.testing.reservedMemory", String.valueOf(64 * MEGABYTE));
    }

    /** The driver holds what it sends, what every replica sends back, and what becomes of it; results may be as large as they are. */
    private void dl4j(Map<String, String> settings) {
        settings.put("spark.driver.memory", megabytes(4 + 3 * options.replicas(), 0));
        settings.put("spark.driver.maxResultSize", "0");
        // As DL4J's guide to tuning Spark has it.
        settings.put("spark.locality.wait", "0");
    }

    /** 1 GB, that many copies of the parameters, and more bytes. */
    private String megabytes(int copies, long more) {
        return 1024 + (copies * Float.BYTES * network.parameterCount() + more) / MEGABYTE + "m";
    }

    /** Memory of an executor in megabytes, for Workers that have one each. */
    int executorMegabytes() {
        return Stream.of(Averaging.Kind.values())
                .map(kind -> of(kind).get(EXECUTOR_MEMORY))
                .mapToInt(ApplicationSettings::wholeMegabytes)
                .max()
                .orElseThrow();
    }

    private static int wholeMegabytes(String memory) {
        try {
            return Math.toIntExact(JavaUtils.byteStringAsMb(memory));
        } catch (NumberFormatException | ArithmeticException e) {
            throw new InputException(
                    "%s = %s is not an amount of memory: expected for example 800m or 4g."
                            .formatted(EXECUTOR_MEMORY, memory),
                    e);
        }
    }

    /** As spark-submit takes them. */
    static List<String> words(Map<String, String> settings) {
        List<String> words = new ArrayList<>();
        settings.forEach((key, value) -> words.addAll(List.of("--conf", key + "=" + value)));
        return words;
    }
}
