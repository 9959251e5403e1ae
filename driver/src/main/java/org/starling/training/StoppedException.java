package org.starling.training;

/** A run has ended because {@link Trainer#stop} was called. The message says where it stands: {@code after round 12 of 30; ...}. */
public final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean resumable;

    /** @param resumable whether this start of the run leaves a checkpoint to go on from */
    StoppedException(String message, boolean resumable) {
        super(message);
        this.resumable = resumable;
    }

    public boolean resumable() {
        return resumable;
    }
}
