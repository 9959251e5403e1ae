package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {
    private static final double[] ROUNDS =
            IntStream.range(0, 30).mapToDouble(i -> 50 + 5 * i).toArray();

    private static double[] noisy(double slope) {
        Random random = new Random(1);
        return IntStream.range(0, ROUNDS.length)
                .mapToDouble(i -> 1000 + slope * ROUNDS[i] + 10 * random.nextGaussian())
                .toArray();
    }

    /** x 1, 2, 3, 4 and y 1, 3, 2, 6: slope 7/5, squares of residuals 4.2, error sqrt(4.2 / 2 / 5). */
    @Test
    void slopeAndErrorAreThoseOfTheTextbook() {
        Trend trend = Trend.of(new double[] {1, 2, 3, 4}, new double[] {1, 3, 2, 6});
        assertEquals(1.4, trend.slope(), 1e-12);
        assertEquals(Math.sqrt(0.42), trend.error(), 1e-12);
    }

    @Test
    void noiseDoesNotRiseAndALeakUnderItDoes() {
        assertFalse(Trend.of(ROUNDS, noisy(0)).rises(0));
        assertTrue(Trend.of(ROUNDS, noisy(0.5)).rises(0.1));
        assertFalse(Trend.of(ROUNDS, noisy(-0.5)).rises(0));
    }

    @Test
    void whatIsTooNoisyToShowALeakSaysSo() {
        assertTrue(Trend.of(ROUNDS, noisy(0)).wouldShow(0.5, 0.1));
        assertFalse(Trend.of(ROUNDS, noisy(0)).wouldShow(0.11, 0.1));
    }
}
