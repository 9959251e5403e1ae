package org.starling.data;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Arrays of minibatches that have been used, for those that come: a new one of AlexNet's batch of 128 is 79 MB that the virtual machine clears, and
 * the system finds memory for. One thread may take arrays while another gives them back.
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
}
