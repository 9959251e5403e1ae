package org.starling.kernels.lrn;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/** Local response normalization on whole vectors; the scalar kernel does the rest. */
final class VectorLrn implements LrnKernel {
    private static final VectorSpecies<Float> SPECIES = VectorWidth.SPECIES;
    private static final int LANES = SPECIES.length();

    @Override
    public void square(int length, float[] x, int xo, float[] row, int ro) {
        for (int i = 0; i <= length - LANES; i += LANES) {
            FloatVector value = FloatVector.fromArray(SPECIES, x, xo + i);
            value.mul(value).intoArray(row, ro + i);
        }
        ScalarLrn.squareFrom(SPECIES.loopBound(length), length, x, xo, row, ro);
    }

    /** Windows of five, the paper's, in one loop; others in a loop a neighbour, as C2 is at times poor at sums carried through an inner loop. */
    @Override
    public void windowSums(int length, int n, float[] row, int ro, float[] sums, int at) {
        int whole = SPECIES.loopBound(length);
        if (n == 5) {
            sumFive(whole, row, ro, sums, at);
        } else {
            Arrays.fill(sums, at, at + whole, 0);
            for (int j = 0; j < n; j++) {
                add(whole, row, ro + j, sums, at);
            }
        }
        ScalarLrn.windowSumsFrom(whole, length, n, row, ro, sums, at);
    }

    private static void sumFive(int whole, float[] row, int ro, float[] sums, int at) {
        for (int i = 0; i < whole; i += LANES) {
            FloatVector.zero(SPECIES)
                    .add(FloatVector.fromArray(SPECIES, row, ro + i))
                    .add(FloatVector.fromArray(SPECIES, row, ro + i + 1))
                    .add(FloatVector.fromArray(SPECIES, row, ro + i + 2))
                    .add(FloatVector.fromArray(SPECIES, row, ro + i + 3))
                    .add(FloatVector.fromArray(SPECIES, row, ro + i + 4))
                    .intoArray(sums, at + i);
        }
    }

    private static void add(int whole, float[] row, int ro, float[] sums, int at) {
        for (int i = 0; i < whole; i += LANES) {
            FloatVector.fromArray(SPECIES, sums, at + i)
                    .add(FloatVector.fromArray(SPECIES, row, ro + i))
                    .intoArray(sums, at + i);
        }
    }

    @Override
    public void denominators(int length, float k, float alpha, float[] d) {
        FloatVector scale = FloatVector.broadcast(SPECIES, alpha);
        FloatVector offset = FloatVector.broadcast(SPECIES, k);
        for (int i = 0; i <= length - LANES; i += LANES) {
            scale.fma(FloatVector.fromArray(SPECIES, d, i), offset).intoArray(d, i);
        }
        ScalarLrn.denominatorsFrom(SPECIES.loopBound(length), length, k, alpha, d);
    }

    @Override
    public void power(int length, int quarters, float[] d, float[] p) {
        switch (quarters) {
            case 1 -> power1(length, d, p);
            case 2 -> power2(length, d, p);
            case 3 -> power3(length, d, p);
            default -> System.arraycopy(d, 0, p, 0, length);
        }
        ScalarLrn.powerFrom(SPECIES.loopBound(length), length, quarters, d, p);
    }

    private static void power1(int length, float[] d, float[] p) {
        for (int i = 0; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, d, i).sqrt().sqrt().intoArray(p, i);
        }
    }

    private static void power2(int length, float[] d, float[] p) {
        for (int i = 0; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, d, i).sqrt().intoArray(p, i);
        }
    }

    private static void power3(int length, float[] d, float[] p) {
        for (int i = 0; i <= length - LANES; i += LANES) {
            FloatVector root = FloatVector.fromArray(SPECIES, d, i).sqrt();
            root.mul(root.sqrt()).intoArray(p, i);
        }
    }

    @Override
    public void divide(int length, float[] x, int xo, float[] p, float[] y, int yo) {
        for (int i = 0; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .div(FloatVector.fromArray(SPECIES, p, i))
                    .intoArray(y, yo + i);
        }
        ScalarLrn.divideFrom(SPECIES.loopBound(length), length, x, xo, p, y, yo);
    }

    @Override
    public void terms(int length, float[] r, float[] x, int at, float[] d, int from, float[] row, int ro) {
        for (int i = 0; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, r, at + i)
                    .mul(FloatVector.fromArray(SPECIES, x, at + i))
                    .div(FloatVector.fromArray(SPECIES, d, from + i))
                    .intoArray(row, ro + i);
        }
        ScalarLrn.termsFrom(SPECIES.loopBound(length), length, r, x, at, d, from, row, ro);
    }

    @Override
    public void subtract(int length, float factor, float[] x, float[] sums, float[] dx, int at) {
        FloatVector scale = FloatVector.broadcast(SPECIES, -factor);
        for (int i = 0; i <= length - LANES; i += LANES) {
            FloatVector product =
                    FloatVector.fromArray(SPECIES, x, at + i).mul(FloatVector.fromArray(SPECIES, sums, i));
            scale.fma(product, FloatVector.fromArray(SPECIES, dx, at + i)).intoArray(dx, at + i);
        }
        ScalarLrn.subtractFrom(SPECIES.loopBound(length), length, factor, x, sums, dx, at);
    }
}
