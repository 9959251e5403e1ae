package org.starling.jobs.cluster;

/** What Spark's driver and block managers hold at this moment; see {@link BlockCensus}. */
public interface BlockCensusMBean {
    /** Blocks of broadcast variables that any process of the application holds, counted once for each holder. */
    int getBroadcastBlocks();

    /** Cached partitions of RDDs that any process of the application holds, counted once for each holder. */
    int getRddBlocks();

    /** RDDs that the driver knows to be persisted. */
    int getPersistedRdds();

    /** Shuffles whose outputs the driver keeps a list of. */
    int getShuffles();
}
