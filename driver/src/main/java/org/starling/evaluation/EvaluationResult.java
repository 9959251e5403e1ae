package org.starling.evaluation;

import java.io.Serializable;

/**
 * Counts over a labelled image set. All rates follow from the counts, so results of parts of a set add up.
 *
 * @param confusion {@code [actual class][predicted class]} images
 * @param top5 images whose class is among the five most probable
 * @param lossSum sum over images of -ln p(actual class), natural logarithm
 */
public record EvaluationResult(long[][] confusion, long top5, double lossSum) implements Serializable {
    public static EvaluationResult empty(int classes) {
        return new EvaluationResult(new long[classes][classes], 0, 0);
    }

    public long images() {
        long n = 0;
        for (long[] row : confusion) {
            for (long count : row) {
                n += count;
            }
        }
        return n;
    }

    public long correct() {
        long n = 0;
        for (int c = 0; c < confusion.length; c++) {
            n += confusion[c][c];
        }
        return n;
    }

    /** Fraction of images whose most probable class is right; NaN without images. */
    public double top1Accuracy() {
        return (double) correct() / images();
    }

    /** Fraction of images whose class is among the five most probable; NaN without images. */
    public double top5Accuracy() {
        return (double) top5 / images();
    }

    /** Mean cross entropy, natural logarithm; NaN without images. */
    public double loss() {
        return lossSum / images();
    }

    /** The counts of both. */
    public EvaluationResult plus(EvaluationResult other) {
        long[][] sum = new long[confusion.length][confusion.length];
        for (int a = 0; a < sum.length; a++) {
            for (int p = 0; p < sum.length; p++) {
                sum[a][p] = confusion[a][p] + other.confusion[a][p];
            }
        }
        return new EvaluationResult(sum, top5 + other.top5, lossSum + other.lossSum);
    }
}
