package org.starling.training;

import java.util.Comparator;
import java.util.List;
import org.starling.averaging.AveragingReport;
import org.starling.model.Slice;

/**
 * All of a round that reaches the driver.
 *
 * @param replicas by their numbers
 * @param averaging by partition; none where no replica had examples
 */
record RoundOutcome(List<ReplicaStatistics> replicas, List<AveragingReport> averaging) {

    /** @param records what is no vector's, in the order of the partitions */
    static RoundOutcome of(List<Slice> records) {
        return new RoundOutcome(
                records.stream()
                        .filter(record -> !AveragingReport.isIn(record))
                        .map(ReplicaStatistics::of)
                        .sorted(Comparator.comparingInt(ReplicaStatistics::replica))
                        .toList(),
                records.stream()
                        .filter(AveragingReport::isIn)
                        .map(AveragingReport::of)
                        .toList());
    }

    /** The replicas' variance; 0 where it is not measured. */
    double variance() {
        return averaging.stream().mapToDouble(AveragingReport::variance).reduce(0, Double::sum);
    }

    /** @throws DivergedException when a replica or the next parameters have left the finite numbers */
    void requireFinite(int round) {
        replicas.stream().filter(this::hasDiverged).findFirst().ifPresent(s -> {
            throw new DivergedException("Training diverged in round " + round + ": replica " + s.replica() + " on "
                    + s.host() + " has a loss or parameters that are not finite numbers (loss "
                    + (s.lossSum() / s.examples()) + ").");
        });
        if (!averaging.stream().allMatch(AveragingReport::finite)) {
            throw new DivergedException("Training diverged in round " + round
                    + ": the outer optimizer (training.outer) has made parameters that are not finite numbers.");
        }
    }

    private boolean hasDiverged(ReplicaStatistics replica) {
        return !Double.isFinite(replica.lossSum())
                || averaging.stream().anyMatch(report -> report.diverged() == replica.replica());
    }
}
