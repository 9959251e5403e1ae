package org.starling.training;

import java.io.Serializable;
import java.util.Arrays;

/**
 * One round, planned at the driver.
 *
 * @param round number, from 1
 * @param epoch from 0
 * @param firstStep first local step, counted within the epoch
 * @param steps local steps of a replica whose shard lasts so long; a round never crosses an epoch
 * @param stepsPerEpoch of the longest shard
 * @param examples images each replica will see: its weight in the average
 * @param learningRate by step of the run
 */
record RoundPlan(
        int round, int epoch, int firstStep, int steps, int stepsPerEpoch, long[] examples, LearningRate learningRate)
        implements Serializable {

    static RoundPlan of(
            int round,
            int epoch,
            int firstStep,
            int stepsPerRound,
            int batch,
            int[] shardSizes,
            LearningRate learningRate) {
        int stepsPerEpoch = stepsPerEpoch(shardSizes, batch);
        int steps = Math.min(stepsPerRound, stepsPerEpoch - firstStep);
        long first = (long) firstStep * batch;
        long most = (long) steps * batch;
        long[] examples = Arrays.stream(shardSizes)
                .mapToLong(size -> Math.min(most, Math.max(0, size - first)))
                .toArray();
        return new RoundPlan(round, epoch, firstStep, steps, stepsPerEpoch, examples, learningRate);
    }

    static int stepsPerEpoch(int[] shardSizes, int batch) {
        int longest = Arrays.stream(shardSizes).max().orElse(0);
        return Math.max(1, (int) (((long) longest + batch - 1) / batch));
    }

    /** Number of a local step within the run, from 0. */
    long stepOfRun(int stepOfRound) {
        return (long) epoch * stepsPerEpoch + firstStep + stepOfRound;
    }

    /** Learning rate of the round's last step. */
    double lastLearningRate() {
        return learningRate.at(stepOfRun(steps - 1));
    }

    long totalExamples() {
        return Arrays.stream(examples).sum();
    }
}
