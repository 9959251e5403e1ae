package org.starling.jobs.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.InputException;

class PeerProgramTest {
    private static String refusal(String command) {
        InputException refusal = assertThrows(InputException.class, () -> new PeerProgram(command).run());
        assertTrue(refusal.getMessage().contains("--against '" + command + "'"), refusal.getMessage());
        return refusal.getMessage();
    }

    @Test
    void theFiguresAreReadFromStandardOutputAlone() {
        PeerProgram.Figures figures = new PeerProgram(
                        """
                        echo 'loading' >&2
                        echo '{"train_images_per_second": 24.5, "note": "n", "inference_images_per_second": 70}'""")
                .run();
        assertEquals(24.5, figures.train());
        assertEquals(70, figures.inference());
        assertEquals("n", figures.report().get("note").asText());
    }

    @Test
    void aProgramThatFailsIsQuotedWithItsLastWord() {
        String refusal = refusal("echo first >&2; echo 'no torch here' >&2; exit 3");
        assertTrue(refusal.contains("ended with exit code 3 and says 'no torch here'"), refusal);
        assertTrue(refusal("/no/such/program").contains("exit code 127"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "echo fast",
                "echo 5",
                "echo '{\"train_images_per_second\": 1}'",
                "echo '{\"train_images_per_second\": \"1\", \"inference_images_per_second\": 1}'",
                "echo '{\"train_images_per_second\": 0, \"inference_images_per_second\": 1}'",
                "echo '{\"train_images_per_second\": 1, \"inference_images_per_second\": 1}' '{}'"
            })
    void anythingButOneObjectWithBothFiguresIsRefused(String command) {
        String refusal = refusal(command);
        assertTrue(
                refusal.contains(
                        "Expected on standard output is one JSON object with the numbers train_images_per_second"),
                refusal);
    }
}
