package org.starling.kernels.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the benchmark times is the product, and it counts what that takes. */
class MicroKernelBenchmarkTest {
    private static final int DEPTH = 19;

    private final MicroKernelBenchmark benchmark = new MicroKernelBenchmark();
    private final MicroKernelBenchmark.Counters counters = new MicroKernelBenchmark.Counters();
    private int rows;
    private int columns;

    @BeforeEach
    void setUp() {
        benchmark.depth = DEPTH;
        benchmark.setUp();
        rows = benchmark.kernel.rows();
        columns = benchmark.kernel.columns();
    }

    /** a's element (i, k) is at {@code i rowStride + k stepStride}. */
    private void assertProduct(float[] c, int rowStride, int stepStride) {
        long multiplyAdds = 0;
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                double expected = 0;
                for (int k = 0; k < DEPTH; k++) {
                    expected += (double) benchmark.a[i * rowStride + k * stepStride] * benchmark.b[k * columns + j];
                    multiplyAdds++;
                }
                assertEquals(expected, c[i * columns + j], 1e-4, i + ", " + j);
            }
        }
        assertEquals(2 * multiplyAdds, counters.flop);
    }

    @Test
    void multiply() {
        assertProduct(benchmark.multiply(counters), MicroKernel.LDA, 1);
    }

    @Test
    void multiplyTransposed() {
        assertProduct(benchmark.multiplyTransposed(counters), 1, rows);
    }
}
