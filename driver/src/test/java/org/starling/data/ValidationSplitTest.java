package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class ValidationSplitTest {
    private static void assertQuotas(double fraction, int[] sizes, int... expected) {
        assertArrayEquals(expected, ValidationSplit.quotas(sizes, fraction));
    }

    @Test
    void equalClassesGiveEqualParts() {
        assertQuotas(0.1, new int[] {1200, 1200, 1200}, 120, 120, 120);
    }

    @Test
    void theTotalIsTheFractionRoundedAndAClassKeepsItsLastImage() {
        // 0.3 of four images would be one, but a class keeps its last image.
        assertQuotas(0.3, new int[] {1, 1, 1, 1}, 0, 0, 0, 0);
        // 0.4 each of 4 classes with two images: 3.2 in all.
        assertQuotas(0.4, new int[] {2, 2, 2, 2}, 1, 1, 1, 0);
    }

    @Test
    void theLargestRemaindersGetWhatIsLeft() {
        // 0.7, 1.4, 2.1, together 4.2.
        assertQuotas(0.1, new int[] {7, 14, 21}, 1, 1, 2);
    }

    @Test
    void roundingErrorsOfTheFractionDoNotLoseAnImage() {
        // 0.29 * 100 is 28.999999999999996 in floating point.
        assertQuotas(0.29, new int[] {100, 100}, 29, 29);
    }
}
