package org.starling.kernels.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;

class GemmTest {
    private static final int[] SIZES = {1, 2, 7, 8, 9, 47, 48, 49, 97};
    private static final int[] DEPTHS = {1, 3, 255, 256, 257, 600};

    private static float[] random(Random random, int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** The contract, word by word. */
    private static float[] reference(int m, int n, int k, float[] a, float[] b, float[] c) {
        float[] result = c.clone();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int block = 0; block < k; block += 256) {
                    float sum = 0;
                    for (int l = block; l < Math.min(k, block + 256); l++) {
                        sum = Math.fma(a[i * k + l], b[l * n + j], sum);
                    }
                    result[i * n + j] += sum;
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
            PackedMatrix packed = new PackedMatrix(kernel);
            Gemm gemm = new Gemm(kernel);
            for (int m : SIZES) {
                for (int n : SIZES) {
                    for (int k : DEPTHS) {
                        String shape = m + "x" + n + "x" + k;
                        float[] a = random(random, m * k);
                        float[] b = random(random, k * n);
                        float[] c = random(random, m * n);
                        float[] expected = reference(m, n, k, a, b, c);
                        float[] rows = c.clone();
                        packed.pack(team, b, 0, n, k, n);
                        gemm.multiply(m, a, 0, k, packed, rows, 0, n);
                        assertArrayEquals(expected, rows, shape);
                        float[] columns = c.clone();
                        packed.packTransposed(team, transpose(b, k, n), 0, k, k, n);
                        gemm.multiplyTransposed(m, transpose(a, m, k), 0, m, packed, columns, 0, n);
                        assertArrayEquals(expected, columns, shape + " transposed");
                    }
                }
            }
        }
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
