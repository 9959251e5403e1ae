package org.starling.model;

import java.util.List;

/**
 * What a replica needs in training: parameters and gradient, two arrays of optimizer state, one copy in heap while rounds begin
 * and end; for each image the activations with their gradients, and the scratch of the layer that needs most.
 */
final class ReplicaMemory {
    /** Parameters, gradient, two arrays of optimizer state, one copy. */
    private static final int COPIES_OF_PARAMETERS = 5;

    /** What ND4J's native code and the JVM hold beside arrays. */
    private static final long FIXED = 256L << 20;

    private ReplicaMemory() {}

    static long bytes(long parameters, ImageShape input, List<SequentialLayer> layers, int batch) {
        long values = 2L * input.length();
        long scratch = 0;
        for (SequentialLayer layer : layers) {
            values += 2 * layer.output().length();
            scratch = Math.max(
                    scratch, layer.scratchPerImage() + 3 * layer.output().length());
        }
        return FIXED + Float.BYTES * (COPIES_OF_PARAMETERS * parameters + batch * (values + scratch));
    }
}
