package org.starling.checkpoint;

import java.util.Iterator;
import org.starling.InputException;
import org.starling.model.Slice;
import org.starling.model.SlicePlan;

/** The slices of a part, each held against the place that the manifest gives it: a checksum does not say that a number is one that can be used. */
final class PlacedSlices implements Iterator<Slice> {
    private final Iterator<Slice> slices;
    private final String path;
    private final SlicePlan plan;
    private final int partition;
    private final int partitions;
    private int parameters;

    /**
     * @param slices of the part at {@code path}
     * @param plan of all vectors
     */
    PlacedSlices(Iterator<Slice> slices, String path, SlicePlan plan, int partition, int partitions) {
        this.slices = slices;
        this.path = path;
        this.plan = plan;
        this.partition = partition;
        this.partitions = partitions;
    }

    @Override
    public boolean hasNext() {
        boolean more = slices.hasNext();
        if (!more && parameters != expected()) {
            throw damaged(
                    "it holds %,d slices of the parameters, where there are %,d".formatted(parameters, expected()));
        }
        return more;
    }

    /** Slice s of what is the same for all lies in partition s mod R. */
    private int expected() {
        return Math.max(0, (plan.slices() - partition + partitions - 1) / partitions);
    }

    @Override
    public Slice next() {
        Slice slice = slices.next();
        boolean known = slice.vector() >= 0 && slice.index() >= 0 && slice.index() < plan.slices();
        boolean shared = slice.replica() == Slice.SHARED;
        boolean here = shared ? slice.index() % partitions == partition : slice.replica() == partition;
        if (!known || !here) {
            throw damaged("it holds slice %d of vector %d of replica %d, which is not of this part"
                    .formatted(slice.index(), slice.vector(), slice.replica()));
        }
        int bytes = slice.bytes().length - Slice.HEADER;
        if (bytes != Float.BYTES * plan.lengthOf(slice.index())) {
            throw damaged("slice %d has %,d bytes, where %,d values belong"
                    .formatted(slice.index(), bytes, plan.lengthOf(slice.index())));
        }
        if (slice.vector() == Slice.PARAMETERS) {
            parameters++;
        }
        return slice;
    }

    private InputException damaged(String defect) {
        return new InputException(
                "The checkpoint part %s is damaged: %s. Take its checkpoint away, and the run goes on from the one before it."
                        .formatted(path, defect));
    }
}
