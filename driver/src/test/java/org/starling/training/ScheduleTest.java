package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.starling.training.TrainingConfiguration.EarlyStoppingSettings;
import org.starling.training.TrainingConfiguration.ScheduleName;
import org.starling.training.TrainingConfiguration.ScheduleSettings;

class ScheduleTest {
    private static ScheduleSettings settings(ScheduleName name, int warmup, int decaySteps) {
        return new ScheduleSettings(name, 0.4, warmup, 10, 0.5, 2, decaySteps, 0.1, 0.1, 2, 0.01);
    }

    private static double at(ScheduleName name, long step) {
        return Schedule.of(settings(name, 0, 100), 1000, 1).at(step);
    }

    @Test
    void constantStaysWhereItIs() {
        assertEquals(0.4, at(ScheduleName.CONSTANT, 0));
        assertEquals(0.4, at(ScheduleName.CONSTANT, 999));
    }

    @Test
    void stepHalvesEveryTenSteps() {
        assertEquals(0.4, at(ScheduleName.STEP, 9));
        assertEquals(0.2, at(ScheduleName.STEP, 10));
        assertEquals(0.1, at(ScheduleName.STEP, 29), 1e-15);
    }

    @Test
    void polynomialOfPowerTwoIsAQuarterOfTheWayAtHalfTime() {
        assertEquals(0.4, at(ScheduleName.POLYNOMIAL, 0));
        assertEquals(0.1 + 0.3 * 0.25, at(ScheduleName.POLYNOMIAL, 50), 1e-15);
        assertEquals(0.1, at(ScheduleName.POLYNOMIAL, 100), 1e-15);
        assertEquals(0.1, at(ScheduleName.POLYNOMIAL, 5000), 1e-15);
    }

    @Test
    void cosineIsHalfWayAtHalfTimeAndEndsAtTheEndRate() {
        assertEquals(0.4, at(ScheduleName.COSINE, 0), 1e-15);
        assertEquals(0.25, at(ScheduleName.COSINE, 50), 1e-15);
        assertEquals(0.1, at(ScheduleName.COSINE, 100), 1e-15);
    }

    @Test
    void warmUpRisesLinearlyAndTheScheduleBeginsAfterIt() {
        Schedule rate = Schedule.of(settings(ScheduleName.COSINE, 4, 100), 1000, 1);
        assertEquals(0.1, rate.at(0), 1e-15);
        assertEquals(0.4, rate.at(3), 1e-15);
        assertEquals(0.4, rate.at(4), 1e-15);
        assertEquals(0.25, rate.at(54), 1e-15);
    }

    @Test
    void anOpenDecayLastsUntilTheEndOfTheRun() {
        Schedule rate = Schedule.of(settings(ScheduleName.COSINE, 20, 0), 220, 1);
        assertEquals(0.25, rate.at(120), 1e-15);
        assertTrue(rate.at(219) > 0.1 && rate.at(219) < 0.1001);
    }

    @Test
    void plateauIsReducedAfterPatienceValidationsWithoutImprovementDownToTheSmallestRate() {
        ScheduleSettings plateau = settings(ScheduleName.PLATEAU, 0, 0);
        EarlyStoppingSettings never = new EarlyStoppingSettings(0, 0);
        RunProgress progress = RunProgress.START;
        double[] accuracy = {0.5, 0.505, 0.52, 0.525, 0.52, 0.7, 0.7, 0.7, 0.7};
        double[] expected = {0.4, 0.4, 0.4, 0.4, 0.1, 0.1, 0.1, 0.1, 0.1};
        for (int i = 0; i < accuracy.length; i++) {
            progress = progress.afterValidation(accuracy[i], plateau, never);
            // 0.4 * 0.1 lies below the smallest rate, 0.1
            assertEquals(
                    expected[i],
                    Schedule.of(plateau, 100, progress.plateauFactor()).at(7),
                    "validation " + i);
        }
        assertEquals(0.01, progress.plateauFactor(), 1e-15);
        assertEquals(0.7, progress.best());
    }
}
