package org.starling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "'=1", "''-1", "=", "-"})
    void whatBeginsLikeAFormulaBeginsWithAnApostropheAndIsFoundAgain(String text) {
        String cell = CsvText.cell(text);
        assertEquals("'" + text, cell);
        assertEquals(text, CsvText.value(cell));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "cat", "'n cat", "''", "a=1", " =1", "file:/a/=b.png", "1-2", "Ægir"})
    void otherTextIsAsItWas(String text) {
        assertEquals(text, CsvText.cell(text));
        assertEquals(text, CsvText.value(text));
    }

    @Test
    void whatIsMissingStaysSo() {
        assertNull(CsvText.cell(null));
        assertNull(CsvText.value(null));
    }

    /** All texts of up to four of these characters: no two become the same cell. */
    @Test
    void everyTextIsFoundAgain() {
        String letters = "'=-a\t";
        int texts = 0;
        for (int code = 0; code < Math.pow(letters.length() + 1, 4); code++) {
            StringBuilder text = new StringBuilder();
            for (int rest = code; rest > 0; rest /= letters.length() + 1) {
                int letter = rest % (letters.length() + 1);
                text.append(letter == 0 ? "" : letters.charAt(letter - 1));
            }
            String cell = CsvText.cell(text.toString());
            assertFalse(cell.matches("(?s)[=+\\-@\\t\\r\\n].*"), cell);
            assertEquals(text.toString(), CsvText.value(cell));
            texts++;
        }
        assertTrue(texts > 1000);
    }
}
