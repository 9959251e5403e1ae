package org.starling.layers;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.kernels.ComputeTeam;

/**
 * Gives a network minibatches that lie in Java's arrays. A first layer of Starling's that takes images as {@code [N, H, W, C]}, or vectors, reads them where
 * they lie; others get them in an array outside the heap, as all of DL4J's. Not thread-safe.
 */
public final class NetworkInput implements AutoCloseable {
    private final LayerLink first;
    private final ReusedArray copy;

    /**
     * For a network of DL4J's own layers.
     *
     * @param team that copies
     */
    public NetworkInput(ComputeTeam team) {
        this(null, team);
    }

    /** @param first layer, which reads values where they are; null where none does */
    NetworkInput(LayerLink first, ComputeTeam team) {
        this.first = first;
        this.copy = new ReusedArray(team);
    }

    /**
     * What the network is to be given for a minibatch; the one that was given before is no longer used.
     *
     * @param values as many as the shape has, in c order; there may be more. They stay as they are until the network's passes over them
     *     have ended, backward too
     * @param shape {@code [N, ...]}
     * @return an array for one pass of inference or one step of this network. Where the first layer reads {@code values}, its own are NaN, and mean
     *     nothing
     */
    public INDArray of(float[] values, long... shape) {
        return first == null ? copy.filled(values, shape) : first.give(values, shape);
    }

    /** Lets go of the values, and frees what is outside the heap. */
    @Override
    public void close() {
        if (first != null) {
            first.forget();
        }
        copy.close();
    }
}
