package org.starling.dl4j;

import java.nio.ByteBuffer;
import org.starling.model.Slice;

/**
 * What one worker reports of a round; the only thing of it that reaches the driver.
 *
 * @param worker its number
 * @param steps minibatches trained
 * @param examples in them
 * @param score the network's after the last one
 * @param startMillis when it began, since 1970
 * @param millis how long it trained
 */
record WorkerStatistics(int worker, int steps, long examples, double score, long startMillis, long millis) {
    private static final int VECTOR = -1;
    private static final int BYTES = Integer.BYTES + 4 * Long.BYTES;

    static boolean isIn(Slice slice) {
        return slice.vector() == VECTOR;
    }

    /** As it travels among slices. */
    Slice toSlice() {
        ByteBuffer content = ByteBuffer.allocate(BYTES)
                .putInt(steps)
                .putLong(examples)
                .putDouble(score)
                .putLong(startMillis)
                .putLong(millis);
        return Slice.ofBytes(VECTOR, 0, worker, content.array());
    }

    static WorkerStatistics of(Slice slice) {
        ByteBuffer content = ByteBuffer.wrap(slice.content());
        return new WorkerStatistics(
                slice.replica(),
                content.getInt(),
                content.getLong(),
                content.getDouble(),
                content.getLong(),
                content.getLong());
    }
}
