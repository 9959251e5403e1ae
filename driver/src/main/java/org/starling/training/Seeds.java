package org.starling.training;

/** Seeds that are functions of what they are for, so that nothing depends on the position of a random stream. */
public final class Seeds {
    private Seeds() {}

    /** The seed of one local step's dropout. */
    public static long dropout(long seed, int replica, long step) {
        return of(seed, replica, step);
    }

    /** A seed for what two numbers name. */
    public static long of(long seed, long first, long second) {
        return mix(mix(mix(seed) + first) + second);
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood 2014). */
    private static long mix(long z) {
        z += 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
