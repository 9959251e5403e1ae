package org.starling.jobs.run;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.starling.training.RoundTimes;
import org.starling.training.TrainingEvent;

/** Where the time of all rounds went, in one line: shares of their sum, and the replica that was the slowest most often. */
final class TimeShares {
    private record Place(int replica, String host) {}

    private final Map<Place, Integer> slowest = new HashMap<>();
    private int rounds;
    private double wait;
    private double gather;
    private double train;
    private double average;

    void add(TrainingEvent.Round round) {
        RoundTimes times = round.times();
        rounds++;
        wait += times.waitSeconds();
        gather += times.gatherSeconds();
        train += times.trainSeconds();
        average += times.averageSeconds();
        slowest.merge(new Place(times.slowestReplica(), times.slowestHost()), 1, Integer::sum);
    }

    /** Empty before the first round. */
    Optional<String> text() {
        return slowest.entrySet().stream()
                .max(Map.Entry.<Place, Integer>comparingByValue()
                        .thenComparing(entry -> entry.getKey().replica(), (a, b) -> b - a))
                .map(most -> {
                    double all = wait + gather + train + average;
                    return String.format(
                            Locale.ROOT,
                            "wait %.0f %%, gather %.0f %%, train %.0f %%, average %.0f %%; slowest most often: replica %d on %s, in %,d of %,d",
                            100 * wait / all,
                            100 * gather / all,
                            100 * train / all,
                            100 * average / all,
                            most.getKey().replica(),
                            most.getKey().host(),
                            most.getValue(),
                            rounds);
                });
    }
}
