package org.starling.jobs;

/** A word of a command line as a POSIX shell reads it back. */
final class ShellWord {
    private ShellWord() {}

    static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:@%+=,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
