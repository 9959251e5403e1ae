package org.starling.kernels;

import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The width of this JVM's vector kernels, fixed when the first is loaded. Only vector kernels may touch this class. */
public final class VectorWidth {
    /** A constant, as the compiler needs it to be. */
    public static final VectorSpecies<Float> SPECIES = choose();

    private VectorWidth() {}

    private static VectorSpecies<Float> choose() {
        VectorSpecies<Float> species = VectorShape.forBitSize(
                        Integer.getInteger(KernelProvider.BITS_PROPERTY, WidestVector.BITS))
                .withLanes(float.class);
        OperatorProfile.mix(species);
        return species;
    }
}
