package org.starling.jobs.launch;

import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration;

/**
 * What a training run has to hold, as far as it decides memory.
 *
 * @param model name of the model
 * @param parameterBytes bytes of the parameters, P
 * @param stateArrays arrays of optimizer state beside them, each of P bytes
 * @param replicaBytes bytes that one replica needs outside the heap
 * @param kernelBytes bytes of heap that one replica's kernels use, whatever the threads
 * @param workerBytes bytes of heap that they use for each thread
 * @param replicas replicas of the run
 * @param batch images of a replica's step
 */
record TrainingMemory(
        String model,
        long parameterBytes,
        int stateArrays,
        long replicaBytes,
        long kernelBytes,
        long workerBytes,
        int replicas,
        int batch) {

    static TrainingMemory of(SequentialModel model, TrainingConfiguration.TrainingSettings training) {
        int stateArrays =
                switch (training.optimizer().name()) {
                    case SGD -> 0;
                    case MOMENTUM, NESTEROV -> 1;
                    case ADAM -> 2;
                };
        return new TrainingMemory(
                model.name(),
                Float.BYTES * model.parameterCount(),
                stateArrays,
                model.replicaBytes(training.batch()),
                model.kernelBytes(training.batch(), 0),
                model.kernelBytes(training.batch(), 1) - model.kernelBytes(training.batch(), 0),
                training.replicas(),
                training.batch());
    }

    /** Bytes of parameters and optimizer state: what a round reads and writes. */
    long sliceBytes() {
        return parameterBytes * (1 + stateArrays);
    }
}
