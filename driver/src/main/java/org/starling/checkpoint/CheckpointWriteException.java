package org.starling.checkpoint;

/** A checkpoint could not be written: a full disk, a quota, a store that does not answer. Those before it are as they were. */
public final class CheckpointWriteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what could not be written, where, and the store's reason; without a full stop */
    CheckpointWriteException(String message, Throwable cause) {
        super(message, cause);
    }

    /** One of a task arrives within Spark's own exception. */
    static CheckpointWriteException within(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CheckpointWriteException found) {
                return found;
            }
        }
        return null;
    }
}
