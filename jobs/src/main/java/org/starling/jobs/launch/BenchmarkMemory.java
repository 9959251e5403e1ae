package org.starling.jobs.launch;

import org.starling.model.SequentialModel;

/**
 * What a benchmark of training steps has to hold: replicas that take turns, all of them alive at the same time.
 *
 * @param model name of the model
 * @param parameterBytes bytes of the parameters
 * @param replicaBytes bytes that one replica needs outside the heap
 * @param kernelBytes bytes of heap that Starling's kernels use
 * @param inputBytes bytes of a minibatch's images
 * @param replicas one on Starling's kernels, and one on DL4J's where that is measured too
 * @param batch images of a step
 */
record BenchmarkMemory(
        String model,
        long parameterBytes,
        long replicaBytes,
        long kernelBytes,
        long inputBytes,
        int replicas,
        int batch) {

    static BenchmarkMemory of(SequentialModel model, int batch, int replicas, int threads) {
        return new BenchmarkMemory(
                model.name(),
                Float.BYTES * model.parameterCount(),
                model.replicaBytes(batch),
                model.kernelBytes(batch, threads),
                (long) Float.BYTES * batch * model.input().length(),
                replicas,
                batch);
    }

    /** The momentum of each replica, copies of weights that kernels make, their buffers, and the minibatch. */
    long heapBytes() {
        return parameterBytes * (replicas + 1) + kernelBytes + inputBytes;
    }

    long offHeapBytes() {
        return replicaBytes * replicas;
    }

    MemoryPlan.Load load() {
        String count = "%d %s of batch %d".formatted(replicas, replicas == 1 ? "replica" : "replicas", batch);
        return new MemoryPlan.Load(
                "A benchmark of %s with %s in one JVM".formatted(model, count),
                count,
                "A smaller --batch, --skip-stock or a machine with more memory helps.");
    }
}
