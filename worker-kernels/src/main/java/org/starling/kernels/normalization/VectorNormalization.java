package org.starling.kernels.normalization;

import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.I2D;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/** Normalization on the Vector API, four or eight doubles at a time; what does not fill three vectors is left to {@link ScalarNormalization}. */
final class VectorNormalization implements NormalizationKernel {
    private static final VectorSpecies<Double> DOUBLES = VectorWidth.DOUBLES;
    private static final int LANES = DOUBLES.length();
    /** As many integers, and floats, as doubles: half as wide. */
    private static final VectorShape HALF = VectorShape.forBitSize(LANES * Integer.SIZE);

    private static final VectorSpecies<Integer> INTEGERS = HALF.withLanes(int.class);
    private static final VectorSpecies<Float> FLOATS = HALF.withLanes(float.class);
    /** The first {@code LANES} of which are taken. */
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_64;

    /** Values in three vectors, after which the channels are at the same lanes again. */
    private static final int STEP = 3 * LANES;

    @Override
    public void normalize(int n, byte[] x, int xo, double[] mean, double[] factor, float[] y, int yo) {
        DoubleVector mean0 = DoubleVector.fromArray(DOUBLES, mean, 0);
        DoubleVector mean1 = DoubleVector.fromArray(DOUBLES, mean, LANES);
        DoubleVector mean2 = DoubleVector.fromArray(DOUBLES, mean, 2 * LANES);
        DoubleVector factor0 = DoubleVector.fromArray(DOUBLES, factor, 0);
        DoubleVector factor1 = DoubleVector.fromArray(DOUBLES, factor, LANES);
        DoubleVector factor2 = DoubleVector.fromArray(DOUBLES, factor, 2 * LANES);
        // Eight bytes are read, whatever LANES is.
        int end = Math.min(n, x.length - xo - BYTES.length() + LANES);
        int i = 0;
        for (; i + STEP <= end; i += STEP) {
            store(x, xo + i, mean0, factor0, y, yo + i);
            store(x, xo + i + LANES, mean1, factor1, y, yo + i + LANES);
            store(x, xo + i + 2 * LANES, mean2, factor2, y, yo + i + 2 * LANES);
        }
        ScalarNormalization.normalize(i, n, x, xo, mean, factor, y, yo);
    }

    private static void store(byte[] x, int xo, DoubleVector mean, DoubleVector factor, float[] y, int yo) {
        IntVector pixels = ((IntVector) ByteVector.fromArray(BYTES, x, xo).convertShape(B2I, INTEGERS, 0)).and(0xFF);
        DoubleVector values = (DoubleVector) pixels.convertShape(I2D, DOUBLES, 0);
        ((FloatVector) values.sub(mean).mul(factor).convertShape(D2F, FLOATS, 0)).intoArray(y, yo);
    }
}
