package org.starling.averaging;

import java.nio.ByteBuffer;
import org.starling.model.Slice;

/**
 * What an averaging partition tells the driver, among the slices of its state.
 *
 * @param finite whether its part of the next parameters is
 */
public record AveragingReport(boolean finite) {
    private static final int VECTOR = -2;

    Slice toSlice() {
        byte[] content = {(byte) (finite ? 1 : 0)};
        return Slice.ofBytes(VECTOR, 0, Slice.SHARED, content);
    }

    /** Whether a slice is a report. */
    public static boolean isIn(Slice slice) {
        return slice.vector() == VECTOR;
    }

    public static AveragingReport of(Slice slice) {
        return new AveragingReport(ByteBuffer.wrap(slice.content()).get() != 0);
    }
}
