package org.starling.jobs.launch;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.starling.InputException;

class SupportedVersionsTest {
    @Test
    void theVersionsOfThisBuildAreSupported() {
        assertDoesNotThrow(() -> SupportedVersions.check());
    }

    @ParameterizedTest
    @CsvSource({
        "11, 3.5.9, 2.12.18, 'This is Java 11 '",
        "21, 3.5.9, 2.12.18, 'This is Java 21 '",
        "25, 4.0.0, 2.13.16, 'This is Java 25 '",
        "17, 3.5.9, 2.13.8, 'with Scala 2.13.8,'",
        "17, 4.0.0, 2.13.16, 'This is Spark 4.0.0 with Scala 2.13.16,'",
        "17, 3.4.1, 2.12.17, 'This is Spark 3.4.1,'"
    })
    void otherVersionsAreRefusedByName(int java, String spark, String scala, String name) {
        InputException refusal = assertThrows(InputException.class, () -> SupportedVersions.check(java, spark, scala));
        assertTrue(refusal.getMessage().contains(name), refusal.getMessage());
    }
}
