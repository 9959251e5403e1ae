package org.starling.kernels;

import jdk.incubator.vector.FloatVector;

/** The width that this machine computes with in one instruction. Only vector kernels may touch this class. */
final class WidestVector {
    static final int BITS = FloatVector.SPECIES_PREFERRED.vectorBitSize();

    private WidestVector() {}
}
