package org.starling.training;

/** Whether a run has been asked to stop, by any thread, such as a signal's. Once asked it stays so. */
final class StopRequest {
    private volatile boolean made;

    void make() {
        made = true;
    }

    boolean isMade() {
        return made;
    }

    /** @throws StoppedException when it has been asked */
    void check() {
        if (made) {
            throw new StoppedException("before a round was complete", false);
        }
    }
}
