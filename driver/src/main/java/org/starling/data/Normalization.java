package org.starling.data;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Per-channel statistics of the training set, values 0 to 255. A network sees (value - mean) / deviation.
 *
 * @param mean one a channel
 * @param deviation one a channel, population standard deviation; 1 for a constant channel
 */
public record Normalization(double[] mean, double[] deviation) implements Serializable {
    /** By what the arrays hold. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Normalization normalization
                && Arrays.equals(normalization.mean, mean)
                && Arrays.equals(normalization.deviation, deviation);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(mean) + Arrays.hashCode(deviation);
    }
}
