package org.starling.model;

import java.io.Serializable;

/**
 * How flat vectors are cut into slices of one size, a function of the vector's length alone, and dealt to partitions: slice s lies in
 * partition s mod R.
 *
 * @param length elements of a vector
 * @param sliceLength elements of a slice; the last may be shorter
 */
public record SlicePlan(long length, int sliceLength) implements Serializable {
    /** 4 MB of floats: large enough that a shuffle block is not mostly overhead, small enough to keep many in flight. */
    private static final int LARGEST = 1 << 20;

    private static final int SMALLEST = 1 << 12;

    /** Elements from which a slice's array is so large that the heap gives it regions of its own, whose sizes are powers of two. */
    private static final int WHOLE_REGIONS = 1 << 16;

    /** Left out of those, so that the headers of slice and array need no further region. */
    private static final int HEADERS = 16;

    /** About 64 slices a vector for small networks, so that every replica averages a share; 4 MB slices for large ones. */
    public static SlicePlan of(long length) {
        long wanted = Math.max(1, length / 64);
        int rounded = Math.max(SMALLEST, (int) Long.highestOneBit(Math.min(wanted, LARGEST)));
        return new SlicePlan(length, rounded < WHOLE_REGIONS ? rounded : rounded - HEADERS);
    }

    public int slices() {
        return (int) ((length + sliceLength - 1) / sliceLength);
    }

    public long offset(int slice) {
        return (long) slice * sliceLength;
    }

    public int lengthOf(int slice) {
        return (int) Math.min(sliceLength, length - offset(slice));
    }
}
