package org.starling.jobs.run;

/** A stretch of time as a person says it. */
public final class Duration {
    private Duration() {}

    /** {@code 42 s}, {@code 3 min 5 s}, {@code 2 h 10 min}. */
    public static String text(double seconds) {
        long s = Math.round(Math.max(0, seconds));
        if (s < 60) {
            return s + " s";
        }
        if (s < 3600) {
            return s / 60 + " min " + s % 60 + " s";
        }
        return s / 3600 + " h " + s % 3600 / 60 + " min";
    }
}
