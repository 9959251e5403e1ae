package org.starling.jobs.cluster;

import java.io.Serializable;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.spark.MapOutputTrackerMaster;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.storage.BlockId;
import scala.runtime.AbstractFunction1;

/**
 * Counts, in the driver's JVM and for whoever asks by JMX, what an application holds. Blocks are asked for at every block manager, because the
 * driver is not told of all that they have. {@code spark.extraListeners} brings it there; it must be on the executors' class path too.
 */
public final class BlockCensus extends SparkListener implements BlockCensusMBean {
    static final String NAME = "org.starling:type=BlockCensus";

    public BlockCensus() throws JMException {
        ManagementFactory.getPlatformMBeanServer().registerMBean(this, new ObjectName(NAME));
    }

    private static int blocks(boolean broadcast) {
        return SparkEnv.get()
                .blockManager()
                .master()
                .getMatchingBlockIds(new OfKind(broadcast), true)
                .size();
    }

    @Override
    public int getBroadcastBlocks() {
        return blocks(true);
    }

    @Override
    public int getRddBlocks() {
        return blocks(false);
    }

    @Override
    public int getPersistedRdds() {
        return SparkContext.getOrCreate().getPersistentRDDs().size();
    }

    @Override
    public int getShuffles() {
        return ((MapOutputTrackerMaster) SparkEnv.get().mapOutputTracker())
                .shuffleStatuses()
                .size();
    }

    private static final class OfKind extends AbstractFunction1<BlockId, Object> implements Serializable {
        private static final long serialVersionUID = 1L;

        private final boolean broadcast;

        OfKind(boolean broadcast) {
            this.broadcast = broadcast;
        }

        @Override
        public Object apply(BlockId block) {
            return broadcast ? block.isBroadcast() : block.isRDD();
        }
    }
}
