package org.starling.kernels.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/**
 * A tile of 8 rows of 3 vectors: 24 accumulators, 3 vectors of b and 1 of a, of the 32 registers of AVX-512. Accumulators start at zero in one flat loop: C2 compiles other forms an order of magnitude slower (see
 * docs/performance.md).
 */
final class Kernel8x3 implements MicroKernel {
    private static final VectorSpecies<Float> SPECIES = VectorWidth.SPECIES;
    private static final int LANES = SPECIES.length();
    private static final int COLUMNS = 3 * LANES;

    @Override
    public int rows() {
        return 8;
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
        FloatVector c40 = FloatVector.zero(SPECIES);
        FloatVector c41 = FloatVector.zero(SPECIES);
        FloatVector c42 = FloatVector.zero(SPECIES);
        FloatVector c50 = FloatVector.zero(SPECIES);
        FloatVector c51 = FloatVector.zero(SPECIES);
        FloatVector c52 = FloatVector.zero(SPECIES);
        FloatVector c60 = FloatVector.zero(SPECIES);
        FloatVector c61 = FloatVector.zero(SPECIES);
        FloatVector c62 = FloatVector.zero(SPECIES);
        FloatVector c70 = FloatVector.zero(SPECIES);
        FloatVector c71 = FloatVector.zero(SPECIES);
        FloatVector c72 = FloatVector.zero(SPECIES);
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
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[row + 4 * lda]);
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            c42 = a4.fma(b2, c42);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[row + 5 * lda]);
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
            c52 = a5.fma(b2, c52);
            FloatVector a6 = FloatVector.broadcast(SPECIES, a[row + 6 * lda]);
            c60 = a6.fma(b0, c60);
            c61 = a6.fma(b1, c61);
            c62 = a6.fma(b2, c62);
            FloatVector a7 = FloatVector.broadcast(SPECIES, a[row + 7 * lda]);
            c70 = a7.fma(b0, c70);
            c71 = a7.fma(b1, c71);
            c72 = a7.fma(b2, c72);
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
        c40.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc)).intoArray(c, co + 4 * ldc);
        c41.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc + LANES)).intoArray(c, co + 4 * ldc + LANES);
        c42.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc + 2 * LANES)).intoArray(c, co + 4 * ldc + 2 * LANES);
        c50.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc)).intoArray(c, co + 5 * ldc);
        c51.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc + LANES)).intoArray(c, co + 5 * ldc + LANES);
        c52.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc + 2 * LANES)).intoArray(c, co + 5 * ldc + 2 * LANES);
        c60.add(FloatVector.fromArray(SPECIES, c, co + 6 * ldc)).intoArray(c, co + 6 * ldc);
        c61.add(FloatVector.fromArray(SPECIES, c, co + 6 * ldc + LANES)).intoArray(c, co + 6 * ldc + LANES);
        c62.add(FloatVector.fromArray(SPECIES, c, co + 6 * ldc + 2 * LANES)).intoArray(c, co + 6 * ldc + 2 * LANES);
        c70.add(FloatVector.fromArray(SPECIES, c, co + 7 * ldc)).intoArray(c, co + 7 * ldc);
        c71.add(FloatVector.fromArray(SPECIES, c, co + 7 * ldc + LANES)).intoArray(c, co + 7 * ldc + LANES);
        c72.add(FloatVector.fromArray(SPECIES, c, co + 7 * ldc + 2 * LANES)).intoArray(c, co + 7 * ldc + 2 * LANES);
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
        FloatVector c40 = FloatVector.zero(SPECIES);
        FloatVector c41 = FloatVector.zero(SPECIES);
        FloatVector c42 = FloatVector.zero(SPECIES);
        FloatVector c50 = FloatVector.zero(SPECIES);
        FloatVector c51 = FloatVector.zero(SPECIES);
        FloatVector c52 = FloatVector.zero(SPECIES);
        FloatVector c60 = FloatVector.zero(SPECIES);
        FloatVector c61 = FloatVector.zero(SPECIES);
        FloatVector c62 = FloatVector.zero(SPECIES);
        FloatVector c70 = FloatVector.zero(SPECIES);
        FloatVector c71 = FloatVector.zero(SPECIES);
        FloatVector c72 = FloatVector.zero(SPECIES);
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
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[row + 4]);
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            c42 = a4.fma(b2, c42);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[row + 5]);
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
            c52 = a5.fma(b2, c52);
            FloatVector a6 = FloatVector.broadcast(SPECIES, a[row + 6]);
            c60 = a6.fma(b0, c60);
            c61 = a6.fma(b1, c61);
            c62 = a6.fma(b2, c62);
            FloatVector a7 = FloatVector.broadcast(SPECIES, a[row + 7]);
            c70 = a7.fma(b0, c70);
            c71 = a7.fma(b1, c71);
            c72 = a7.fma(b2, c72);
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
        c40.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc)).intoArray(c, co + 4 * ldc);
        c41.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc + LANES)).intoArray(c, co + 4 * ldc + LANES);
        c42.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc + 2 * LANES)).intoArray(c, co + 4 * ldc + 2 * LANES);
        c50.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc)).intoArray(c, co + 5 * ldc);
        c51.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc + LANES)).intoArray(c, co + 5 * ldc + LANES);
        c52.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc + 2 * LANES)).intoArray(c, co + 5 * ldc + 2 * LANES);
        c60.add(FloatVector.fromArray(SPECIES, c, co + 6 * ldc)).intoArray(c, co + 6 * ldc);
        c61.add(FloatVector.fromArray(SPECIES, c, co + 6 * ldc + LANES)).intoArray(c, co + 6 * ldc + LANES);
        c62.add(FloatVector.fromArray(SPECIES, c, co + 6 * ldc + 2 * LANES)).intoArray(c, co + 6 * ldc + 2 * LANES);
        c70.add(FloatVector.fromArray(SPECIES, c, co + 7 * ldc)).intoArray(c, co + 7 * ldc);
        c71.add(FloatVector.fromArray(SPECIES, c, co + 7 * ldc + LANES)).intoArray(c, co + 7 * ldc + LANES);
        c72.add(FloatVector.fromArray(SPECIES, c, co + 7 * ldc + 2 * LANES)).intoArray(c, co + 7 * ldc + 2 * LANES);
    }
}
