package org.starling.averaging;

import java.io.Serializable;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.starling.kernels.average.FiniteNumbers;
import org.starling.kernels.average.WeightedMean;
import org.starling.model.Slice;
import scala.Product2;
import scala.Tuple2;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * The exchange and average of one round. Contributions to slice s of an averaged vector meet in partition s mod R and are combined there;
 * everything else (slices of vectors that each replica keeps for itself, records with a negative vector number) goes to its replica's
 * partition and through unchanged.
 */
public final class SliceAveraging implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final ClassTag<Integer> KEY = ClassTag$.MODULE$.apply(Integer.class);
    private static final ClassTag<Contribution> CONTRIBUTION = ClassTag$.MODULE$.apply(Contribution.class);
    private static final Comparator<Slice> BY_NAME = Comparator.comparing((Slice slice) -> slice.vector() < 0)
            .thenComparingInt(Slice::vector)
            .thenComparingInt(Slice::index);

    private final int averagedVectors;
    private final long[] weights;

    /**
     * @param averagedVectors vectors with numbers below this are averaged
     * @param weights of the replicas' contributions; a replica of weight 0 contributes nothing to averaged vectors
     */
    public SliceAveraging(int averagedVectors, long[] weights) {
        this.averagedVectors = averagedVectors;
        this.weights = weights.clone();
    }

    private boolean averaged(int vector) {
        return vector >= 0 && vector < averagedVectors;
    }

    /**
     * Brings contributions together by partition.
     *
     * @param contributions partition r holds replica r's
     * @return a shuffle whose files are the caller's to remove
     */
    public RDD<Tuple2<Integer, byte[]>> exchange(JavaRDD<Contribution> contributions) {
        RDD<? extends Product2<Integer, Contribution>> keyed = contributions
                .map(contribution -> new Tuple2<>(destination(contribution), contribution))
                .rdd();
        return new ShuffledRDD<Integer, Contribution, byte[]>(
                        keyed, new HashPartitioner(weights.length), KEY, CONTRIBUTION, SliceRDD.BYTES)
                .setSerializer(new SliceSerializer());
    }

    private int destination(Contribution contribution) {
        return averaged(contribution.vector()) ? contribution.index() % weights.length : contribution.replica();
    }

    /**
     * What partition j becomes: its averaged slices and its {@link AveragingReport}, then replica j's own slices in (vector, index) order, then
     * other records. Arrival order is the network's; the order of what is cached and written is ours.
     */
    public Iterator<byte[]> average(Iterator<byte[]> contributions) {
        AveragingReport.Draft report = new AveragingReport.Draft();
        Received received = receive(contributions, report);
        return partition(means(received, null, report), report, received);
    }

    /**
     * The same with a step from the last parameters to the next; the vectors that only this partition reads come after the averaged ones. Where
     * all weights are 0 nothing changes.
     *
     * @param state partition j as the last round left it
     */
    public Iterator<byte[]> average(Iterator<byte[]> contributions, Iterator<byte[]> state, OuterStep step) {
        AveragingReport.Draft report = new AveragingReport.Draft();
        Received received = receive(contributions, report);
        if (Arrays.stream(weights).allMatch(weight -> weight == 0)) {
            return unchanged(received, state);
        }
        AveragingPartition partition = new AveragingPartition(step, state, report);
        Stream<Slice> next = means(received, partition, report)
                .map(mean -> mean.vector() == Slice.PARAMETERS ? partition.next(mean) : mean);
        return partition(Stream.concat(next, Stream.of(partition).flatMap(AveragingPartition::kept)), report, received);
    }

    private static Iterator<byte[]> partition(Stream<Slice> shared, AveragingReport.Draft report, Received received) {
        // Finished when the others have been taken.
        Stream<Slice> finished = Stream.of(report).map(draft -> draft.finished().toSlice());
        return Stream.concat(Stream.concat(shared, finished), received.own().stream())
                .map(Slice::bytes)
                .iterator();
    }

    private static Iterator<byte[]> unchanged(Received received, Iterator<byte[]> state) {
        List<Slice> slices = new ArrayList<>();
        state.forEachRemaining(bytes -> slices.add(new Slice(bytes)));
        slices.removeIf(slice -> slice.vector() < 0 || slice.replica() != Slice.SHARED);
        slices.addAll(received.own());
        return slices.stream().map(Slice::bytes).iterator();
    }

    /**
     * @param shared contributions to averaged slices, by replica
     * @param own everything else, sorted
     */
    private record Received(TreeMap<SliceName, Slice[]> shared, List<Slice> own) {}

    private Received receive(Iterator<byte[]> contributions, AveragingReport.Draft report) {
        TreeMap<SliceName, Slice[]> shared = new TreeMap<>();
        List<Slice> own = new ArrayList<>();
        while (contributions.hasNext()) {
            Slice slice = new Slice(contributions.next());
            if (averaged(slice.vector())) {
                SliceName name = new SliceName(slice.vector(), slice.index());
                shared.computeIfAbsent(name, key -> new Slice[weights.length])[slice.replica()] = slice;
            } else {
                own.add(slice);
                if (slice.vector() >= 0 && !FiniteNumbers.all(slice.values())) {
                    report.diverged(slice.replica());
                }
            }
        }
        own.sort(BY_NAME);
        return new Received(shared, own);
    }

    /**
     * Contributions are let go one by one: together with the result they would be the largest thing in memory.
     *
     * @param partition reads the parameters' contributions; null where they are read as they are
     */
    private Stream<Slice> means(Received received, AveragingPartition partition, AveragingReport.Draft report) {
        WeightedMean mean = new WeightedMean(weights);
        return IntStream.range(0, received.shared().size())
                .mapToObj(i -> received.shared().pollFirstEntry())
                .map(entry -> {
                    SliceName name = entry.getKey();
                    if (partition == null || name.vector() != Slice.PARAMETERS) {
                        return combine(name, entry.getValue(), mean, report);
                    }
                    Slice[] contributions = partition.decoded(entry.getValue());
                    Slice combined = combine(name, contributions, mean, report);
                    partition.measure(combined, contributions, weights);
                    return combined;
                });
    }

    private Slice combine(SliceName name, Slice[] contributions, WeightedMean mean, AveragingReport.Draft report) {
        FloatBuffer[] vectors = new FloatBuffer[weights.length];
        int length = 0;
        for (int r = 0; r < weights.length; r++) {
            if ((contributions[r] == null) != (weights[r] == 0)) {
                throw new IllegalStateException("slice " + name + " of replica " + r + " is "
                        + (contributions[r] == null ? "missing" : "not expected"));
            }
            if (contributions[r] != null) {
                vectors[r] = contributions[r].values();
                length = contributions[r].length();
            }
        }
        Slice result = Slice.zero(name.vector(), name.index(), Slice.SHARED, length);
        if (!mean.of(vectors, result.values())) {
            report.finite(false);
            IntStream.range(0, vectors.length)
                    .filter(r -> vectors[r] != null && !FiniteNumbers.all(vectors[r]))
                    .forEach(report::diverged);
        }
        return result;
    }

    private record SliceName(int vector, int index) implements Comparable<SliceName> {
        @Override
        public int compareTo(SliceName other) {
            int byVector = Integer.compare(vector, other.vector);
            return byVector != 0 ? byVector : Integer.compare(index, other.index);
        }
    }
}
