package org.starling.data;

/** 64-bit hashes of a seed and what they are drawn for, so that nothing random depends on the order of draws. */
final class SeededHash {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private SeededHash() {}

    /** What a hash decides: the same seed and name give unrelated hashes for two purposes. */
    enum Purpose {
        DEAL,
        VALIDATION_SPLIT,
        ORDER,
        AUGMENTATION,
        SHARD,
        FILE_STATE,
        PART,
        TURN,
        RESHARD,
        HAND,
        SAMPLE,
        COPIES
    }

    static long of(long seed, Purpose purpose, String name) {
        long hash = of(seed, purpose, name.length());
        for (int i = 0; i < name.length(); i++) {
            hash = mix((hash ^ name.charAt(i)) + GOLDEN_GAMMA);
        }
        return hash;
    }

    static long of(long seed, Purpose purpose, long... values) {
        long hash = mix(mix(seed + GOLDEN_GAMMA) + (purpose.ordinal() + 1) * GOLDEN_GAMMA);
        for (long value : values) {
            hash = mix((hash ^ value) + GOLDEN_GAMMA);
        }
        return hash;
    }

    /** A bijection of the 64-bit words: Stafford's variant 13 of MurmurHash3's finalizer, as in SplittableRandom. */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
