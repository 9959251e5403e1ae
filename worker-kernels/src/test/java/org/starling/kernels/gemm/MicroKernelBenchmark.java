package org.starling.kernels.gemm;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.starling.kernels.KernelProvider;

/**
 * The micro-kernel of this JVM's provider on operands that stay in the first-level caches. The counter {@code flop}, per nanosecond, is
 * GFLOP/s of one thread. Every fork is a fresh JVM, whose compiler may decide otherwise: look at each, not at their mean.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class MicroKernelBenchmark {
    /** Operations done. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Counters {
        public long flop;
    }

    /** Steps of k; matrix multiply takes blocks of 384. */
    @Param("384")
    int depth;

    MicroKernel kernel;
    float[] a;
    float[] b;
    float[] c;

    @Setup(Level.Trial)
    public void setUp() {
        kernel = KernelProvider.get().microKernel();
        System.out.printf(
                "# kernels: %s, tile %d x %d%n", KernelProvider.get().name(), kernel.rows(), kernel.columns());
        SplittableRandom random = new SplittableRandom(1);
        a = normal(random, kernel.rows() * MicroKernel.LDA);
        b = normal(random, depth * kernel.columns());
        c = new float[kernel.rows() * kernel.columns()];
    }

    private static float[] normal(SplittableRandom random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Rows of a are contiguous. */
    @Benchmark
    public float[] multiply(Counters counters) {
        kernel.multiply(depth, a, 0, b, 0, c, 0, kernel.columns());
        counters.flop += operations();
        return c;
    }

    /** Columns of a are contiguous. */
    @Benchmark
    public float[] multiplyTransposed(Counters counters) {
        kernel.multiplyTransposed(depth, a, 0, kernel.rows(), b, 0, c, 0, kernel.columns());
        counters.flop += operations();
        return c;
    }

    private long operations() {
        return 2L * kernel.rows() * kernel.columns() * depth;
    }
}
