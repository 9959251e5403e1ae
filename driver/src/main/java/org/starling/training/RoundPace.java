package org.starling.training;

import java.util.ArrayDeque;
import java.util.Deque;

/** How long the last rounds took, to tell when one takes much longer. */
final class RoundPace {
    private static final int REMEMBERED = 10;
    /** Fewer say nothing: a run's first rounds build networks and compile. */
    private static final int LEAST = 5;
    /** Far enough from collections of garbage and other jobs' bursts, near enough for a machine that swaps or a disk that dies. */
    private static final double FACTOR = 3;
    /** What nobody would look up for, however short rounds are. */
    private static final double LEAST_SECONDS = 5;

    private record Past(double seconds, int steps) {}

    private final Deque<Past> rounds = new ArrayDeque<>();

    void add(double seconds, int steps) {
        rounds.addLast(new Past(seconds, steps));
        if (rounds.size() > REMEMBERED) {
            rounds.removeFirst();
        }
    }

    /**
     * The median of the last rounds' seconds, each stretched to {@code steps} local steps where it had fewer. A round of fewer steps may take
     * as long as the others: averaging does not get shorter with it.
     */
    double usual(int steps) {
        double[] seconds = rounds.stream()
                .mapToDouble(past -> past.seconds() * Math.max(1, (double) steps / past.steps()))
                .sorted()
                .toArray();
        int middle = seconds.length / 2;
        return seconds.length % 2 == 1 ? seconds[middle] : (seconds[middle - 1] + seconds[middle]) / 2;
    }

    /** Seconds from which a round of so many steps takes too long; infinite while too few rounds are known. */
    double tooLong(int steps) {
        if (rounds.size() < LEAST) {
            return Double.POSITIVE_INFINITY;
        }
        double usual = usual(steps);
        return Math.max(FACTOR * usual, usual + LEAST_SECONDS);
    }
}
