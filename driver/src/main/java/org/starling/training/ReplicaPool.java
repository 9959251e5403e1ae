package org.starling.training;

import org.apache.spark.TaskContext;

/** The replicas of one JVM, kept between rounds because building a network costs more than a round of a small one. */
final class ReplicaPool {
    private static final TaskPool<Replica> REPLICAS = new TaskPool<>();

    private ReplicaPool() {}

    /** A replica for the rest of the task; see {@link TaskPool#lease}. */
    static Replica lease(ReplicaSettings settings, TaskContext task) {
        return REPLICAS.lease(settings.content(), () -> new Replica(settings), task);
    }
}
