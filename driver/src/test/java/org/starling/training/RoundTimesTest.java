package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundTimesTest {
    private static ReplicaStatistics replica(int number, String host, double gather, double train) {
        return new ReplicaStatistics(number, 1, 4, 2, 1.5, host, gather, train);
    }

    @Test
    void thePartsAreThoseOfTheReplicaThatEndedLastAndAddUpToTheRound() {
        // Replica 2 queued behind replica 0: it ends at 3 + 0.5 + 2, replica 1 at 0.25 + 1 + 4.
        List<ReplicaStatistics> statistics =
                List.of(replica(0, "a", 0.5, 2), replica(1, "b", 1, 4), replica(2, "a", 0.5, 2));
        RoundTimes times = RoundTimes.of(statistics, Map.of(0, 0.25, 1, 0.25, 2, 3.0), 6.5);
        assertEquals(new RoundTimes(3, 0.5, 2, 1, 1, "b", 5), times);
    }

    @Test
    void aLaunchThatSparkHasNotToldOfCountsAsAverage() {
        RoundTimes times = RoundTimes.of(List.of(replica(0, "a", 0.5, 2)), Map.of(), 3);
        assertEquals(new RoundTimes(0, 0.5, 2, 0.5, 0, "a", 2.5), times);
    }
}
