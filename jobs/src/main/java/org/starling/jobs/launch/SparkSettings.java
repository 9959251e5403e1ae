package org.starling.jobs.launch;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.network.util.JavaUtils;
import org.starling.InputException;

/**
 * Spark's settings of one job: the user's win over those computed here from the model, which win over conf/spark-defaults.conf.
 * JVM options are joined instead, the user's last.
 */
final class SparkSettings {
    private static final String EXECUTOR_MEMORY = "spark.executor.memory";
    private static final String EXECUTOR_OVERHEAD = "spark.executor.memoryOverhead";
    private static final String EXECUTOR_CORES = "spark.executor.cores";
    private static final String TASK_CPUS = "spark.task.cpus";
    private static final String DRIVER_MEMORY = "spark.driver.memory";
    private static final String DRIVER_OPTIONS = "spark.driver.extraJavaOptions";
    private static final String EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions";
    private static final long GIGABYTE = 1L << 30;

    private final Master master;
    private final Map<String, String> defaults;
    private final Map<String, String> users;
    private final Map<String, String> computed = new LinkedHashMap<>();

    /**
     * @param defaults Starling's own settings
     * @param users what the user set
     */
    SparkSettings(Master master, Map<String, String> defaults, Map<String, String> users) {
        this.master = master;
        this.defaults = Map.copyOf(defaults);
        this.users = Map.copyOf(users);
        joinOptions(DRIVER_OPTIONS, "");
        joinOptions(EXECUTOR_OPTIONS, "");
    }

