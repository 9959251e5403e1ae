package org.starling;

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
}
