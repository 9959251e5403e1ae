package org.starling.jobs.launch;

import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.AveragingSettings;
import org.starling.training.TrainingConfiguration.OuterOptimizerName;
import org.starling.training.TrainingConfiguration.Payload;
import org.starling.training.TrainingConfiguration.StateRule;
import org.starling.training.TrainingConfiguration.TrainingSettings;

/**
 * What a training run has to hold, as far as it decides memory.
 *
 * @param model name of the model
 * @param parameterBytes bytes of the parameters, P
 * @param stateArrays arrays of optimizer state beside them, each of P bytes
 * @param kept what is cached between rounds
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
        KeptVectors kept,
        long replicaBytes,
        long kernelBytes,
        long workerBytes,
        int replicas,
        int batch) {

    /**
     * Vectors that live on from round to round, each of P bytes in all of its slices.
     *
     * @param averaged that every replica reads: the parameters, and the optimizer's state where it is averaged
     * @param partitions that only averaging partitions read, a replica's share each: outer momentum, moving average
     * @param own that each replica has for itself: the optimizer's state where it is local, and the residual
     * @param residual whether there is one, so that a task holds the parameters that it began with too
     */
    record KeptVectors(int averaged, int partitions, int own, boolean residual) {
        static KeptVectors of(TrainingSettings training, int stateArrays) {
            AveragingSettings averaging = training.averaging();
            StateRule state = training.optimizer().state();
            boolean residual = training.replicas() > 1 && averaging.payload() != Payload.FLOAT32;
            return new KeptVectors(
                    1 + (state == StateRule.AVERAGE ? stateArrays : 0),
                    (averaging.outer().name() == OuterOptimizerName.NONE ? 0 : 1) + (averaging.emaDecay() > 0 ? 1 : 0),
                    (state == StateRule.LOCAL ? stateArrays : 0) + (residual ? 1 : 0),
                    residual);
        }
    }

    static TrainingMemory of(SequentialModel model, TrainingSettings training) {
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
                KeptVectors.of(training, stateArrays),
                model.replicaBytes(training.batch()),
                model.kernelBytes(training.batch(), 0),
                model.kernelBytes(training.batch(), 1) - model.kernelBytes(training.batch(), 0),
                training.replicas(),
                training.batch());
    }

    /** Bytes of parameters, optimizer state and residual: what a replica's round reads and writes. */
    long sliceBytes() {
        return parameterBytes * (1 + stateArrays + (kept.residual() ? 1 : 0));
    }

    /** Bytes that a task holds beside what it reads and writes: the start of the changes, and an averaging partition's vectors, old and new. */
    long heldBytes() {
        long start = kept.residual() ? parameterBytes : 0;
        int vectors = kept.partitions() == 0 ? 0 : 1 + 2 * kept.partitions();
        return start + vectors * parameterBytes / replicas;
    }

    /**
     * Bytes of one round's state in all executors together, without second copies. Where some of it is for one partition alone, what all read
     * is cached apart.
     */
    long stateBytes() {
        boolean apart = kept.own() + kept.partitions() > 0;
        long shared = (long) kept.averaged() * (apart ? 2 : 1) + kept.partitions();
        return parameterBytes * (shared + (long) kept.own() * replicas);
    }
}
