package org.starling.averaging;

import java.nio.ByteBuffer;
import org.starling.model.Slice;

/**
 * What an averaging partition tells the driver, among the slices of its state.
 *
 * @param finite whether its part of the next parameters is
 * @param variance its part of the replicas' variance, their mean squared distance from their mean, weighted as the mean; 0 where it is not
 *     measured
 */
public record AveragingReport(boolean finite, double variance) {
    private static final int VECTOR = -2;

    Slice toSlice() {
        ByteBuffer content = ByteBuffer.allocate(1 + Double.BYTES)
                .put((byte) (finite ? 1 : 0))
                .putDouble(variance);
        return Slice.ofBytes(VECTOR, 0, Slice.SHARED, content.array());
    }

    /** Whether a slice is a report. */
    public static boolean isIn(Slice slice) {
        return slice.vector() == VECTOR;
    }

    public static AveragingReport of(Slice slice) {
        ByteBuffer content = ByteBuffer.wrap(slice.content());
        return new AveragingReport(content.get() != 0, content.getDouble());
    }
}
