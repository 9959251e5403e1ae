package org.starling.data;

import java.io.Serializable;

/**
 * Per-channel statistics of the training set, values 0 to 255. A network sees (value - mean) / deviation.
 *
 * @param mean one a channel
 * @param deviation one a channel, population standard deviation; 1 for a constant channel
 */
public record Normalization(double[] mean, double[] deviation) implements Serializable {}
