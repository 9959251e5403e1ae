package org.starling.jobs.launch;

import java.util.Locale;
import org.starling.InputException;

/**
 * The memory of one JVM that trains replicas, computed from the model, the batch and the slices. All sizes are bytes.
 *
 * @param load what the JVM holds, in words
 * @param leastHeap heap below which a round cannot work, with every cached block on disk
 * @param heap heap with the slices of two rounds and some data in memory
 * @param offHeap the replicas' networks, which live outside the heap
 */
record MemoryPlan(Load load, long leastHeap, long heap, long offHeap) {
    /**
     * @param subject what is done, such as {@code Training alexnet with 2 replicas}
     * @param replicas how many, and their batch
     * @param remedy what needs less
     */
    record Load(String subject, String replicas, String remedy) {}

    private static final long MEGABYTE = 1L << 20;

    /** What Spark keeps to itself (UnifiedMemoryManager's reserved memory). */
    private static final long RESERVED = 300 * MEGABYTE;

    /** Objects of Spark, Hadoop and Starling beside slices and data. */
    private static final long OBJECTS = 200 * MEGABYTE;

    /** Encoded images of a small data set; larger ones spill to disk. */
    private static final long DATA = 256 * MEGABYTE;

    /** What a JVM needs beside heap and arrays: classes, compiled code, stacks, network buffers. */
    private static final long NATIVE = 512 * MEGABYTE;

    /** spark.memory.fraction: the part of the heap, without the reserved memory, that holds cached blocks and shuffles. */
    private static final double MEMORY_FRACTION = 0.6;

    /**
     * @param training what is trained
     * @param executors JVMs that share the replicas
     * @param slots tasks that a JVM runs at the same time
     * @param threads that compute for one task
     */
    static MemoryPlan of(TrainingMemory training, int executors, int slots, int threads) {
        int busy = Math.min(training.replicas(), slots);
        long slices = training.sliceBytes();
        // A task holds its replica's optimizer state, the contributions that it averages, and the kernels' buffers.
        long kernels = (training.kernelBytes() + threads * training.workerBytes()) * busy;
        long held = training.heldBytes() * busy + kernels;
        long inTasks = OBJECTS + 2 * slices * busy + held;
        // And the blocks it reads. AlexNet with momentum, slices of 467 MB: 1500 MB of heap are too little, 1800 MB do.
        long least = RESERVED + OBJECTS + 3 * slices * busy + held;
        // The last two rounds, with a second copy where there is another executor to keep it, and the one that is made.
        int copies = 2 * Math.min(2, executors) + 1;
        long cached = copies * training.stateBytes() / Math.max(1, Math.min(executors, training.replicas())) + DATA;
        long heap = RESERVED
                + (long) Math.max(
                        Math.max(cached / MEMORY_FRACTION, inTasks / (1 - MEMORY_FRACTION)), (cached + inTasks) / 0.9);
        return new MemoryPlan(
                load(training, busy),
                wholeMegabytes(least),
                wholeMegabytes(Math.max(least, heap)),
                training.replicaBytes() * busy);
    }

    private static Load load(TrainingMemory training, int slots) {
        String subject = "Training %s (%s of parameters and state) with %d %s of batch %d in one JVM"
                .formatted(
                        training.model(),
                        size(training.sliceBytes()),
                        slots,
                        slots == 1 ? "replica" : "replicas at a time",
                        training.batch());
        return new Load(
                subject,
                "%d %s of batch %d".formatted(slots, slots == 1 ? "replica" : "replicas", training.batch()),
                "A smaller training.batch, fewer replicas in a JVM or a machine with more memory helps.");
    }

    /** A benchmark of steps, without Spark: no slices, no blocks, no data but one minibatch. */
    static MemoryPlan of(BenchmarkMemory benchmark) {
        long least = OBJECTS + benchmark.heapBytes();
        // A collector that has to hurry would be measured too.
        return new MemoryPlan(
                benchmark.load(), wholeMegabytes(least), wholeMegabytes(least + least / 2), benchmark.offHeapBytes());
    }

    /** What is outside the heap, for Spark's memoryOverhead. */
    long overhead() {
        return wholeMegabytes(offHeap + NATIVE);
    }

    /** Heap and overhead. */
    long total() {
        return heap + overhead();
    }

    /** The same plan with another heap, which the user chose. */
    MemoryPlan withHeap(long chosen) {
        return new MemoryPlan(load, leastHeap, chosen, offHeap);
    }

    /**
     * JavaCPP's limits: arrays may take twice the estimate and some more, and the process that much more than was planned, so
     * that a leak ends in an error message and not in the machine's swap. And regions in which slices of 4 MB are ordinary
     * objects: one larger than half a region takes whole regions, up to twice its size.
     */
    String jvmOptions() {
        String limits = "-Dorg.bytedeco.javacpp.maxbytes=" + (2 * offHeap + NATIVE)
                + " -Dorg.bytedeco.javacpp.maxphysicalbytes=" + (total() + offHeap + NATIVE);
        return heap < 2048 * MEGABYTE ? limits : "-XX:G1HeapRegionSize=16m " + limits;
    }

    /**
     * Refuses memory that cannot be enough.
     *
     * @param available bytes there are for heap and overhead
     * @param where whose bytes they are, such as {@code this machine}
     */
    void checkTotal(long available, String where) {
        long needed = leastHeap + overhead();
        if (needed > available) {
            throw new InputException("%s needs %s (%s of heap, %s outside it), and %s has %s. %s"
                    .formatted(
                            load.subject(),
                            size(needed),
                            size(leastHeap),
                            size(overhead()),
                            where,
                            size(available),
                            load.remedy()));
        }
    }

    /**
     * Refuses a heap that cannot be enough.
     *
     * @param chosen bytes of heap
     * @param setting the setting that says so
     */
    void checkHeap(long chosen, String setting) {
        if (chosen < leastHeap) {
            throw new InputException(("%s needs at least %s of heap, and %s gives %s. Give %s or leave the setting to"
                            + " bin/starling. %s")
                    .formatted(load.subject(), size(leastHeap), setting, size(chosen), megabytes(heap), load.remedy()));
        }
    }

    /**
     * Refuses memory outside the heap that cannot be enough.
     *
     * @param chosen bytes outside the heap
     * @param setting the setting that says so
     */
    void checkOverhead(long chosen, String setting) {
        if (chosen < offHeap) {
            throw new InputException(
                    ("%s needs at least %s outside the heap, and %s gives %s. Give %s or leave the setting to"
                                    + " bin/starling. %s")
                            .formatted(
                                    load.subject(),
                                    size(offHeap),
                                    setting,
                                    size(chosen),
                                    megabytes(overhead()),
                                    load.remedy()));
        }
    }

    /**
     * The plan in one line.
     *
     * @param owner whose memory it is
     */
    String line(String owner) {
        return "%s has %s of heap and needs %s outside it, for %s"
                .formatted(owner, size(heap), size(overhead()), load.replicas());
    }

    /** As Spark and the JVM take it. */
    static String megabytes(long bytes) {
        return bytes / MEGABYTE + "m";
    }

    private static long wholeMegabytes(long bytes) {
        return (bytes + MEGABYTE - 1) / MEGABYTE * MEGABYTE;
    }

    private static String size(long bytes) {
        return bytes < 1000 * MEGABYTE
                ? bytes / MEGABYTE + " MB"
                : String.format(Locale.ROOT, "%.1f GB", bytes / (double) (1L << 30));
    }
}
