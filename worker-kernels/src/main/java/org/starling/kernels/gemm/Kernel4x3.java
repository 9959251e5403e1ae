package org.starling.kernels.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/**
 * A tile of 4 rows of 3 vectors: 12 accumulators, 3 vectors of b and 1 of a, the 16 registers of AVX2 and NEON. Accumulators start at zero in one flat loop: C2 compiles other forms an order of magnitude slower (see
 * docs/performance.md).
 */
final class Kernel4x3 implements MicroKernel {
    private static final VectorSpecies<Float> SPECIES = VectorWidth.SPECIES;
    private static final int LANES = SPECIES.length();
    private static final int COLUMNS = 3 * LANES;

    @Override
    public int rows() {
        return 4;
    }

    @Override
    public int columns() {
        return COLUMNS;
    }

    @Override
    public void multiply(int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = FloatVector.zero(SPECIES);
        FloatVector c02 = FloatVector.zero(SPECIES);
        FloatVector c10 = FloatVector.zero(SPECIES);
        FloatVector c11 = FloatVector.zero(SPECIES);
        FloatVector c12 = FloatVector.zero(SPECIES);
        FloatVector c20 = FloatVector.zero(SPECIES);
        FloatVector c21 = FloatVector.zero(SPECIES);
        FloatVector c22 = FloatVector.zero(SPECIES);
        FloatVector c30 = FloatVector.zero(SPECIES);
        FloatVector c31 = FloatVector.zero(SPECIES);
        FloatVector c32 = FloatVector.zero(SPECIES);
        for (int k = 0; k < depth; k++) {
            int at = bo + k * COLUMNS;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, at);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, at + LANES);
            FloatVector b2 = FloatVector.fromArray(SPECIES, b, at + 2 * LANES);
            int row = ao + k;
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[row]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[row + lda]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[row + 2 * lda]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            c22 = a2.fma(b2, c22);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[row + 3 * lda]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            c32 = a3.fma(b2, c32);
        }
        c00.add(FloatVector.fromArray(SPECIES, c, co)).intoArray(c, co);
        c01.add(FloatVector.fromArray(SPECIES, c, co + LANES)).intoArray(c, co + LANES);
        c02.add(FloatVector.fromArray(SPECIES, c, co + 2 * LANES)).intoArray(c, co + 2 * LANES);
        c10.add(FloatVector.fromArray(SPECIES, c, co + ldc)).intoArray(c, co + ldc);
        c11.add(FloatVector.fromArray(SPECIES, c, co + ldc + LANES)).intoArray(c, co + ldc + LANES);
        c12.add(FloatVector.fromArray(SPECIES, c, co + ldc + 2 * LANES)).intoArray(c, co + ldc + 2 * LANES);
        c20.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc)).intoArray(c, co + 2 * ldc);
        c21.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + LANES)).intoArray(c, co + 2 * ldc + LANES);
        c22.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + 2 * LANES)).intoArray(c, co + 2 * ldc + 2 * LANES);
        c30.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc)).intoArray(c, co + 3 * ldc);
        c31.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + LANES)).intoArray(c, co + 3 * ldc + LANES);
        c32.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + 2 * LANES)).intoArray(c, co + 3 * ldc + 2 * LANES);
    }

    @Override
    public void multiplyTransposed(
            int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = FloatVector.zero(SPECIES);
        FloatVector c02 = FloatVector.zero(SPECIES);
        FloatVector c10 = FloatVector.zero(SPECIES);
        FloatVector c11 = FloatVector.zero(SPECIES);
        FloatVector c12 = FloatVector.zero(SPECIES);
        FloatVector c20 = FloatVector.zero(SPECIES);
        FloatVector c21 = FloatVector.zero(SPECIES);
        FloatVector c22 = FloatVector.zero(SPECIES);
        FloatVector c30 = FloatVector.zero(SPECIES);
        FloatVector c31 = FloatVector.zero(SPECIES);
        FloatVector c32 = FloatVector.zero(SPECIES);
        for (int k = 0; k < depth; k++) {
            int at = bo + k * COLUMNS;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, at);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, at + LANES);
            FloatVector b2 = FloatVector.fromArray(SPECIES, b, at + 2 * LANES);
            int row = ao + k * lda;
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[row]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[row + 1]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[row + 2]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            c22 = a2.fma(b2, c22);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[row + 3]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            c32 = a3.fma(b2, c32);
        }
        c00.add(FloatVector.fromArray(SPECIES, c, co)).intoArray(c, co);
        c01.add(FloatVector.fromArray(SPECIES, c, co + LANES)).intoArray(c, co + LANES);
        c02.add(FloatVector.fromArray(SPECIES, c, co + 2 * LANES)).intoArray(c, co + 2 * LANES);
        c10.add(FloatVector.fromArray(SPECIES, c, co + ldc)).intoArray(c, co + ldc);
        c11.add(FloatVector.fromArray(SPECIES, c, co + ldc + LANES)).intoArray(c, co + ldc + LANES);
        c12.add(FloatVector.fromArray(SPECIES, c, co + ldc + 2 * LANES)).intoArray(c, co + ldc + 2 * LANES);
        c20.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc)).intoArray(c, co + 2 * ldc);
        c21.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + LANES)).intoArray(c, co + 2 * ldc + LANES);
        c22.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + 2 * LANES)).intoArray(c, co + 2 * ldc + 2 * LANES);
        c30.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc)).intoArray(c, co + 3 * ldc);
        c31.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + LANES)).intoArray(c, co + 3 * ldc + LANES);
        c32.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + 2 * LANES)).intoArray(c, co + 3 * ldc + 2 * LANES);
    }
}
