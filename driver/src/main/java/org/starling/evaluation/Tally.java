package org.starling.evaluation;

/** Counts results image by image. Not thread-safe. */
final class Tally {
    private static final int TOP = 5;

    /** Steps of an image's loss: a multiple of 2^-24, about the precision of a float near 1. */
    private static final double LOSS_STEPS = 1 << 24;

    private final int classes;
    private final long[][] confusion;
    private long top5;
    private double lossSum;
    private final Calibration calibration = Calibration.empty();

    Tally(int classes) {
        this.classes = classes;
        confusion = new long[classes][classes];
    }

    /**
     * Counts an image.
     *
     * @param actual its class
     * @param probabilities holds one probability a class, from {@code offset}
     * @return the predicted class
     */
    int add(int actual, float[] probabilities, int offset) {
        int predicted = mostProbable(probabilities, offset, classes);
        confusion[actual][predicted]++;
        if (isAmongTop(actual, probabilities, offset, classes)) {
            top5++;
        }
        lossSum += loss(probabilities[offset + actual]);
        calibration.add(probabilities[offset + predicted], predicted == actual);
        return predicted;
    }

    EvaluationResult result() {
        return new EvaluationResult(confusion, top5, lossSum, calibration);
    }

    /**
     * -ln p, rounded to 2^-24. Sums of such numbers are exact up to 2^29, so that they are the same in any order and however the images were
     * dealt. A probability that is 0 counts as the smallest float that is not, 2^-149, a loss of 103.3.
     */
    static double loss(float probability) {
        double p = Math.max(probability, Float.MIN_VALUE);
        return Math.rint((0 - StrictMath.log(p)) * LOSS_STEPS) / LOSS_STEPS;
    }

    /** The class of the largest probability, the first of equals. */
    static int mostProbable(float[] probabilities, int offset, int classes) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            if (probabilities[offset + c] > probabilities[offset + best]) {
                best = c;
            }
        }
        return best;
    }

    /** Whether a class is among the five of the largest probabilities, equals in the order of their index; not when its own is NaN. */
    static boolean isAmongTop(int actual, float[] probabilities, int offset, int classes) {
        float own = probabilities[offset + actual];
        int before = Float.isNaN(own) ? TOP : 0;
        for (int c = 0; c < classes; c++) {
            float other = probabilities[offset + c];
            if (other > own || other == own && c < actual) {
                before++;
            }
        }
        return before < TOP;
    }
}
