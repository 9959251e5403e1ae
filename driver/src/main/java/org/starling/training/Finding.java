package org.starling.training;

import java.util.Locale;
import org.starling.PrintableText;

/**
 * What a check before a training has found.
 *
 * @param subject what was looked at, one word or two
 * @param text what is so
 * @param remedy what to do; empty where nothing is
 */
public record Finding(Level level, String subject, String text, String remedy) {
    /** How bad it is. */
    public enum Level {
        OK,
        /** A training can run, and may be slow or fail later. */
        WARNING,
        /** A training will not run. */
        PROBLEM
    }

    public static Finding ok(String subject, String text) {
        return new Finding(Level.OK, subject, text, "");
    }

    public static Finding warning(String subject, String text, String remedy) {
        return new Finding(Level.WARNING, subject, text, remedy);
    }

    public static Finding problem(String subject, String text, String remedy) {
        return new Finding(Level.PROBLEM, subject, text, remedy);
    }

    /** In one line. */
    public String line() {
        String what = remedy.isEmpty() ? text : text + ". " + remedy;
        return "%-8s %-10s %s".formatted(level.name().toLowerCase(Locale.ROOT), subject, PrintableText.line(what));
    }
}
