package org.starling.training;

import java.io.Serializable;
import org.starling.model.Slice;

/**
 * What the tasks of a round hand on: slices of vectors and, once a replica, its statistics. One of the two is null.
 */
record RoundOutput(Slice slice, ReplicaStatistics statistics) implements Serializable {
    static RoundOutput of(Slice slice) {
        return new RoundOutput(slice, null);
    }

    static RoundOutput of(ReplicaStatistics statistics) {
        return new RoundOutput(null, statistics);
    }
}
