package org.starling.jobs.bench.averaging;

/** A way to average, run round by round. */
interface Averaging {
    /** What is compared. */
    enum Kind {
        /** Starling's rounds. */
        STARLING,
        /** dl4j-spark's ParameterAveragingTrainingMaster. */
        DL4J
    }

    /**
     * One round: a step of every replica, and the average.
     *
     * @return seconds that the slowest replica spent in its step, or null where nobody says
     */
    Double round();
}
