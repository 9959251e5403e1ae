package org.starling.training;

import org.starling.training.TrainingConfiguration.PostLocalSettings;
import org.starling.training.TrainingConfiguration.TrainingSettings;

/**
 * How many local steps lie between two averagings.
 *
 * @param stepsPerRound of the run, or of its first epochs
 * @param postLocal of the epochs after them
 */
record AveragingPeriod(int stepsPerRound, PostLocalSettings postLocal) {

    static AveragingPeriod of(TrainingSettings settings) {
        return new AveragingPeriod(
                settings.stepsPerRound(), settings.averaging().postLocal());
    }

    /** Local steps of a round of that epoch, counted from 0; its last round may have fewer. */
    int steps(int epoch) {
        return postLocal.epochs() > 0 && epoch >= postLocal.epochs() ? postLocal.stepsPerRound() : stepsPerRound;
    }

    /** Rounds from a position to the end of {@code epochs} epochs, as every epoch begins a round. */
    int roundsLeft(RunProgress from, int stepsPerEpoch, int epochs) {
        int rounds = 0;
        for (int epoch = from.epoch(); epoch < epochs; epoch++) {
            int left = epoch == from.epoch() ? stepsPerEpoch - from.step() : stepsPerEpoch;
            rounds += (left + steps(epoch) - 1) / steps(epoch);
        }
        return rounds;
    }
}
