package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RoundPlanTest {
    private static final int[] SIZES = {10, 10, 9, 0};

    private static RoundPlan at(int firstStep) {
        return RoundPlan.of(1, 2, firstStep, 2, 3, SIZES, step -> step);
    }

    @Test
    void aRoundEndsWithItsEpoch() {
        assertEquals(4, at(0).stepsPerEpoch());
        assertEquals(2, at(0).steps());
        assertEquals(2, at(2).steps());
        assertEquals(1, at(3).steps());
    }

    @Test
    void weightsAreTheImagesThatEachReplicaWillSee() {
        assertArrayEquals(new long[] {6, 6, 6, 0}, at(0).examples());
        assertArrayEquals(new long[] {4, 4, 3, 0}, at(2).examples());
        assertArrayEquals(new long[] {1, 1, 0, 0}, at(3).examples());
    }

    @Test
    void theWeightsOfAnEpochAreTheShards() {
        long[] sum = new long[SIZES.length];
        for (int step = 0; step < 4; step += 2) {
            long[] examples = at(step).examples();
            Arrays.setAll(sum, r -> sum[r] + examples[r]);
        }
        assertArrayEquals(Arrays.stream(SIZES).asLongStream().toArray(), sum);
    }

    @Test
    void stepsOfTheRunCountOnThroughEpochs() {
        assertEquals(2 * 4 + 2 + 1, at(2).stepOfRun(1));
    }

    @Test
    void aStepHasTheRateOfItsPlaceInTheRun() {
        assertArrayEquals(new double[] {10, 11}, at(2).learningRates());
        assertEquals(11, at(2).lastLearningRate());
    }
}
