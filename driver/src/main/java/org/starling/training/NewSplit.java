package org.starling.training;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.starling.kernels.average.WeightedMean;
import org.starling.model.Slice;
import scala.Tuple2;

/**
 * The state of a run that goes on with another number of replicas R: slice s moves to partition s mod R. What is the same for all stays as it
 * is; of what each of the former replicas kept for itself there is no one-to-one heir, so every new replica begins with its mean, the former
 * replicas weighing alike. Letting it go instead would start Adam at zero moments long after its bias correction has ended.
 */
final class NewSplit {
    private NewSplit() {}

    /** Brings together what belongs to one slice of one vector. */
    static JavaPairRDD<Integer, Slice> deal(JavaRDD<Slice> slices, int replicas) {
        return slices.mapToPair(slice -> new Tuple2<>(slice.index() % replicas, slice))
                .partitionBy(new HashPartitioner(replicas));
    }

    /** The state, in the order of vectors and slices that a checkpoint has. */
    static JavaRDD<Slice> merge(JavaPairRDD<Integer, Slice> dealt) {
        return dealt.values().mapPartitions(NewSplit::merge, true);
    }

    private static Iterator<Slice> merge(Iterator<Slice> dealt) {
        Map<Integer, Map<Integer, List<Slice>>> byVector = new TreeMap<>();
        dealt.forEachRemaining(slice -> byVector.computeIfAbsent(slice.vector(), vector -> new TreeMap<>())
                .computeIfAbsent(slice.index(), index -> new ArrayList<>())
                .add(slice));
        return byVector.values().stream()
                .flatMap(vector -> vector.values().stream())
                .map(NewSplit::mean)
                .iterator();
    }

    private static Slice mean(List<Slice> slices) {
        Slice first = slices.get(0);
        if (first.replica() == Slice.SHARED) {
            return first;
        }
        // Arrival order is the network's; the bits are not.
        slices.sort(Comparator.comparingInt(Slice::replica));
        long[] alike = new long[slices.size()];
        Arrays.fill(alike, 1);
        Slice mean = Slice.zero(first.vector(), first.index(), Slice.SHARED, first.length());
        new WeightedMean(alike).of(slices.stream().map(Slice::values).toArray(FloatBuffer[]::new), mean.values());
        return mean;
    }
}
