package org.starling.model;

/**
 * Independent values from one of Keras's three distributions.
 *
 * @param center mean of a normal distribution, middle of a uniform one
 * @param spread standard deviation before truncation, or half the width of a uniform distribution
 */
record RandomInitializer(Distribution distribution, double center, double spread) implements Initializer {

    enum Distribution {
        UNIFORM,
        NORMAL,
        /** Normal, cut at two standard deviations. */
        TRUNCATED_NORMAL
    }

    /** Standard deviation of a standard normal distribution cut at two: Keras divides by it where it scales by fan. */
    static final double TRUNCATED_DEVIATION = 0.87962566103423978;

    /** Phi(-2), the part of a normal distribution below minus two standard deviations. */
    private static final double BELOW_MINUS_TWO = 0.022750131948179207;

    @Override
    public void fill(long seed, long offset, long from, float[] target, int start, int count) {
        for (int i = 0; i < count; i++) {
            target[start + i] = (float) value(PositionedRandom.uniform(seed, offset + from + i));
        }
    }

    private double value(double uniform) {
        return switch (distribution) {
            case UNIFORM -> center + spread * (2 * uniform - 1);
            case NORMAL -> center + spread * PositionedRandom.normalQuantile(uniform);
            case TRUNCATED_NORMAL -> center
                    + spread * PositionedRandom.normalQuantile(BELOW_MINUS_TWO + uniform * (1 - 2 * BELOW_MINUS_TWO));
        };
    }
}
