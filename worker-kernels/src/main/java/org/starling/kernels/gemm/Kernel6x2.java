package org.starling.kernels.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/**
 * A tile of 6 rows of 2 vectors: 12 accumulators, 2 vectors of b and 1 of a, within the 16 registers of AVX2 and NEON. Accumulators start
 * at zero in one flat loop over b and meet memory after it: C2 compiles other forms at half to a tenth of the speed (see docs/performance.md).
 */
final class Kernel6x2 implements MicroKernel {
    private static final VectorSpecies<Float> SPECIES = VectorWidth.SPECIES;
    private static final int LANES = SPECIES.length();
    private static final int COLUMNS = 2 * LANES;

    @Override
    public int rows() {
        return 6;
    }

    @Override
    public int columns() {
        return COLUMNS;
    }

    @Override
    public void multiply(int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc) {
        FloatVector c0x0 = FloatVector.zero(SPECIES);
        FloatVector c0x1 = FloatVector.zero(SPECIES);
        FloatVector c1x0 = FloatVector.zero(SPECIES);
        FloatVector c1x1 = FloatVector.zero(SPECIES);
        FloatVector c2x0 = FloatVector.zero(SPECIES);
        FloatVector c2x1 = FloatVector.zero(SPECIES);
        FloatVector c3x0 = FloatVector.zero(SPECIES);
        FloatVector c3x1 = FloatVector.zero(SPECIES);
        FloatVector c4x0 = FloatVector.zero(SPECIES);
        FloatVector c4x1 = FloatVector.zero(SPECIES);
        FloatVector c5x0 = FloatVector.zero(SPECIES);
        FloatVector c5x1 = FloatVector.zero(SPECIES);
        int end = bo + depth * COLUMNS;
        int row = ao;
        for (int at = bo; at < end; at += COLUMNS) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, at);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, at + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[row]);
            c0x0 = a0.fma(b0, c0x0);
            c0x1 = a0.fma(b1, c0x1);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[row + LDA]);
            c1x0 = a1.fma(b0, c1x0);
            c1x1 = a1.fma(b1, c1x1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[row + 2 * LDA]);
            c2x0 = a2.fma(b0, c2x0);
            c2x1 = a2.fma(b1, c2x1);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[row + 3 * LDA]);
            c3x0 = a3.fma(b0, c3x0);
            c3x1 = a3.fma(b1, c3x1);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[row + 4 * LDA]);
            c4x0 = a4.fma(b0, c4x0);
            c4x1 = a4.fma(b1, c4x1);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[row + 5 * LDA]);
            c5x0 = a5.fma(b0, c5x0);
            c5x1 = a5.fma(b1, c5x1);
            row += 1;
        }
        c0x0.intoArray(c, co);
        c0x1.intoArray(c, co + LANES);
        c1x0.intoArray(c, co + ldc);
        c1x1.intoArray(c, co + ldc + LANES);
        c2x0.intoArray(c, co + 2 * ldc);
        c2x1.intoArray(c, co + 2 * ldc + LANES);
        c3x0.intoArray(c, co + 3 * ldc);
        c3x1.intoArray(c, co + 3 * ldc + LANES);
        c4x0.intoArray(c, co + 4 * ldc);
        c4x1.intoArray(c, co + 4 * ldc + LANES);
        c5x0.intoArray(c, co + 5 * ldc);
        c5x1.intoArray(c, co + 5 * ldc + LANES);
    }

    @Override
    public void multiplyAdd(int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc) {
        FloatVector c0x0 = FloatVector.zero(SPECIES);
        FloatVector c0x1 = FloatVector.zero(SPECIES);
        FloatVector c1x0 = FloatVector.zero(SPECIES);
        FloatVector c1x1 = FloatVector.zero(SPECIES);
        FloatVector c2x0 = FloatVector.zero(SPECIES);
        FloatVector c2x1 = FloatVector.zero(SPECIES);
        FloatVector c3x0 = FloatVector.zero(SPECIES);
        FloatVector c3x1 = FloatVector.zero(SPECIES);
        FloatVector c4x0 = FloatVector.zero(SPECIES);
        FloatVector c4x1 = FloatVector.zero(SPECIES);
        FloatVector c5x0 = FloatVector.zero(SPECIES);
        FloatVector c5x1 = FloatVector.zero(SPECIES);
        int end = bo + depth * COLUMNS;
        int row = ao;
        for (int at = bo; at < end; at += COLUMNS) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, at);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, at + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[row]);
            c0x0 = a0.fma(b0, c0x0);
            c0x1 = a0.fma(b1, c0x1);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[row + LDA]);
            c1x0 = a1.fma(b0, c1x0);
            c1x1 = a1.fma(b1, c1x1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[row + 2 * LDA]);
            c2x0 = a2.fma(b0, c2x0);
            c2x1 = a2.fma(b1, c2x1);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[row + 3 * LDA]);
            c3x0 = a3.fma(b0, c3x0);
            c3x1 = a3.fma(b1, c3x1);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[row + 4 * LDA]);
            c4x0 = a4.fma(b0, c4x0);
            c4x1 = a4.fma(b1, c4x1);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[row + 5 * LDA]);
            c5x0 = a5.fma(b0, c5x0);
            c5x1 = a5.fma(b1, c5x1);
            row += 1;
        }
        c0x0.add(FloatVector.fromArray(SPECIES, c, co)).intoArray(c, co);
        c0x1.add(FloatVector.fromArray(SPECIES, c, co + LANES)).intoArray(c, co + LANES);
        c1x0.add(FloatVector.fromArray(SPECIES, c, co + ldc)).intoArray(c, co + ldc);
        c1x1.add(FloatVector.fromArray(SPECIES, c, co + ldc + LANES)).intoArray(c, co + ldc + LANES);
        c2x0.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc)).intoArray(c, co + 2 * ldc);
        c2x1.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + LANES)).intoArray(c, co + 2 * ldc + LANES);
        c3x0.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc)).intoArray(c, co + 3 * ldc);
        c3x1.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + LANES)).intoArray(c, co + 3 * ldc + LANES);
        c4x0.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc)).intoArray(c, co + 4 * ldc);
        c4x1.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc + LANES)).intoArray(c, co + 4 * ldc + LANES);
        c5x0.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc)).intoArray(c, co + 5 * ldc);
        c5x1.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc + LANES)).intoArray(c, co + 5 * ldc + LANES);
    }

    @Override
    public void multiplyTransposed(
            int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc) {
        FloatVector c0x0 = FloatVector.zero(SPECIES);
        FloatVector c0x1 = FloatVector.zero(SPECIES);
        FloatVector c1x0 = FloatVector.zero(SPECIES);
        FloatVector c1x1 = FloatVector.zero(SPECIES);
        FloatVector c2x0 = FloatVector.zero(SPECIES);
        FloatVector c2x1 = FloatVector.zero(SPECIES);
        FloatVector c3x0 = FloatVector.zero(SPECIES);
        FloatVector c3x1 = FloatVector.zero(SPECIES);
        FloatVector c4x0 = FloatVector.zero(SPECIES);
        FloatVector c4x1 = FloatVector.zero(SPECIES);
        FloatVector c5x0 = FloatVector.zero(SPECIES);
        FloatVector c5x1 = FloatVector.zero(SPECIES);
        int end = bo + depth * COLUMNS;
        int row = ao;
        for (int at = bo; at < end; at += COLUMNS) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, at);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, at + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[row]);
            c0x0 = a0.fma(b0, c0x0);
            c0x1 = a0.fma(b1, c0x1);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[row + 1]);
            c1x0 = a1.fma(b0, c1x0);
            c1x1 = a1.fma(b1, c1x1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[row + 2]);
            c2x0 = a2.fma(b0, c2x0);
            c2x1 = a2.fma(b1, c2x1);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[row + 3]);
            c3x0 = a3.fma(b0, c3x0);
            c3x1 = a3.fma(b1, c3x1);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[row + 4]);
            c4x0 = a4.fma(b0, c4x0);
            c4x1 = a4.fma(b1, c4x1);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[row + 5]);
            c5x0 = a5.fma(b0, c5x0);
            c5x1 = a5.fma(b1, c5x1);
            row += lda;
        }
        c0x0.intoArray(c, co);
        c0x1.intoArray(c, co + LANES);
        c1x0.intoArray(c, co + ldc);
        c1x1.intoArray(c, co + ldc + LANES);
        c2x0.intoArray(c, co + 2 * ldc);
        c2x1.intoArray(c, co + 2 * ldc + LANES);
        c3x0.intoArray(c, co + 3 * ldc);
        c3x1.intoArray(c, co + 3 * ldc + LANES);
        c4x0.intoArray(c, co + 4 * ldc);
        c4x1.intoArray(c, co + 4 * ldc + LANES);
        c5x0.intoArray(c, co + 5 * ldc);
        c5x1.intoArray(c, co + 5 * ldc + LANES);
    }

    @Override
    public void multiplyTransposedAdd(
            int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc) {
        FloatVector c0x0 = FloatVector.zero(SPECIES);
        FloatVector c0x1 = FloatVector.zero(SPECIES);
        FloatVector c1x0 = FloatVector.zero(SPECIES);
        FloatVector c1x1 = FloatVector.zero(SPECIES);
        FloatVector c2x0 = FloatVector.zero(SPECIES);
        FloatVector c2x1 = FloatVector.zero(SPECIES);
        FloatVector c3x0 = FloatVector.zero(SPECIES);
        FloatVector c3x1 = FloatVector.zero(SPECIES);
        FloatVector c4x0 = FloatVector.zero(SPECIES);
        FloatVector c4x1 = FloatVector.zero(SPECIES);
        FloatVector c5x0 = FloatVector.zero(SPECIES);
        FloatVector c5x1 = FloatVector.zero(SPECIES);
        int end = bo + depth * COLUMNS;
        int row = ao;
        for (int at = bo; at < end; at += COLUMNS) {
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, at);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, at + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[row]);
            c0x0 = a0.fma(b0, c0x0);
            c0x1 = a0.fma(b1, c0x1);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[row + 1]);
            c1x0 = a1.fma(b0, c1x0);
            c1x1 = a1.fma(b1, c1x1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[row + 2]);
            c2x0 = a2.fma(b0, c2x0);
            c2x1 = a2.fma(b1, c2x1);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[row + 3]);
            c3x0 = a3.fma(b0, c3x0);
            c3x1 = a3.fma(b1, c3x1);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[row + 4]);
            c4x0 = a4.fma(b0, c4x0);
            c4x1 = a4.fma(b1, c4x1);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[row + 5]);
            c5x0 = a5.fma(b0, c5x0);
            c5x1 = a5.fma(b1, c5x1);
            row += lda;
        }
        c0x0.add(FloatVector.fromArray(SPECIES, c, co)).intoArray(c, co);
        c0x1.add(FloatVector.fromArray(SPECIES, c, co + LANES)).intoArray(c, co + LANES);
        c1x0.add(FloatVector.fromArray(SPECIES, c, co + ldc)).intoArray(c, co + ldc);
        c1x1.add(FloatVector.fromArray(SPECIES, c, co + ldc + LANES)).intoArray(c, co + ldc + LANES);
        c2x0.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc)).intoArray(c, co + 2 * ldc);
        c2x1.add(FloatVector.fromArray(SPECIES, c, co + 2 * ldc + LANES)).intoArray(c, co + 2 * ldc + LANES);
        c3x0.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc)).intoArray(c, co + 3 * ldc);
        c3x1.add(FloatVector.fromArray(SPECIES, c, co + 3 * ldc + LANES)).intoArray(c, co + 3 * ldc + LANES);
        c4x0.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc)).intoArray(c, co + 4 * ldc);
        c4x1.add(FloatVector.fromArray(SPECIES, c, co + 4 * ldc + LANES)).intoArray(c, co + 4 * ldc + LANES);
        c5x0.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc)).intoArray(c, co + 5 * ldc);
        c5x1.add(FloatVector.fromArray(SPECIES, c, co + 5 * ldc + LANES)).intoArray(c, co + 5 * ldc + LANES);
    }
}
