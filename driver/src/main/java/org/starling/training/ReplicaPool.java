package org.starling.training;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The replicas of one JVM, kept between rounds because building a network costs more than a round of a small one. A replica is leased to
 * one task attempt at a time; an attempt that finds none free builds one. Replicas of an earlier run are let go.
 */
final class ReplicaPool {
    private static final Deque<Replica> FREE = new ArrayDeque<>();

    private ReplicaPool() {}

    static Replica take(ReplicaSettings settings) {
        String wanted = key(settings);
        synchronized (FREE) {
            FREE.removeIf(replica -> !key(replica.settings()).equals(wanted));
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

    /** Settings hold arrays, so equality is that of their content. */
    private static String key(ReplicaSettings s) {
        return s.modelJson()
                + s.modelOptions()
                + s.seed()
                + s.optimizer()
                + s.stateRule()
                + s.weightDecay()
                + s.clipping()
                + s.labelSmoothing()
                + java.util.Arrays.toString(s.classWeights());
    }
}
