package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.starling.training.TrainingConfiguration.AdaptiveSettings;
import org.starling.training.TrainingConfiguration.PostLocalSettings;

class AdaptivePeriodTest {
    private static final AdaptiveSettings SETTINGS = new AdaptiveSettings(6, 3, 1);

    /** Rounds of 4 steps at rate 0.1 with variances 2 and 4: c = (20 + 40) / 2 = 30. */
    private static AdaptivePeriod sampled() {
        return AdaptivePeriod.START.after(0, 4, 2, 0.1, SETTINGS).after(0, 4, 4, 0.1, SETTINGS);
    }

    @Test
    void theSampledEpochsKeepThePeriodAndTakeTheMeanOfVarianceOverRate() {
        assertEquals(new AdaptivePeriod(4, 60, 2), sampled());
    }

    @Test
    void belowSevenTenthsOfWhatIsExpectedThePeriodGrowsAndAboveThirteenTenthsItShrinks() {
        // At rate 0.01 the variance expected is 0.3.
        assertEquals(5, sampled().after(1, 4, 0.20, 0.01, SETTINGS).steps());
        assertEquals(4, sampled().after(1, 4, 0.22, 0.01, SETTINGS).steps());
        assertEquals(4, sampled().after(1, 4, 0.38, 0.01, SETTINGS).steps());
        assertEquals(3, sampled().after(1, 4, 0.40, 0.01, SETTINGS).steps());
    }

    @Test
    void thePeriodStaysWithinItsLimits() {
        assertEquals(6, sampled().after(1, 6, 0, 0.01, SETTINGS).steps());
        assertEquals(3, sampled().after(1, 3, 9, 0.01, SETTINGS).steps());
    }

    @Test
    void withoutSamplesOrLearningRateNothingIsSaid() {
        assertEquals(4, AdaptivePeriod.START.after(1, 4, 0, 0.01, SETTINGS).steps());
        assertEquals(sampled(), sampled().after(1, 4, 9, 0, SETTINGS));
    }

    @Test
    void aRoundThatItsEpochCutShortChangesNothing() {
        AveragingPeriod period = new AveragingPeriod(4, new PostLocalSettings(0, 1), SETTINGS);
        List<AdaptivePeriod> after = new ArrayList<>();
        for (int first : new int[] {0, 4}) {
            RunProgress before =
                    new RunProgress(7, 2, first, -1, Improvement.NONE, 1, Improvement.NONE, sampled(), false);
            RoundPlan plan = RoundPlan.of(8, 2, first, 4, 1, new int[] {7}, step -> 0.05);
            after.add(period.after(before, plan, 1e9));
        }
        assertEquals(3, after.get(0).steps());
        assertEquals(sampled(), after.get(1));
    }
}
