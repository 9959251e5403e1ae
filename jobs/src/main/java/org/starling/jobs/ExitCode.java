package org.starling.jobs;

/** What a job's end means to the shell. An interrupted job ends with 130 (Ctrl-C) or 143 (SIGTERM): see {@link Interruption}. */
final class ExitCode {
    static final int OK = 0;
    /** A fault of Starling's, of Spark's or of a machine. */
    static final int INTERNAL = 1;
    /** The user's input cannot be used. */
    static final int INPUT = 2;
    /** The loss left the finite numbers. */
    static final int DIVERGED = 3;

    private ExitCode() {}
}