    /** What Spark has to be told beside the defaults. */
    Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(users);
        settings.putAll(computed);
        return settings;
    }

    String get(String key, String otherwise) {
        return settings().getOrDefault(key, defaults.getOrDefault(key, otherwise));
    }

    private void compute(String key, String value) {
        if (!users.containsKey(key)) {
            computed.put(key, value);
        }
    }

    private void joinOptions(String key, String more) {
        String joined = String.join(" ", defaults.getOrDefault(key, ""), more, users.getOrDefault(key, ""))
                .trim()
                .replaceAll("\\s+", " ");
        if (!joined.equals(defaults.getOrDefault(key, ""))) {
            computed.put(key, joined);
        }
    }

    /**
     * Decides memory and cores where the user did not.
     *
     * @param training what is trained, empty for other jobs
     * @param machine bytes of this machine's memory
     * @throws InputException when what there is cannot be enough
     */
    void plan(Optional<TrainingMemory> training, long machine) {
        if (master.kind() == Master.Kind.LOCAL) {
            planLocal(training, machine);
        } else {
            planCores();
            training.ifPresent(this::planExecutors);
        }
    }

    private void planLocal(Optional<TrainingMemory> training, long machine) {
        // An executor that runs out of memory ends its JVM, which here is the job's: let the job fail and say so.
        compute("spark.executor.killOnFatalError.depth", "0");
        // Means nothing here, yet Spark refuses a task with more processors.
        computed.put(EXECUTOR_CORES, String.valueOf(master.cores()));
        if (whole(TASK_CPUS) > master.cores()) {
            throw new InputException("%s = %s is more than the cores of --master %s: expected at most %d."
                    .formatted(TASK_CPUS, get(TASK_CPUS, "1"), master.url(), master.cores()));
        }
        if (training.isEmpty()) {
            compute(DRIVER_MEMORY, MemoryPlan.megabytes(Math.max(GIGABYTE, machine / 4)));
            joinOptions(
                    DRIVER_OPTIONS,
                    "-Dorg.bytedeco.javacpp.maxbytes=" + machine / 2 + " -Dorg.bytedeco.javacpp.maxphysicalbytes="
                            + machine / 10 * 9);
            return;
        }
        // The replicas share all cores, and OpenBLAS follows.
        compute(
                TASK_CPUS,
                String.valueOf(Math.max(1, master.cores() / training.get().replicas())));
        int threads = whole(TASK_CPUS);
        planLocal(MemoryPlan.of(training.get(), 1, Math.max(1, master.cores() / threads), threads), machine);
    }

    /**
     * As {@link #plan}, for a benchmark of steps, which runs on this machine.
     *
     * @throws InputException when what there is cannot be enough
     */
    void plan(BenchmarkMemory benchmark, long machine) {
        planLocal(MemoryPlan.of(benchmark), machine);
    }

    private void planLocal(MemoryPlan plan, long machine) {
        plan.checkTotal(machine, "this machine");
        Optional<Long> chosen = size(DRIVER_MEMORY);
        chosen.ifPresent(heap -> plan.checkHeap(heap, DRIVER_MEMORY));
        MemoryPlan fitting = plan.withHeap(
                chosen.orElse(Math.max(plan.leastHeap(), Math.min(plan.heap(), machine - plan.overhead()))));
        compute(DRIVER_MEMORY, MemoryPlan.megabytes(fitting.heap()));
        joinOptions(DRIVER_OPTIONS, fitting.jvmOptions());
    }

    /** One replica an executor, which has all its cores. */
    private void planCores() {
        if (master.kind() == Master.Kind.LOCAL_CLUSTER) {
            compute(EXECUTOR_CORES, String.valueOf(master.cores()));
        }
        compute(TASK_CPUS, get(EXECUTOR_CORES, "1"));
        compute("spark.executorEnv.OMP_NUM_THREADS", get(TASK_CPUS, "1"));
    }

    private void planExecutors(TrainingMemory training) {
        int cores = whole(EXECUTOR_CORES);
        int slots = Math.max(1, cores / whole(TASK_CPUS));
        int executors = (training.replicas() + slots - 1) / slots;
        compute("spark.executor.instances", String.valueOf(executors));
        compute("spark.cores.max", String.valueOf(executors * cores));

        MemoryPlan plan = MemoryPlan.of(training, executors, slots, whole(TASK_CPUS));
        Optional<Long> chosen = size(EXECUTOR_MEMORY);
        chosen.ifPresent(heap -> plan.checkHeap(heap, EXECUTOR_MEMORY));
        size(EXECUTOR_OVERHEAD).ifPresent(overhead -> plan.checkOverhead(overhead, EXECUTOR_OVERHEAD));
        MemoryPlan fitting = plan.withHeap(chosen.orElse(plan.heap()));
        if (master.kind() == Master.Kind.LOCAL_CLUSTER && chosen.isEmpty()) {
            long worker = master.workerMegabytes() << 20;
            plan.checkHeap(worker, "--master " + master.url());
            fitting = plan.withHeap(Math.min(plan.heap(), worker));
        }
        compute(EXECUTOR_MEMORY, MemoryPlan.megabytes(fitting.heap()));
        compute(EXECUTOR_OVERHEAD, MemoryPlan.megabytes(fitting.overhead()));
        joinOptions(EXECUTOR_OPTIONS, fitting.jvmOptions());
    }

    /** Heap of the driver's JVM, as the JVM takes it. */
    String driverHeap() {
        return MemoryPlan.megabytes(bytes(DRIVER_MEMORY, get(DRIVER_MEMORY, "1g")));
    }

    private Optional<Long> size(String key) {
        return Optional.ofNullable(users.get(key)).map(value -> bytes(key, value));
    }

    private static long bytes(String key, String value) {
        try {
            return JavaUtils.byteStringAsMb(value) << 20;
        } catch (NumberFormatException e) {
            throw new InputException(
                    key + " = " + value + " is not an amount of memory: expected for example 800m or 4g.", e);
        }
    }

    private int whole(String key) {
        String value = get(key, "1");
        if (!value.matches("[1-9]\\d{0,5}")) {
            throw new InputException(
                    key + " = " + value + " is not a number of cores: expected a whole number from 1 on.");
        }
        return Integer.parseInt(value);
    }
}
