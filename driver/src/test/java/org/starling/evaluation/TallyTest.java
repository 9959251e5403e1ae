package org.starling.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TallyTest {
    @Test
    void theFirstOfEqualsIsPredicted() {
        Tally tally = new Tally(3);
        assertEquals(1, tally.add(2, new float[] {9, 0.2f, 0.4f, 0.4f}, 1));
        assertArrayEquals(new long[] {0, 1, 0}, tally.result().confusion()[2]);
    }

    @Test
    void topFiveBreaksTiesByIndexToo() {
        float[] seven = {0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.4f};
        for (int actual = 0; actual < 7; actual++) {
            Tally tally = new Tally(7);
            tally.add(actual, seven, 0);
            // The order is 6, 0, 1, 2, 3 | 4, 5.
            assertEquals(actual == 4 || actual == 5 ? 0 : 1, tally.result().top5(), "class " + actual);
        }
    }

    @Test
    void lossIsTheNaturalLogarithm() {
        assertEquals(Math.log(4), Tally.loss(0.25f), 0x1p-25);
        assertEquals(0, Tally.loss(1f));
    }

    @Test
    void aProbabilityOfZeroCostsAsMuchAsTheSmallestFloat() {
        assertEquals(149 * Math.log(2), Tally.loss(0f), 0x1p-24);
    }

    @Test
    void aNetworkOutOfNumbersHasNoLossAndNoTopFive() {
        Tally tally = new Tally(2);
        tally.add(1, new float[] {Float.NaN, Float.NaN}, 0);
        assertTrue(Double.isNaN(tally.result().loss()));
        assertEquals(0, tally.result().top5());
        assertEquals(1, tally.result().images());
    }

    /** Without the rounding these sums differ in their last digits. */
    @Test
    void theSumOfLossesIsTheSameInAnyOrderAndGrouping() {
        Random random = new Random(1);
        List<Float> probabilities = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            probabilities.add((float) Math.exp(-20 * random.nextDouble()));
        }
        double sum = sum(probabilities);
        for (int i = 0; i < 5; i++) {
            Collections.shuffle(probabilities, random);
            assertEquals(sum, sum(probabilities));
            int cut = random.nextInt(probabilities.size());
            assertEquals(
                    sum, sum(probabilities.subList(cut, probabilities.size())) + sum(probabilities.subList(0, cut)));
        }
    }

    private static double sum(List<Float> probabilities) {
        Tally tally = new Tally(2);
        probabilities.forEach(p -> tally.add(0, new float[] {p, 1 - p}, 0));
        return tally.result().lossSum();
    }
}
