package org.starling.training;

import java.io.Serializable;
import org.apache.commons.lang3.SerializationUtils;
import org.starling.model.Slice;

/**
 * What one replica reports of its local steps; the only thing of a round that reaches the driver.
 *
 * @param replica its number
 * @param steps local steps made
 * @param examples images seen
 * @param correct images whose class had the largest score during training
 * @param lossSum sum over images of their (weighted, smoothed) cross entropy
 * @param finite whether loss, parameters and optimizer state are all finite
 * @param host where it ran
 * @param gatherSeconds time in which it took the round's state
 * @param trainSeconds time in local steps
 */
record ReplicaStatistics(
        int replica,
        int steps,
        long examples,
        long correct,
        double lossSum,
        boolean finite,
        String host,
        double gatherSeconds,
        double trainSeconds)
        implements Serializable {
    /** Vector number of the records that carry statistics among slices. */
    private static final int VECTOR = -1;

    /** As it travels among slices. */
    Slice toSlice() {
        return Slice.ofBytes(VECTOR, 0, replica, SerializationUtils.serialize(this));
    }

    static ReplicaStatistics of(Slice slice) {
        return SerializationUtils.deserialize(slice.content());
    }

    /** The same with the time of its gathering. */
    ReplicaStatistics withGatherSeconds(double seconds) {
        return new ReplicaStatistics(replica, steps, examples, correct, lossSum, finite, host, seconds, trainSeconds);
    }

    /** From its first slice to its last step. */
    double seconds() {
        return gatherSeconds + trainSeconds;
    }
}
