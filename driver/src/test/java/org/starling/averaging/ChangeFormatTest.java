package org.starling.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ChangeFormatTest {
    private static float[] through(ChangeFormat format, float... change) {
        return format.decode(format.encode(change));
    }

    /** bfloat16 has 8 bits of significand: neighbours of 1 are 2^-8 below and 2^-7 above. */
    @ParameterizedTest
    @CsvSource({
        "0x1p0, 0x1p0",
        "0x1.01p0, 0x1p0",
        "0x1.010002p0, 0x1.02p0",
        "0x1.03p0, 0x1.04p0",
        "0x1.02fffep0, 0x1.02p0",
        "-0x1.03p0, -0x1.04p0",
        "0x1.ffp-3, 0x1p-2",
        "0x1p-133, 0x1p-133",
        "0x1p-149, 0",
        "-0x1p-149, -0",
        "0x1.fffffep127, Infinity",
        "NaN, NaN",
    })
    void bfloat16IsTheNearestWithTiesToEven(String value, String nearest) {
        float actual = through(ChangeFormat.BFLOAT16, Float.parseFloat(value))[0];
        assertEquals(Float.floatToIntBits(Float.parseFloat(nearest)), Float.floatToIntBits(actual));
    }

    /** The largest is 127 / 32, so the scale is 1 / 32. */
    @Test
    void int8IsTheNearestMultipleOfItsScaleWithTiesToEven() {
        float[] change = {127 / 32f, -127 / 32f, 0, 1.5f / 32, 2.5f / 32, -2.5f / 32, 2.51f / 32, 0.49f / 32};
        float[] expected = {127 / 32f, -127 / 32f, 0, 2 / 32f, 2 / 32f, -2 / 32f, 3 / 32f, 0};
        assertArrayEquals(expected, through(ChangeFormat.INT8, change));
        assertArrayEquals(new float[2], through(ChangeFormat.INT8, 0, 0));
        assertArrayEquals(new float[2], through(ChangeFormat.INT8, Float.MIN_VALUE, 0));
        assertArrayEquals(new float[] {3e38f, 0}, through(ChangeFormat.INT8, 3e38f, 0), 1e32f);
    }

    @ParameterizedTest
    @EnumSource(ChangeFormat.class)
    void whatIsNotFiniteDoesNotArriveFinite(ChangeFormat format) {
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            assertFalse(Float.isFinite(through(format, 1, value)[1]));
        }
    }

    @Test
    void anElementTakesTwoBytesOrOne() {
        assertEquals(2 * 100, ChangeFormat.BFLOAT16.encode(new float[100]).length);
        assertEquals(4 + 100, ChangeFormat.INT8.encode(new float[100]).length);
    }
}
