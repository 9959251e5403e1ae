package org.starling.kernels;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Shows the JVM's compilers operators of every kind before kernels run.
 *
 * <p>All operations of the Vector API pass through a few small methods. When one of these is compiled while it has only been called for one kind of
 * operator, C2 takes that for granted, is wrong at the next kind, and gives up the compiled code some times. Each time stays in the method's record; a
 * kernel sums the records of all that it inlines, and with 28 operations reaches the limit (PerMethodTrapLimit, 100) from which C2 no longer trusts
 * the types of what it inlines. Its last operations are then calls on objects, and a multiplication is four to several hundred times slower for the
 * life of the JVM: one start in some twenty.
 */
final class OperatorProfile {
    /** Enough for a record to be kept and to be read, a tenth of a second. */
    private static final int TIMES = 2000;

    /** What is computed, so that it is. */
    private static volatile FloatVector result;

    private static volatile IntVector integerResult;

    private static volatile FloatVector convertedResult;

    private OperatorProfile() {}

    /** Uses every operator that kernels use, in turn. */
    static void mix(VectorSpecies<Float> species, VectorSpecies<Integer> integers) {
        FloatVector a = FloatVector.broadcast(species, 1);
        FloatVector b = FloatVector.broadcast(species, 0.5f);
        FloatVector c = FloatVector.zero(species);
        IntVector m = IntVector.broadcast(integers, 3);
        IntVector n = m;
        for (int i = 0; i < TIMES; i++) {
            c = a.fma(b, c).add(a).mul(b).sub(b).min(a).max(b).div(a).sqrt();
            c = c.blend(a, c.compare(VectorOperators.GT, b)).blend(b, c.compare(VectorOperators.EQ, a));
            n = n.add(m).mul(m).sub(n).min(m).max(1).lanewise(VectorOperators.LSHL, 3);
            n = n.lanewise(VectorOperators.ASHR, 1)
                    .and(0xFF)
                    .lanewise(VectorOperators.OR, m)
                    .lanewise(VectorOperators.LSHR, 1);
        }
        result = c;
        integerResult = n;
        if (species.length() >= ByteVector.SPECIES_64.length()) {
            mixConversions(species);
        }
    }

    private static void mixConversions(VectorSpecies<Float> species) {
        VectorSpecies<Byte> bytes =
                VectorShape.forBitSize(species.length() * Byte.SIZE).withLanes(byte.class);
        FloatVector c = FloatVector.zero(species);
        for (int i = 0; i < TIMES; i++) {
            c = ((FloatVector) ByteVector.broadcast(bytes, (byte) i)
                            .lanewise(VectorOperators.XOR, (byte) 1)
                            .convertShape(VectorOperators.B2F, species, 0))
                    .add(c.neg());
        }
        convertedResult = c;
    }
}
