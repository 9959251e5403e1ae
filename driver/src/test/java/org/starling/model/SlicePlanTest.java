package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SlicePlanTest {
    /** Of the header that a JVM gives an array, at most. */
    private static final int ARRAY_HEADER = 24;

    @Test
    void slicesCoverTheVectorOnce() {
        for (long length : new long[] {1, 4096, 4097, 600_000, 20_037_642, 62_378_344, 138_357_544}) {
            SlicePlan plan = SlicePlan.of(length);
            long covered = 0;
            for (int s = 0; s < plan.slices(); s++) {
                assertEquals(covered, plan.offset(s));
                assertTrue(plan.lengthOf(s) > 0);
                covered += plan.lengthOf(s);
            }
            assertEquals(length, covered);
        }
    }

    /** Headers included a large slice fills its power of two by all but 64 bytes. */
    @Test
    void largeSlicesDoNotSpillIntoAnotherRegionOfTheHeap() {
        for (long length : new long[] {4_194_304, 20_037_642, 62_378_344, 138_357_544}) {
            int bytes = Slice.zero(0, 0, 0, SlicePlan.of(length).sliceLength()).bytes().length + ARRAY_HEADER;
            int region = Integer.highestOneBit(bytes) << 1;
            assertTrue(bytes <= region && bytes > region - 64, length + ": " + bytes);
        }
    }

    @Test
    void smallSlicesAreAsTheyHaveAlwaysBeen() {
        assertEquals(4096, SlicePlan.of(1).sliceLength());
        assertEquals(4096, SlicePlan.of(500_000).sliceLength());
        assertEquals(8192, SlicePlan.of(600_000).sliceLength());
        assertEquals(32_768, SlicePlan.of(4_194_303).sliceLength());
    }
}
