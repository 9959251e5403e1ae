package org.starling.kernels.normalization;

import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/**
 * Normalization on the Vector API, of 256 bits at least; what does not fill a vector is left to {@link ScalarNormalization}. It has no vectors of integers and no
 * narrower ones of floats: a second width of either makes C2 give up what other kernels were compiled to.
 */
final class VectorNormalization implements NormalizationKernel {
    private static final VectorSpecies<Float> FLOATS = VectorWidth.SPECIES;
    private static final VectorSpecies<Byte> BYTES =
            VectorShape.forBitSize(FLOATS.length() * Byte.SIZE).withLanes(byte.class);
    private static final int LANES = FLOATS.length();
    /** After three vectors the channels are at the same lanes again. */
    private static final int LAST_PHASE = 2 * LANES;

    /** The JDK converts signed bytes: of x with its highest bit turned over, x is this more. */
    private static final float OFFSET = 128;

    private static final byte HIGHEST_BIT = (byte) 0x80;

    @Override
    public void normalize(int n, byte[] x, int xo, ChannelStatistics statistics, float[] y, int yo) {
        int whole = statistics.computable ? FLOATS.loopBound(n) : 0;
        int phase = 0;
        for (int i = 0; i < whole; i += LANES) {
            FloatVector factor = FloatVector.fromArray(FLOATS, statistics.factor, phase);
            FloatVector above = ((FloatVector) ByteVector.fromArray(BYTES, x, xo + i)
                            .lanewise(XOR, HIGHEST_BIT)
                            .convertShape(B2F, FLOATS, 0))
                    .add(OFFSET)
                    .sub(FloatVector.fromArray(FLOATS, statistics.mean, phase));
            FloatVector product = above.mul(factor);
            FloatVector rest = above.fma(factor, product.neg());
            rest = above.fma(FloatVector.fromArray(FLOATS, statistics.factorRest, phase), rest);
            rest = FloatVector.fromArray(FLOATS, statistics.meanRest, phase)
                    .neg()
                    .fma(factor, rest);
            product.add(rest).intoArray(y, yo + i);
            phase = phase == LAST_PHASE ? 0 : phase + LANES;
        }
        ScalarNormalization.normalize(whole, n, x, xo, statistics, y, yo);
    }

    @Override
    public void scale(int n, byte[] x, int xo, float[] factor, float[] constant, float[] y, int yo) {
        int whole = FLOATS.loopBound(n);
        int phase = 0;
        for (int i = 0; i < whole; i += LANES) {
            ((FloatVector) ByteVector.fromArray(BYTES, x, xo + i)
                            .lanewise(XOR, HIGHEST_BIT)
                            .convertShape(B2F, FLOATS, 0))
                    .add(OFFSET)
                    .mul(FloatVector.fromArray(FLOATS, factor, phase))
                    .add(FloatVector.fromArray(FLOATS, constant, phase))
                    .intoArray(y, yo + i);
            phase = phase == LAST_PHASE ? 0 : phase + LANES;
        }
        ScalarNormalization.scale(whole, n, x, xo, factor, constant, y, yo);
    }
}
