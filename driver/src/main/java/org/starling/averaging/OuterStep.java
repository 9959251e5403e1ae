package org.starling.averaging;

import java.io.Serializable;
import java.util.List;
import org.starling.model.SlicePlan;

/**
 * What the averaging partitions do with the mean of the parameters, beyond taking it.
 *
 * @param slices of a vector
 * @param optimizer makes the next parameters from the last ones and the mean; null where the mean is the next parameters
 * @param momentumVector number of the optimizer's vector, which only its averaging partition reads
 * @param average of the parameters, which only its averaging partition keeps; null for none
 * @param measuresVariance whether the replicas' variance is reported
 * @param format in which changes of the parameters come; null where the parameters themselves come
 * @param statistics parts of the parameters that no optimizer moves, as a network's running variances: they take their mean
 */
public record OuterStep(
        SlicePlan slices,
        OuterOptimizer optimizer,
        int momentumVector,
        MovingAverage average,
        boolean measuresVariance,
        ChangeFormat format,
        List<Span> statistics)
        implements Serializable {

    /**
     * A part of a flat vector.
     *
     * @param offset its first element
     * @param length elements
     */
    public record Span(long offset, long length) implements Serializable {}
}
