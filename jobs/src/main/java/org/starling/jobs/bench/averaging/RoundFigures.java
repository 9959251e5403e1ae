package org.starling.jobs.bench.averaging;

/**
 * What one round cost.
 *
 * @param seconds of the whole round at the driver
 * @param trainSeconds the slowest replica's in its step; null where the application does not say
 * @param shuffleBytes that tasks wrote for a shuffle, of all replicas
 * @param resultBytes of serialized results that tasks sent to the driver
 * @param broadcastBytes of blocks of broadcast variables that the driver made, as they are sent
 * @param servedBytes that the driver sent, at most; see {@link WrittenBytes}; null where the system does not say
 */
record RoundFigures(
        double seconds,
        Double trainSeconds,
        long shuffleBytes,
        long resultBytes,
        long broadcastBytes,
        Long servedBytes) {

    /** The part of the round that is not the slowest replica's step; null where the application does not say. */
    Double averagingFraction() {
        return trainSeconds == null ? null : 1 - trainSeconds / seconds;
    }
}
