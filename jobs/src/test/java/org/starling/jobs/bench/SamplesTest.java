package org.starling.jobs.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void theMedianIsTheMiddleValueOrTheMeanOfTheTwoInTheMiddle() {
        assertEquals(7, new Samples(List.of(7.0)).median());
        assertEquals(3, new Samples(List.of(100.0, 1.0, 3.0)).median());
        assertEquals(2.5, new Samples(List.of(4.0, 1.0, 2.0, 3.0)).median());
    }

    @Test
    void theSpreadIsTheSmallestAndTheLargest() {
        Samples samples = new Samples(List.of(5.0, 2.0, 9.0, 4.0));
        assertEquals(2, samples.min());
        assertEquals(9, samples.max());
    }

    /** Of medians it would be 20 / 10. */
    @Test
    void aRatioIsTakenRoundByRound() {
        Samples ratio = new Samples(List.of(10.0, 20.0, 60.0)).over(new Samples(List.of(10.0, 5.0, 20.0)));
        assertEquals(List.of(1.0, 4.0, 3.0), ratio.values());
        assertEquals(3, ratio.median());
    }

    @Test
    void thereIsNoMedianOfNothing() {
        assertThrows(IllegalArgumentException.class, () -> new Samples(List.of()));
    }
}
