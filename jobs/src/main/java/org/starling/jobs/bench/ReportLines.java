package org.starling.jobs.bench;

import java.util.Locale;
import java.util.Map;

/** A report for people as it grows, line by line; numbers look the same everywhere. */
public final class ReportLines {
    private final StringBuilder text = new StringBuilder();

    /** Adds a line, as {@link String#format} makes it. */
    public void add(String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments).stripTrailing())
                .append('\n');
    }

    /**
     * Adds a table of figures.
     *
     * @param heading above their names
     * @param samples by the figures' names in JSON
     */
    void table(String heading, Map<String, Samples> samples) {
        add("%-36s %10s %10s %10s", heading, "median", "min", "max");
        samples.forEach(
                (name, s) -> add("%-36s %10.2f %10.2f %10.2f", name.replace('_', ' '), s.median(), s.min(), s.max()));
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
