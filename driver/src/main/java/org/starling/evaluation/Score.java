package org.starling.evaluation;

import java.io.Serializable;

/**
 * How often, and how well, a network or an ensemble was right.
 *
 * @param images counted
 * @param correct images whose most probable class is right
 * @param top5 images whose class is among the five most probable
 * @param lossSum sum over images of -ln p(actual class), each rounded to a multiple of 2^-24
 */
public record Score(long images, long correct, long top5, double lossSum) implements Serializable {
    static final Score NONE = new Score(0, 0, 0, 0);

    /** With one more image. */
    Score plus(int actual, float[] probabilities) {
        int classes = probabilities.length;
        boolean right = Tally.mostProbable(probabilities, 0, classes) == actual;
        return plus(new Score(
                1,
                right ? 1 : 0,
                Tally.isAmongTop(actual, probabilities, 0, classes) ? 1 : 0,
                Tally.loss(probabilities[actual])));
    }

    /** The counts of both. */
    Score plus(Score other) {
        return new Score(images + other.images, correct + other.correct, top5 + other.top5, lossSum + other.lossSum);
    }

    /** Fraction of images whose most probable class is right; NaN without images. */
    public double top1Accuracy() {
        return (double) correct / images;
    }

    /** Fraction of images whose class is among the five most probable; NaN without images. */
    public double top5Accuracy() {
        return (double) top5 / images;
    }

    /** Mean cross entropy, natural logarithm; NaN without images. */
    public double loss() {
        return lossSum / images;
    }
}
