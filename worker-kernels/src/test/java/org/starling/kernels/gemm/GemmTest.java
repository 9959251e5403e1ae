package org.starling.kernels.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;

class GemmTest {
    private static final int[] SIZES = {1, 2, 7, 8, 9, 31, 32, 33, 47, 98};
    private static final int[] DEPTHS = {1, 3, 383, 384, 385, 900};

    private static float[] random(Random random, int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** The contract, word by word. */
    private static float[] reference(int m, int n, int k, float[] a, float[] b) {
        float[] result = new float[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int block = 0; block < k; block += 384) {
                    float sum = 0;
                    for (int l = block; l < Math.min(k, block + 384); l++) {
                        sum = Math.fma(a[i * k + l], b[l * n + j], sum);
                    }
                    result[i * n + j] = block == 0 ? sum : result[i * n + j] + sum;
                }
            }
        }
        return result;
    }

    private static float[] transpose(float[] x, int rows, int columns) {
        float[] t = new float[x.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                t[j * rows + i] = x[i * columns + j];
            }
        }
        return t;
    }

    private static void check(MicroKernel kernel) {
        Random random = new Random(3);
        try (ComputeTeam team = new ComputeTeam(2)) {
            for (int m : SIZES) {
                for (int n : SIZES) {
                    for (int k : DEPTHS) {
                        float[] a = random(random, m * k);
                        float[] b = random(random, k * n);
                        float[] expected = reference(m, n, k, a, b);
                        String shape = m + "x" + n + "x" + k;
                        assertArrayEquals(expected, product(team, kernel, m, n, k, a, b), shape);
                        assertArrayEquals(
                                expected, transposedProduct(team, kernel, m, n, k, a, b), shape + " transposed");
                    }
                }
            }
        }
    }

    private static float[] product(ComputeTeam team, MicroKernel kernel, int m, int n, int k, float[] a, float[] b) {
        PackedMatrix packed = new PackedMatrix(kernel);
        packed.pack(team, b, 0, n, k, n);
        Gemm gemm = new Gemm(kernel);
        float[] block = new float[gemm.paddedRows(m) * Gemm.LDA];
        float[] c = random(new Random(1), m * n);
        for (int first = 0; first < k; first += PackedMatrix.DEPTH) {
            for (int i = 0; i < m; i++) {
                System.arraycopy(a, i * k + first, block, i * Gemm.LDA, Math.min(PackedMatrix.DEPTH, k - first));
            }
            gemm.multiply(m, block, 0, packed, 0, first, first > 0, c, 0, n);
        }
        return c;
    }

    private static float[] transposedProduct(
            ComputeTeam team, MicroKernel kernel, int m, int n, int k, float[] a, float[] b) {
        PackedMatrix packed = new PackedMatrix(kernel);
        packed.packTransposed(team, transpose(b, k, n), 0, k, k, n);
        Gemm gemm = new Gemm(kernel);
        int lda = gemm.paddedRows(m);
        float[] columns = new float[k * lda];
        float[] transposed = transpose(a, m, k);
        for (int l = 0; l < k; l++) {
            System.arraycopy(transposed, l * m, columns, l * lda, m);
        }
        float[] c = random(new Random(1), m * n);
        for (int first = 0; first < k; first += PackedMatrix.DEPTH) {
            gemm.multiplyTransposed(m, columns, first * lda, lda, packed, 0, first, first > 0, c, 0, n);
        }
        return c;
    }

    @Test
    void theChosenKernelFulfilsTheContractBitForBit() {
        check(KernelProvider.get().microKernel());
    }

    @Test
    void theScalarKernelFulfilsTheContractBitForBit() {
        check(MicroKernels.scalar());
    }
}
