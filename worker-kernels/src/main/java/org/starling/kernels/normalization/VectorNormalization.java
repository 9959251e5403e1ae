package org.starling.kernels.normalization;

import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.I2D;
import static jdk.incubator.vector.VectorOperators.I2F;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/**
 * Normalization on the Vector API, of 256 bits at least. After three vectors the channels are at the same lanes again; what does not fill these is left to
 * {@link ScalarNormalization}.
 */
final class VectorNormalization implements NormalizationKernel {
    private static final VectorSpecies<Double> DOUBLES = VectorWidth.DOUBLES;
    private static final int DOUBLE_LANES = DOUBLES.length();
    /** Half as wide, so that there are as many integers and floats as doubles. */
    private static final VectorShape HALF = VectorShape.forBitSize(DOUBLE_LANES * Integer.SIZE);

    private static final VectorSpecies<Integer> HALF_INTEGERS = HALF.withLanes(int.class);
    private static final VectorSpecies<Float> HALF_FLOATS = HALF.withLanes(float.class);
    /** The first {@code DOUBLE_LANES} of which are taken. */
    private static final VectorSpecies<Byte> BYTES_FOR_DOUBLES = ByteVector.SPECIES_64;

    private static final VectorSpecies<Float> FLOATS = VectorWidth.SPECIES;
    private static final int LANES = FLOATS.length();
    private static final VectorSpecies<Integer> INTEGERS = FLOATS.vectorShape().withLanes(int.class);
    private static final VectorSpecies<Byte> BYTES =
            VectorShape.forBitSize(LANES * Byte.SIZE).withLanes(byte.class);

    @Override
    public void normalize(int n, byte[] x, int xo, double[] mean, double[] factor, float[] y, int yo) {
        DoubleVector mean0 = DoubleVector.fromArray(DOUBLES, mean, 0);
        DoubleVector mean1 = DoubleVector.fromArray(DOUBLES, mean, DOUBLE_LANES);
        DoubleVector mean2 = DoubleVector.fromArray(DOUBLES, mean, 2 * DOUBLE_LANES);
        DoubleVector factor0 = DoubleVector.fromArray(DOUBLES, factor, 0);
        DoubleVector factor1 = DoubleVector.fromArray(DOUBLES, factor, DOUBLE_LANES);
        DoubleVector factor2 = DoubleVector.fromArray(DOUBLES, factor, 2 * DOUBLE_LANES);
        int end = Math.min(n, x.length - xo - BYTES_FOR_DOUBLES.length() + DOUBLE_LANES);
        int i = 0;
        for (; i + 3 * DOUBLE_LANES <= end; i += 3 * DOUBLE_LANES) {
            int second = i + DOUBLE_LANES;
            int third = second + DOUBLE_LANES;
            normalize(x, xo + i, mean0, factor0, y, yo + i);
            normalize(x, xo + second, mean1, factor1, y, yo + second);
            normalize(x, xo + third, mean2, factor2, y, yo + third);
        }
        ScalarNormalization.normalize(i, n, x, xo, mean, factor, y, yo);
    }

    private static void normalize(byte[] x, int xo, DoubleVector mean, DoubleVector factor, float[] y, int yo) {
        IntVector pixels = ((IntVector)
                        ByteVector.fromArray(BYTES_FOR_DOUBLES, x, xo).convertShape(B2I, HALF_INTEGERS, 0))
                .and(0xFF);
        DoubleVector values = (DoubleVector) pixels.convertShape(I2D, DOUBLES, 0);
        ((FloatVector) values.sub(mean).mul(factor).convertShape(D2F, HALF_FLOATS, 0)).intoArray(y, yo);
    }

    @Override
    public void scale(int n, byte[] x, int xo, float[] factor, float[] constant, float[] y, int yo) {
        FloatVector factor0 = FloatVector.fromArray(FLOATS, factor, 0);
        FloatVector factor1 = FloatVector.fromArray(FLOATS, factor, LANES);
        FloatVector factor2 = FloatVector.fromArray(FLOATS, factor, 2 * LANES);
        FloatVector constant0 = FloatVector.fromArray(FLOATS, constant, 0);
        FloatVector constant1 = FloatVector.fromArray(FLOATS, constant, LANES);
        FloatVector constant2 = FloatVector.fromArray(FLOATS, constant, 2 * LANES);
        int i = 0;
        for (; i + 3 * LANES <= n; i += 3 * LANES) {
            int second = i + LANES;
            int third = second + LANES;
            scale(x, xo + i, factor0, constant0, y, yo + i);
            scale(x, xo + second, factor1, constant1, y, yo + second);
            scale(x, xo + third, factor2, constant2, y, yo + third);
        }
        ScalarNormalization.scale(i, n, x, xo, factor, constant, y, yo);
    }

    private static void scale(byte[] x, int xo, FloatVector factor, FloatVector constant, float[] y, int yo) {
        IntVector pixels = ((IntVector) ByteVector.fromArray(BYTES, x, xo).convertShape(B2I, INTEGERS, 0)).and(0xFF);
        ((FloatVector) pixels.convertShape(I2F, FLOATS, 0))
                .mul(factor)
                .add(constant)
                .intoArray(y, yo);
    }
}
