package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.starling.training.TrainingConfiguration.AdaptiveSettings;
import org.starling.training.TrainingConfiguration.PostLocalSettings;

class AveragingPeriodTest {
    private static RunProgress at(int epoch, int step) {
        return new RunProgress(9, epoch, step, -1, Improvement.NONE, 1, Improvement.NONE, AdaptivePeriod.START, false);
    }

    @Test
    void theFirstEpochsHaveTheRunsPeriodAndTheOthersThePostLocalOne() {
        AveragingPeriod period = new AveragingPeriod(1, new PostLocalSettings(2, 16), AdaptiveSettings.NONE);
        assertEquals(1, period.steps(at(0, 0)));
        assertEquals(1, period.steps(at(1, 0)));
        assertEquals(16, period.steps(at(2, 0)));
        assertEquals(16, period.steps(at(99, 0)));
    }

    @Test
    void withoutPostLocalEpochsThePeriodIsTheRuns() {
        assertEquals(3, new AveragingPeriod(3, new PostLocalSettings(0, 16), AdaptiveSettings.NONE).steps(at(0, 0)));
    }

    /** Epochs of 20 steps: 20 rounds of 1, 20 rounds of 1, then twice a round of 16 and one of 4. */
    @Test
    void roundsLeftAreCountedFromWhereTheRunIs() {
        AveragingPeriod period = new AveragingPeriod(1, new PostLocalSettings(2, 16), AdaptiveSettings.NONE);
        assertEquals(44, period.roundsLeft(at(0, 0), 20, 4));
        assertEquals(43, period.roundsLeft(at(0, 1), 20, 4));
        assertEquals(3, period.roundsLeft(at(2, 16), 20, 4));
        assertEquals(0, period.roundsLeft(at(4, 0), 20, 4));
    }
}
