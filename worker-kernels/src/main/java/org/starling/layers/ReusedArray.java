package org.starling.layers;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.kernels.ComputeTeam;

/** An array outside the heap that is filled anew for each use: the garbage collector, which would free it, does not feel its weight. */
public final class ReusedArray implements AutoCloseable {
    private final ComputeTeam team;
    private INDArray array;

    /** @param team that copies */
    public ReusedArray(ComputeTeam team) {
        this.team = team;
    }

    /**
     * The array with other values; the one that was given before is it, or is freed.
     *
     * @param values as many as the shape has, in c order; there may be more
     */
    public INDArray filled(float[] values, long... shape) {
        if (array == null || !Arrays.equals(array.shape(), shape)) {
            close();
            array = Nd4j.createUninitialized(shape, 'c');
        }
        BufferCopy.put(values, array.data().asNioFloat(), Math.toIntExact(array.length()), team);
        return array;
    }

    @Override
    public void close() {
        if (array != null) {
            array.close();
            array = null;
        }
    }
}
