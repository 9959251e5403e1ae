package org.starling.training;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The replicas of one JVM, kept between rounds because building a network costs more than a round of a small one. A replica is leased to
 * one task attempt at a time; an attempt that finds none free builds one. Replicas of an earlier run are let go. Whoever gets one overwrites
 * all of it.
 */
final class ReplicaPool {
    private static final Deque<Replica> FREE = new ArrayDeque<>();

    private ReplicaPool() {}

    /**
     * A replica for the rest of the task, which stops between layers when the task is interrupted. It comes back when the task's body has
     * returned or thrown, so when no thread computes with it any more: slices are copied out while the average writes them, and a killed
     * attempt computes until it notices.
     */
    static Replica lease(ReplicaSettings settings, TaskContext task) {
        Replica replica = take(settings);
        replica.stopWhen(task::isInterrupted);
        task.addTaskCompletionListener((TaskCompletionListener) context -> giveBack(replica));
        return replica;
    }

    private static Replica take(ReplicaSettings settings) {
        List<Object> wanted = settings.content();
        synchronized (FREE) {
            for (Replica other : List.copyOf(FREE)) {
                if (!other.settings().content().equals(wanted)) {
                    FREE.remove(other);
                    other.close();
                }
            }
            Replica replica = FREE.poll();
            if (replica != null) {
                return replica;
            }
        }
        return new Replica(settings);
    }

    private static void giveBack(Replica replica) {
        // A free replica holds on to no task.
        replica.stopNever();
        synchronized (FREE) {
            FREE.push(replica);
        }
    }
}
