package org.starling.jobs;

import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What happens when a job is stopped by Ctrl-C or SIGTERM: one line, and the JVM's own exit code, 130 or 143. The JVM is then
 * ending and the job fails in passing, because Spark stops at the same time; that failure is not reported.
 */
final class Interruption {
    private final AtomicReference<String> advice = new AtomicReference<>();
    private volatile boolean finished;

    /** Prints the line when the JVM ends before {@link #finish}. */
    void watch(PrintStream err) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> announce(err), "interruption"));
    }

    /** What the line says about going on. */
    void advise(String text) {
        advice.set(text);
    }

    /** The job is over; the JVM's end is not an interruption. */
    void finish() {
        finished = true;
    }

    private void announce(PrintStream err) {
        if (!finished) {
            err.println();
            err.println("interrupted"
                    + Optional.ofNullable(advice.get()).map(a -> "; " + a).orElse(""));
            err.flush();
        }
    }

    /** Whether the JVM is ending, known before any shutdown hook has run. */
    static boolean inProgress() {
        Thread probe = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }
}
