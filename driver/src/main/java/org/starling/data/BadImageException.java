package org.starling.data;

/** One image cannot be decoded; the message is the reason, without the image's name. */
public final class BadImageException extends Exception {
    private static final long serialVersionUID = 1L;

    public BadImageException(String reason) {
        super(reason);
    }

    BadImageException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
