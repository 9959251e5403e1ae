package org.starling.jobs.bench.averaging;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerBlockUpdated;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.storage.BlockUpdatedInfo;

/** Counts, from Spark's events, what tasks wrote and sent back and what the driver broadcast. */
final class DriverTraffic extends SparkListener {
    private final Map<String, Long> broadcastBlocks = new HashMap<>();
    private long shuffleBytes;
    private long resultBytes;

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
        TaskMetrics metrics = task.taskMetrics();
        // A task that failed early has none.
        if (metrics != null) {
            shuffleBytes += metrics.shuffleWriteMetrics().bytesWritten();
            resultBytes += metrics.resultSize();
        }
    }

    @Override
    public synchronized void onBlockUpdated(SparkListenerBlockUpdated update) {
        BlockUpdatedInfo block = update.blockUpdatedInfo();
        // The pieces, as they are sent; the variable itself is not announced. A block that goes is announced with the
        // size it had.
        if (block.storageLevel().isValid()
                && block.blockManagerId().isDriver()
                && block.blockId().isBroadcast()) {
            broadcastBlocks.merge(block.blockId().name(), block.memSize() + block.diskSize(), Math::max);
        }
    }

    synchronized long shuffleBytes() {
        return shuffleBytes;
    }

    synchronized long resultBytes() {
        return resultBytes;
    }

    synchronized long broadcastBytes() {
        return broadcastBlocks.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Forgets everything: a new round begins. */
    synchronized void reset() {
        broadcastBlocks.clear();
        shuffleBytes = 0;
        resultBytes = 0;
    }
}
