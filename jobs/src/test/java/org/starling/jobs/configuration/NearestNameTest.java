package org.starling.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
    @ParameterizedTest
    @CsvSource({"a, a, 0", "'', abc, 3", "kitten, sitting, 3", "epcohs, epochs, 1", "Batch, batch, 0", "ca, abc, 3"})
    void countsEdits(String a, String b, int edits) {
        assertEquals(edits, NearestName.edits(a, b));
        assertEquals(edits, NearestName.edits(b, a));
    }
}
