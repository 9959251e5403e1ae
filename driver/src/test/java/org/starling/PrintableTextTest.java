package org.starling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class PrintableTextTest {
    @Test
    void whatATerminalObeysIsShown() {
        assertEquals("a\\u001b[31mb", PrintableText.line("a\u001b[31mb"));
        assertEquals("\\u009b31m\\u007f\\u0000\\u0007", PrintableText.line("\u009b31m\u007f\0\u0007"));
        assertEquals("one\\r\\n\\ttwo\\u2028\\u0085", PrintableText.line("one\r\n\ttwo\u2028\u0085"));
        assertEquals("one\\r\n\ttwo", PrintableText.lines("one\r\n\ttwo"));
    }

    @Test
    void marksOfDirectionAreShown() {
        assertEquals("\\u202egpj.exe\\u2066\\u200f\\u061c", PrintableText.line("\u202egpj.exe\u2066\u200f\u061c"));
    }

    @Test
    void halfACharacterIsShown() {
        assertEquals("x\\ud83d", PrintableText.line("x\ud83d"));
    }

    /** The joiner of Persian and of emoji is a format character too. */
    @Test
    void textOfAllScriptsStays() {
        String text =
                "Zwergdommel, 猫, \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645, \ud83d\udc68\u200d\ud83d\udc67";
        assertSame(text, PrintableText.line(text));
    }

    @Test
    void excerptsAreShort() {
        assertEquals("abc...", PrintableText.excerpt("abcdef", 3));
        assertEquals("abc", PrintableText.excerpt("abc", 3));
    }
}
