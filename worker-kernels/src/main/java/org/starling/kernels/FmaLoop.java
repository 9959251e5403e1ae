package org.starling.kernels;

/**
 * Fused multiply-adds that wait for nothing: {@link #CHAINS} accumulators in registers, each of which depends on its own last value
 * alone, and no memory.
 */
interface FmaLoop {
    /**
     * Accumulators. The multiply-adds in flight, of two units with a latency of four cycles each, are 8; with the two factors, 12
     * fit the 16 registers of AVX2.
     */
    int CHAINS = 12;

    /** Multiply-adds in one vector operation. */
    int lanes();

    /**
     * {@code sum += x * y}, {@code times} times for every accumulator.
     *
     * @return the sum of one lane of all accumulators
     */
    float run(int times, float x, float y);
}
