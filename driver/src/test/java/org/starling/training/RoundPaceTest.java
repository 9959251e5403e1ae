package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RoundPaceTest {
    private static RoundPace pace(int steps, double... seconds) {
        RoundPace pace = new RoundPace();
        for (double s : seconds) {
            pace.add(s, steps);
        }
        return pace;
    }

    @Test
    void threeTimesTheMedianOfTheLastTenRoundsIsTooLong() {
        RoundPace pace = pace(20, 100, 100, 100, 10, 11, 12, 13, 14, 16, 17, 18, 19, 90);
        assertEquals(15, pace.usual(20));
        assertEquals(45, pace.tooLong(20));
        assertEquals(14, pace(20, 10, 100, 14, 20, 11).usual(20));
    }

    @Test
    void fewerThanFiveRoundsSayNothingAndShortRoundsMayTakeFiveSecondsMore() {
        assertEquals(Double.POSITIVE_INFINITY, pace(1, 1, 1, 1, 1).tooLong(1));
        assertEquals(6, pace(1, 1, 1, 1, 1, 1).tooLong(1));
    }

    @Test
    void aRoundOfMoreStepsMayTakeLongerAndOneOfFewerAsLong() {
        RoundPace pace = pace(10, 20, 20, 20, 20, 20);
        assertEquals(180, pace.tooLong(30));
        assertEquals(60, pace.tooLong(1));
    }
}
