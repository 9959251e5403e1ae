package org.starling.jobs.bench;

import java.util.Locale;

/** A report for people as it grows, line by line; numbers look the same everywhere. */
public final class ReportLines {
    private final StringBuilder text = new StringBuilder();

    /** Adds a line, as {@link String#format} makes it. */
    public void add(String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments).stripTrailing())
                .append('\n');
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
