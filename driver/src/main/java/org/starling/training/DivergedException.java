package org.starling.training;

/** Training has left the finite numbers. The message says which replica and round, and where the last good checkpoint is. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DivergedException(String message) {
        super(message);
    }
}
