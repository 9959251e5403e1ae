package org.starling.averaging;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.starling.averaging.OuterStep.Span;
import org.starling.kernels.average.FiniteNumbers;
import org.starling.model.Slice;

/** One partition in one round's {@link OuterStep}: what it held of the parameters before, and the vectors that it keeps for itself. */
final class AveragingPartition {
    private final OuterStep step;
    private final AveragingReport.Draft report;
    private final Map<Integer, Slice> parameters = new HashMap<>();
    private final Map<Integer, Slice> lastMomentum = new HashMap<>();
    private final Map<Integer, Slice> lastAverage = new HashMap<>();
    private final TreeMap<Integer, Slice> momentum = new TreeMap<>();
    private final TreeMap<Integer, Slice> average = new TreeMap<>();

    /** @param state the partition as the last round left it */
    AveragingPartition(OuterStep step, Iterator<byte[]> state, AveragingReport.Draft report) {
        this.step = step;
        this.report = report;
        while (state.hasNext()) {
            Slice slice = new Slice(state.next());
            if (slice.vector() == Slice.PARAMETERS) {
                parameters.put(slice.index(), slice);
            } else if (slice.vector() == step.momentumVector()) {
                lastMomentum.put(slice.index(), slice);
            } else if (step.average() != null
                    && slice.vector() == step.average().vector()) {
                lastAverage.put(slice.index(), slice);
            }
        }
    }

    /** The contributions to a slice of the parameters as numbers. */
    Slice[] decoded(Slice[] contributions) {
        if (step.format() == null) {
            return contributions;
        }
        return Stream.of(contributions)
                .map(encoded -> encoded == null ? null : step.format().decode(encoded))
                .toArray(Slice[]::new);
    }

    /**
     * The next parameters of a slice.
     *
     * @param mean of the contributions: of changes, where a format says so
     */
    Slice next(Slice mean) {
        int index = mean.index();
        Slice before = parameters.remove(index);
        if (before == null || before.length() != mean.length()) {
            throw new IllegalStateException(
                    "slice " + index + " of the parameters is not in the partition that averages it");
        }
        float[] x = before.toFloats();
        float[] m = mean.toFloats();
        if (step.format() != null) {
            for (int i = 0; i < m.length; i++) {
                m[i] += x[i];
            }
        }
        if (step.optimizer() == null) {
            x = m;
        } else {
            optimize(index, x, m);
        }
        report.finite(FiniteNumbers.all(x, x.length));
        if (step.average() != null) {
            float[] a = lastAverage.getOrDefault(index, before).toFloats();
            lastAverage.remove(index);
            step.average().add(x, a);
            average.put(index, Slice.of(step.average().vector(), index, Slice.SHARED, a, a.length));
        }
        return Slice.of(Slice.PARAMETERS, index, Slice.SHARED, x, x.length);
    }

    private void optimize(int index, float[] x, float[] mean) {
        Slice last = lastMomentum.remove(index);
        float[] u = last == null ? new float[x.length] : last.toFloats();
        step.optimizer().step(x, mean, u);
        long first = step.slices().offset(index);
        for (Span span : step.statistics()) {
            int from = (int) Math.max(0, span.offset() - first);
            int to = (int) Math.min(x.length, span.offset() + span.length() - first);
            if (from < to) {
                System.arraycopy(mean, from, x, from, to - from);
                Arrays.fill(u, from, to, 0);
            }
        }
        report.finite(FiniteNumbers.all(u, u.length));
        momentum.put(index, Slice.of(step.momentumVector(), index, Slice.SHARED, u, u.length));
    }

    /**
     * Adds a slice's part of the replicas' variance, {@code sum_r n_r |x_r - mean|^2 / sum_r n_r}, replica by replica and element by element in
     * double: the same sum wherever it is computed.
     *
     * @param contributions by replica; null where the weight is 0
     */
    void measure(Slice mean, Slice[] contributions, long[] weights) {
        if (!step.measuresVariance()) {
            return;
        }
        float[] m = mean.toFloats();
        double sum = 0;
        long total = 0;
        for (int r = 0; r < weights.length; r++) {
            if (contributions[r] != null) {
                sum += weights[r] * squaredDistance(contributions[r].toFloats(), m);
                total += weights[r];
            }
        }
        report.addVariance(sum / total);
    }

    private static double squaredDistance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }

    /** What it keeps for the next round, when every mean has been taken. */
    Stream<Slice> kept() {
        return Stream.concat(momentum.values().stream(), average.values().stream());
    }
}
