package org.starling.training;

import java.util.Arrays;
import org.starling.averaging.ChangeFormat;
import org.starling.model.Slice;

/**
 * One replica's change of the parameters in one round, as it is sent: slice by slice in a {@link ChangeFormat}, with error feedback (Seide et al. 2014,
 * "1-bit SGD"; Karimireddy et al. 2019). What a slice loses in its format is the residual, which is added to the replica's next change.
 */
final class EncodedChanges {
    private final ChangeFormat format;
    private final int vector;
    private final float[][] start;
    private final float[][] residual;

    /**
     * @param vector number of the residual
     * @param slices of a vector
     */
    EncodedChanges(ChangeFormat format, int vector, int slices) {
        this.format = format;
        this.vector = vector;
        this.start = new float[slices][];
        this.residual = new float[slices][];
    }

    /** Takes a slice that was gathered. */
    void load(Slice slice) {
        if (slice.vector() == Slice.PARAMETERS) {
            start[slice.index()] = slice.toFloats();
        } else if (slice.vector() == vector) {
            residual[slice.index()] = slice.toFloats();
        }
    }

    /** The change to {@code trained} and the residual before it, encoded; what that loses is the next residual. */
    Slice encode(Slice trained) {
        int index = trained.index();
        float[] change = trained.toFloats();
        float[] before = start[index];
        float[] last = residual(index, change.length);
        for (int i = 0; i < change.length; i++) {
            change[i] = change[i] - before[i] + last[i];
        }
        byte[] content = format.encode(change);
        float[] sent = format.decode(content);
        for (int i = 0; i < change.length; i++) {
            last[i] = change[i] - sent[i];
        }
        start[index] = null;
        return Slice.ofBytes(Slice.PARAMETERS, index, trained.replica(), content);
    }

    private float[] residual(int index, int length) {
        if (residual[index] == null) {
            residual[index] = new float[length];
        }
        return residual[index];
    }

    /** A slice of the residual, as the replica keeps it. */
    Slice residual(int index, int replica, int length) {
        float[] values = residual(index, length);
        return Slice.of(vector, index, replica, Arrays.copyOf(values, length), length);
    }
}
