package org.starling.kernels.epilogue;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/** Bias and ReLU on the Vector API; what does not fill a vector is left to {@link ScalarEpilogue}. */
final class VectorEpilogue implements EpilogueKernel {
    private static final VectorSpecies<Float> SPECIES = VectorWidth.SPECIES;
    private static final int LANES = SPECIES.length();

    @Override
    public void store(Epilogue epilogue, int n, float[] x, int xo, float[] y, int yo) {
        int whole = SPECIES.loopBound(n);
        if (epilogue.bias() == null) {
            withoutBias(epilogue.relu(), whole, x, xo, y, yo);
        } else if (epilogue.relu()) {
            biasAndRelu(epilogue.bias(), whole, x, xo, y, yo);
        } else {
            biasOnly(epilogue.bias(), whole, x, xo, y, yo);
        }
        ScalarEpilogue.store(epilogue, whole, n, x, xo, y, yo);
    }

    private static void withoutBias(boolean relu, int n, float[] x, int xo, float[] y, int yo) {
        if (!relu) {
            System.arraycopy(x, xo, y, yo, n);
            return;
        }
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(SPECIES, x, xo + i).max(0f).intoArray(y, yo + i);
        }
    }

    private static void biasAndRelu(float[] bias, int n, float[] x, int xo, float[] y, int yo) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .add(FloatVector.fromArray(SPECIES, bias, i))
                    .max(0f)
                    .intoArray(y, yo + i);
        }
    }

    private static void biasOnly(float[] bias, int n, float[] x, int xo, float[] y, int yo) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .add(FloatVector.fromArray(SPECIES, bias, i))
                    .intoArray(y, yo + i);
        }
    }

    @Override
    public void gate(int n, float[] y, float[] dy, int at) {
        int whole = SPECIES.loopBound(n);
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = at; i < at + whole; i += LANES) {
            zero.blend(
                            FloatVector.fromArray(SPECIES, dy, i),
                            FloatVector.fromArray(SPECIES, y, i).compare(VectorOperators.GT, 0f))
                    .intoArray(dy, i);
        }
        ScalarEpilogue.gate(whole, n, y, dy, at);
    }

    @Override
    public void add(int n, float[] dy, int at, float[] sums, int so) {
        int whole = SPECIES.loopBound(n);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector.fromArray(SPECIES, sums, so + i)
                    .add(FloatVector.fromArray(SPECIES, dy, at + i))
                    .intoArray(sums, so + i);
        }
        ScalarEpilogue.add(whole, n, dy, at, sums, so);
    }
}
