package org.starling.checkpoint;

/** What a store says when it fails. */
final class Reason {
    private Reason() {}

    /** The first line: HDFS quotes the NameNode's stack trace in what follows. */
    static String of(Exception e) {
        String message = e.getMessage();
        return message == null
                ? e.getClass().getSimpleName()
                : message.strip().lines().findFirst().orElse(e.getClass().getSimpleName());
    }
}
