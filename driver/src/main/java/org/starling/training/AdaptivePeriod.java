package org.starling.training;

import org.starling.training.TrainingConfiguration.AdaptiveSettings;

/**
 * The averaging period by the replicas' measured variance, after ADPSGD (Jiang and Agrawal 2020, "Adaptive Periodic Averaging: A Practical
 * Approach to Reducing Communication in Distributed Learning", arXiv:2007.06134): the idea is theirs, and whether the constants are
 * has not been checked. With V the replicas' mean squared distance from their mean at the end of a round and r the learning rate of its last step, V / r is first sampled at the
 * run's own period, and its mean is c. From then on a round with V below 0.7 c r makes the period one step longer, and one with V above 1.3 c r one
 * step shorter. Rounds that the end of an epoch cut short are passed over.
 *
 * @param steps local steps of a round; 0 for the run's stepsPerRound
 * @param sampled sum of V / r over the sampled rounds
 * @param samples their number
 */
record AdaptivePeriod(int steps, double sampled, int samples) {
    private static final double AGREE = 0.7;
    private static final double APART = 1.3;

    static final AdaptivePeriod START = new AdaptivePeriod(0, 0, 0);

    /**
     * After a round of {@code period} steps that began in {@code epoch}, from 0.
     *
     * @param variance V
     * @param learningRate r; where it is 0 nothing can be said
     */
    AdaptivePeriod after(int epoch, int period, double variance, double learningRate, AdaptiveSettings settings) {
        if (learningRate <= 0) {
            return this;
        }
        if (epoch < settings.sampledEpochs()) {
            return new AdaptivePeriod(period, sampled + variance / learningRate, samples + 1);
        }
        double expected = samples == 0 ? Double.NaN : learningRate * (sampled / samples);
        int next = period;
        if (variance < AGREE * expected) {
            next++;
        } else if (variance > APART * expected) {
            next--;
        }
        int within = Math.max(settings.minStepsPerRound(), Math.min(settings.maxStepsPerRound(), next));
        return new AdaptivePeriod(within, sampled, samples);
    }
}
