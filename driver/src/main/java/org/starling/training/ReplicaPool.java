package org.starling.training;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The replicas of one JVM, kept between rounds because building a network costs more than a round of a small one. A replica is leased to
 * one task attempt at a time; an attempt that finds none free builds one. Replicas of an earlier run are let go.
 */
final class ReplicaPool {
    private static final Deque<Replica> FREE = new ArrayDeque<>();

    private ReplicaPool() {}

    static Replica take(ReplicaSettings settings) {
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

    static void giveBack(Replica replica) {
        synchronized (FREE) {
            FREE.push(replica);
        }
    }
}
