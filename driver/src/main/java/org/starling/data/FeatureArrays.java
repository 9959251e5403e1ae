package org.starling.data;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Minibatches' arrays that have been used, for those that come: a new one of AlexNet's batch of 128 is 79 MB that the virtual machine clears, and the
 * system finds memory for. For any number of threads.
 */
public final class FeatureArrays {
    private final Queue<float[]> free = new ConcurrentLinkedQueue<>();

    /** An array of at least so many values, whatever they are. */
    float[] take(int length) {
        float[] array = free.poll();
        return array != null && array.length >= length ? array : new float[length];
    }

    /** Takes the array of a minibatch that nobody will look at again. */
    public void giveBack(Minibatch batch) {
        free.add(batch.features());
    }

    /** Lets go of all that are free. */
    public void clear() {
        free.clear();
    }
}
