package org.starling.training;

import org.starling.training.TrainingConfiguration.AdaptiveSettings;
import org.starling.training.TrainingConfiguration.PostLocalSettings;
import org.starling.training.TrainingConfiguration.TrainingSettings;

/**
 * How many local steps lie between two averagings.
 *
 * @param stepsPerRound of the run, or of its first epochs
 * @param postLocal of the epochs after them
 * @param adaptive where it follows the replicas' variance
 */
record AveragingPeriod(int stepsPerRound, PostLocalSettings postLocal, AdaptiveSettings adaptive) {

    static AveragingPeriod of(TrainingSettings settings) {
        return new AveragingPeriod(
                settings.stepsPerRound(),
                settings.averaging().postLocal(),
                settings.averaging().adaptive());
    }

    /** Local steps of the next round; the last one of an epoch may have fewer. */
    int steps(RunProgress progress) {
        return steps(progress, progress.epoch());
    }

    private int steps(RunProgress progress, int epoch) {
        if (adaptive.on() && progress.period().steps() > 0) {
            return progress.period().steps();
        }
        return postLocal.epochs() > 0 && epoch >= postLocal.epochs() ? postLocal.stepsPerRound() : stepsPerRound;
    }

    /** Rounds from a position to the end of {@code epochs} epochs, as every epoch begins a round; a period that adapts may still change. */
    int roundsLeft(RunProgress from, int stepsPerEpoch, int epochs) {
        int rounds = 0;
        for (int epoch = from.epoch(); epoch < epochs; epoch++) {
            int left = epoch == from.epoch() ? stepsPerEpoch - from.step() : stepsPerEpoch;
            int steps = steps(from, epoch);
            rounds += (left + steps - 1) / steps;
        }
        return rounds;
    }

    /** The adaptive period after a round. */
    AdaptivePeriod after(RunProgress before, RoundPlan plan, double variance) {
        int period = steps(before);
        // A round that ends with its epoch has had no time to drift as far.
        if (!adaptive.on() || plan.steps() < period) {
            return before.period();
        }
        return before.period().after(plan.epoch(), period, variance, plan.lastLearningRate(), adaptive);
    }
}
