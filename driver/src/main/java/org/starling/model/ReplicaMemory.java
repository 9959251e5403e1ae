package org.starling.model;

import java.util.List;
import org.starling.kernels.conv.ConvolutionScratch;
import org.starling.kernels.dense.Dense;

/**
 * What a replica needs in training: parameters and gradient outside the heap, two arrays of optimizer state and one copy of the
 * parameters at most inside it; for each image the activations, their gradients and DL4J's copies of both, and the scratch of the
 * layer that needs most.
 */
final class ReplicaMemory {
    /** Parameters, gradient, two arrays of optimizer state, one copy. */
    private static final int COPIES_OF_PARAMETERS = 5;

    /** Value, gradient, and a copy of each that DL4J makes where axes are exchanged or an operation must not overwrite. */
    private static final int COPIES_OF_ACTIVATIONS = 4;

    /** Allocations that are not arrays of the network: ND4J's own, minibatches that wait. */
    private static final long FIXED = 64L << 20;

    private ReplicaMemory() {}

    /** Whether the first layer is one of Starling's that takes a minibatch where it lies, as {@link org.starling.layers.NetworkInput} has it. */
    static boolean readsInPlace(ImageShape input, SequentialLayer first) {
        boolean supported = !(first instanceof WithActivation layer)
                || layer.activation() == ActivationFunction.LINEAR
                || layer.activation() == ActivationFunction.RELU;
        return input.format() == DataFormat.CHANNELS_LAST && first.keptPerImage() > 0 && supported;
    }

    /**
     * Heap that Starling's kernels use: a copy of the images where they are not read in place, what layers keep, the two arrays between which
     * gradients go back, and the scratch of convolution and dense layers.
     *
     * @param threads that compute for the replica, each with tiles of its own
     */
    static long kernelBytes(ImageShape input, List<SequentialLayer> layers, int batch, int threads) {
        long values = readsInPlace(input, layers.get(0)) ? 0 : input.length();
        long largest = 0;
        for (SequentialLayer layer : layers) {
            values += layer.keptPerImage();
            largest = Math.max(largest, layer.output().length());
        }
        return scratchBytes(layers, batch, threads) + Float.BYTES * batch * (values + 2 * largest);
    }

    private static long scratchBytes(List<SequentialLayer> layers, int batch, int threads) {
        ConvolutionScratch convolutions = new ConvolutionScratch();
        long dense = 0;
        for (SequentialLayer layer : layers) {
            boolean first = layer == layers.get(0);
            layer.convolution(batch).ifPresent(shape -> convolutions.add(shape, !first));
            dense = Math.max(
                    dense,
                    layer.product(batch)
                            .map(shape -> Dense.scratchBytes(shape, threads))
                            .orElse(0L));
        }
        return convolutions.bytes(threads) + dense;
    }

    /**
     * Heap and off-heap of a replica on Starling's kernels, trained with momentum: parameters and gradient outside the heap, the optimizer's
     * state inside it; the images as they come, and as DL4J hands them on where they are not read in place; what the kernels use.
     */
    static long trainingBytes(long parameters, ImageShape input, List<SequentialLayer> layers, int batch, int threads) {
        long copies = readsInPlace(input, layers.get(0)) ? 1 : 2;
        return FIXED
                + Float.BYTES * (3 * parameters + copies * batch * input.length())
                + kernelBytes(input, layers, batch, threads);
    }

    /** Outside the heap, and the optimizer's state, on DL4J's own kernels: more than Starling's need. */
    static long bytes(long parameters, ImageShape input, List<SequentialLayer> layers, int batch) {
        long values = (long) COPIES_OF_ACTIVATIONS * input.length();
        long scratch = 0;
        for (SequentialLayer layer : layers) {
            values += COPIES_OF_ACTIVATIONS * layer.output().length();
            scratch = Math.max(
                    scratch, layer.scratchPerImage() + 3 * layer.output().length());
        }
        return FIXED + Float.BYTES * (COPIES_OF_PARAMETERS * parameters + batch * (values + scratch));
    }
}
