package org.starling.training;

import java.io.Serializable;
import java.util.Arrays;
import java.util.function.LongToDoubleFunction;
import java.util.stream.IntStream;

/**
 * One round, planned at the driver.
 *
 * @param round number, from 1
 * @param epoch from 0
 * @param firstStep first local step, counted within the epoch
 * @param steps local steps of a replica whose shard lasts so long; a round never crosses an epoch
 * @param stepsPerEpoch of the longest shard
 * @param examples images each replica will see: its weight in the average
 * @param learningRates one a step
 */
record RoundPlan(
        int round, int epoch, int firstStep, int steps, int stepsPerEpoch, long[] examples, double[] learningRates)
        implements Serializable {

    /** @param learningRate by step of the run, from 0 */
    static RoundPlan of(
            int round,
            int epoch,
            int firstStep,
            int stepsPerRound,
            int batch,
            int[] shardSizes,
            LongToDoubleFunction learningRate) {
        int stepsPerEpoch = stepsPerEpoch(shardSizes, batch);
        int steps = Math.min(stepsPerRound, stepsPerEpoch - firstStep);
        long first = (long) firstStep * batch;
        long most = (long) steps * batch;
        long[] examples = Arrays.stream(shardSizes)
                .mapToLong(size -> Math.min(most, Math.max(0, size - first)))
                .toArray();
        long firstOfRun = stepOfRun(epoch, stepsPerEpoch, firstStep);
        double[] rates = IntStream.range(0, steps)
                .mapToDouble(step -> learningRate.applyAsDouble(firstOfRun + step))
                .toArray();
        return new RoundPlan(round, epoch, firstStep, steps, stepsPerEpoch, examples, rates);
    }

    static int stepsPerEpoch(int[] shardSizes, int batch) {
        int longest = Arrays.stream(shardSizes).max().orElse(0);
        return Math.max(1, (int) (((long) longest + batch - 1) / batch));
    }

    /** Number of a local step within the run, from 0. */
    long stepOfRun(int stepOfRound) {
        return stepOfRun(epoch, stepsPerEpoch, firstStep + stepOfRound);
    }

    private static long stepOfRun(int epoch, int stepsPerEpoch, int stepOfEpoch) {
        return (long) epoch * stepsPerEpoch + stepOfEpoch;
    }

    /** Learning rate of the round's last step. */
    double lastLearningRate() {
        return learningRates[steps - 1];
    }

    long totalExamples() {
        return Arrays.stream(examples).sum();
    }
}
