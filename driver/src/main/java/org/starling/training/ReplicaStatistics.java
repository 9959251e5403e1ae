package org.starling.training;

import java.io.Serializable;

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
 * @param seconds time in local steps
 */
record ReplicaStatistics(
        int replica,
        int steps,
        long examples,
        long correct,
        double lossSum,
        boolean finite,
        String host,
        double seconds)
        implements Serializable {}
