package org.starling;

import java.util.Optional;

/**
 * The user's input cannot be used: a file, a setting, a model or an image set. The message is one paragraph that says what
 * was wrong, where (file, key, layer, image), what was expected and what to do. Jobs print it without a stack trace and
 * exit with code 2.
 */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InputException(String message) {
        super(message);
    }

    public InputException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The input exception that caused a failure, such as the one that Spark reports when a task has thrown it. */
    public static Optional<InputException> within(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InputException found) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }
}
