package org.starling.jobs;

import java.io.PrintStream;
import sun.misc.Signal;

/**
 * What happens when a job is stopped by Ctrl-C or SIGTERM. The signals are taken from the JVM, whose own answer, to end, would stop Spark
 * before a job could keep what it has. A job that can stop in order is asked to, and ends with {@link #exitCode}; any other ends the JVM. A
 * second signal ends it at once, without waiting for anything.
 */
final class Interruption {
    /** By name: Ctrl-C, and what {@code kill} and a machine that shuts down send. */
    private static final String[] SIGNALS = {"INT", "TERM"};

    private PrintStream err = System.err;
    private Runnable stop;
    private boolean finished;
    private int exitCode;

    /** Takes the signals from now on. One that the JVM was started to ignore, as in the background of a script, stays ignored. */
    void watch(PrintStream err) {
        this.err = err;
        for (String name : SIGNALS) {
            try {
                Signal.handle(new Signal(name), this::received);
            } catch (IllegalArgumentException e) {
                // The JVM was told to leave the signals alone (-Xrs): then they end it.
            }
        }
    }

    /**
     * How the job is asked to stop, from now on.
     *
     * @param request returns at once
     */
    synchronized void stopBy(Runnable request) {
        stop = request;
    }

    /** The job is over and the JVM's end only a moment away: a signal now changes nothing. */
    synchronized void finish() {
        finished = true;
    }

    /** 130 or 143 after a signal, otherwise 0. */
    synchronized int exitCode() {
        return exitCode;
    }

    private void received(Signal signal) {
        int code = 128 + signal.getNumber();
        if (isFirst(code)) {
            stopOrExit(signal, code);
        } else {
            err.println();
            err.println("interrupted again: ending at once");
            err.flush();
            // Not exit, which would wait for a job that is ending.
            Runtime.getRuntime().halt(code);
        }
    }

    private synchronized boolean isFirst(int code) {
        if (exitCode != 0) {
            return false;
        }
        exitCode = code;
        return true;
    }

    private void stopOrExit(Signal signal, int code) {
        Runnable request;
        synchronized (this) {
            if (finished) {
                return;
            }
            request = stop;
        }
        err.println();
        if (request == null) {
            err.println("interrupted");
            err.flush();
            System.exit(code);
        }
        err.println("SIG" + signal.getName()
                + ": giving up the round under way and writing a checkpoint; a second one ends this at once");
        err.flush();
        request.run();
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
