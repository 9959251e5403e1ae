package org.starling.kernels;

import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The width of this JVM's vector kernels, fixed when the first is loaded. Only vector kernels may touch this class. */
public final class VectorWidth {
    /** A constant, as the compiler needs it to be. */
    public static final VectorSpecies<Float> SPECIES = choose();

    /** Integers in vectors of this width, but of at most eight. */
    public static final VectorSpecies<Integer> INTEGERS = VectorShape.forBitSize(
                    Math.min(8 * Integer.SIZE, SPECIES.vectorBitSize()))
            .withLanes(int.class);

    static {
        OperatorProfile.mix(SPECIES, INTEGERS);
    }

    private VectorWidth() {}

    private static VectorSpecies<Float> choose() {
        return VectorShape.forBitSize(Integer.getInteger(KernelProvider.BITS_PROPERTY, WidestVector.BITS))
                .withLanes(float.class);
    }
}
