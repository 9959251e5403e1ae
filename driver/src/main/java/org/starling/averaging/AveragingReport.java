package org.starling.averaging;

import java.nio.ByteBuffer;
import org.starling.model.Slice;

/**
 * What an averaging partition tells the driver, among the slices of its state.
 *
 * @param diverged a replica of which the partition has received numbers that are not finite; {@link #NONE} where there is none
 * @param finite whether its part of the next parameters is, and of what it keeps to make them
 * @param variance its part of the replicas' variance, their mean squared distance from their mean, weighted as the mean; 0 where it is not
 *     measured
 */
public record AveragingReport(int diverged, boolean finite, double variance) {
    /** No replica. */
    public static final int NONE = -1;

    private static final int VECTOR = -2;

    Slice toSlice() {
        ByteBuffer content = ByteBuffer.allocate(Integer.BYTES + 1 + Double.BYTES)
                .putInt(diverged)
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
        return new AveragingReport(content.getInt(), content.get() != 0, content.getDouble());
    }

    /** A report while the partition is computed. */
    static final class Draft {
        private int diverged = NONE;
        private boolean finite = true;
        private double variance;

        /** A replica has sent numbers that are not finite. The least number stands, whatever the order. */
        void diverged(int replica) {
            diverged = diverged == NONE ? replica : Math.min(diverged, replica);
        }

        void finite(boolean part) {
            finite &= part;
        }

        void addVariance(double part) {
            variance += part;
        }

        AveragingReport finished() {
            return new AveragingReport(diverged, finite, variance);
        }
    }
}
