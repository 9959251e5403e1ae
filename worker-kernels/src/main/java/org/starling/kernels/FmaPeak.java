package org.starling.kernels;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The most that this JVM's kernels could reach: fused multiply-adds a second of all threads of a team at once, in vectors of the
 * provider's width, without any memory. Threads that share a core share its units, so the sum of threads measured alone would
 * promise too much.
 */
public final class FmaPeak {
    /** A call takes some microseconds, against which reading the clock is nothing. */
    private static final int TIMES = 4096;

    /** Long enough for a helper to wake up in, short enough that some are undisturbed. */
    private static final long STRETCH = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int FEWEST_STRETCHES = 15;
    private static final int MOST_STRETCHES = 100;

    /** A better stretch after so many that were not is luck, and not worth waiting for. */
    private static final int WITHOUT_GAIN = 10;

    private static final double GAIN = 1.005;

    /**
     * Billions of operations a second and thread, of vectors or of single values: compiled code does one or more on any processor, the
     * interpreter a hundredth. On a busy machine the compiler may take seconds.
     */
    private static final double COMPILED = 0.1;

    private static final long LONGEST_WARMUP = TimeUnit.SECONDS.toNanos(10);

    private FmaPeak() {}

    /**
     * Waits until the loop is compiled, then measures for 0.3 s, and for as long as stretches get better, 2 s at most.
     *
     * @param team whose threads compute, nothing else at the same time
     * @return GFLOP/s of the best stretch of 20 ms, a multiply-add counted as two operations
     */
    public static double measure(ComputeTeam team) {
        warmUp(team);
        double best = 0;
        int withoutGain = 0;
        for (int i = 0; i < FEWEST_STRETCHES || withoutGain < WITHOUT_GAIN && i < MOST_STRETCHES; i++) {
            double rate = stretch(team);
            withoutGain = rate > best * GAIN ? 0 : withoutGain + 1;
            best = Math.max(best, rate);
        }
        return best;
    }

    private static void warmUp(ComputeTeam team) {
        double compiled = 2 * COMPILED * loop().lanes() * team.threads();
        long start = System.nanoTime();
        double rate;
        do {
            rate = stretch(team);
        } while (rate < compiled && System.nanoTime() - start < LONGEST_WARMUP);
    }

    /** The loop of this JVM's provider. */
    static FmaLoop loop() {
        return KernelProvider.get().name().equals(KernelProvider.SCALAR) ? new ScalarFmaLoop() : new VectorFmaLoop();
    }

    /** Operations in one call of a loop. */
    static double operations(FmaLoop loop, int times) {
        return 2.0 * FmaLoop.CHAINS * loop.lanes() * times;
    }

    private static double stretch(ComputeTeam team) {
        FmaLoop loop = loop();
        AtomicLong calls = new AtomicLong();
        long start = System.nanoTime();
        // A piece lasts the whole stretch, so every thread takes one.
        team.run(team.threads(), piece -> {
            long mine = 0;
            do {
                if (Float.isNaN(loop.run(TIMES, 1, 1))) {
                    throw new IllegalStateException("a sum of ones is not a number");
                }
                mine++;
            } while (System.nanoTime() - start < STRETCH);
            calls.addAndGet(mine);
        });
        long nanos = System.nanoTime() - start;
        return calls.get() * operations(loop, TIMES) / nanos;
    }
}
