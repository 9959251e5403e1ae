package org.starling.kernels;

import jdk.incubator.vector.FloatVector;

/**
 * The width that this machine computes with in one instruction, or 512 bits where it has more, as SVE may: rows are padded to 16 floats.
 * Only vector kernels may touch this class.
 */
final class WidestVector {
    static final int BITS = Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize());

    private WidestVector() {}
}
