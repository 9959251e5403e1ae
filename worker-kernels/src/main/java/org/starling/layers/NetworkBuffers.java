package org.starling.layers;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.kernels.ScratchArray;

/**
 * Arrays that the layers of a network share, as they compute one after the other. Activations in inference and gradients in training go back and
 * forth between two each: a layer reads one and writes the other. Every array grows to the largest that was asked for.
 */
final class NetworkBuffers {
    private final float[][] pair = new float[2][0];
    private float[] layout = new float[0];
    private float[] parameters = new float[0];

    /**
     * One of the two arrays between which a layer computes: activations in inference, gradients in training.
     *
     * @param side of the two, by its last bit
     */
    float[] side(int side, int length) {
        pair[side & 1] = ScratchArray.atLeast(pair[side & 1], length);
        return pair[side & 1];
    }

    /** For changes of layout; never held across calls. */
    float[] layout(int length) {
        layout = ScratchArray.atLeast(layout, length);
        return layout;
    }

    /** For a layer's kernels or their gradient; never held across calls. */
    float[] parameters(int length) {
        parameters = ScratchArray.atLeast(parameters, length);
        return parameters;
    }

    /** A copy of a parameter array, in its own order; never held across calls. */
    float[] parameters(INDArray array) {
        float[] values = parameters((int) array.length());
        values(array).get(0, values, 0, (int) array.length());
        return values;
    }

    /** The values of a parameter array or its gradient, in its own order from index 0. */
    static FloatBuffer values(INDArray array) {
        return array.data().asNioFloat().slice();
    }
}
