package org.starling.training;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Where a round's time went, along the replica that was the last to have trained; the four parts add up to the round. Slow is another thing
 * than last, where replicas wait for one another's executor.
 *
 * @param waitSeconds seconds until that replica's task was launched
 * @param gatherSeconds seconds in which it took the state; in an executor's first round also built its network
 * @param trainSeconds seconds of its local steps
 * @param averageSeconds the rest: its slices went out and were averaged, everybody else's too
 * @param slowestReplica number of the replica that gathered and trained longest
 * @param slowestHost where that was
 * @param slowestSeconds how long it did
 */
public record RoundTimes(
        double waitSeconds,
        double gatherSeconds,
        double trainSeconds,
        double averageSeconds,
        int slowestReplica,
        String slowestHost,
        double slowestSeconds) {

    /**
     * @param statistics one a replica
     * @param waits seconds from the round's start to the launch of each replica's task, as far as Spark has told them
     * @param seconds of the whole round
     */
    static RoundTimes of(List<ReplicaStatistics> statistics, Map<Integer, Double> waits, double seconds) {
        ReplicaStatistics slowest = statistics.stream()
                .max(Comparator.comparingDouble(ReplicaStatistics::seconds))
                .orElseThrow();
        ReplicaStatistics last = statistics.stream()
                .max(Comparator.comparingDouble(s -> waits.getOrDefault(s.replica(), 0.0) + s.seconds()))
                .orElseThrow();
        double wait = Math.max(0, waits.getOrDefault(last.replica(), 0.0));
        return new RoundTimes(
                wait,
                last.gatherSeconds(),
                last.trainSeconds(),
                Math.max(0, seconds - wait - last.seconds()),
                slowest.replica(),
                slowest.host(),
                slowest.seconds());
    }
}
