package org.starling.evaluation;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Counts over a labelled image set. All rates follow from the counts, so results of parts of a set add up.
 *
 * @param confusion {@code [actual class][predicted class]} images
 * @param top5 images whose class is among the five most probable
 * @param lossSum sum over images of -ln p(actual class), natural logarithm
 * @param calibration images by the probability of the class that they were taken for
 */
public record EvaluationResult(long[][] confusion, long top5, double lossSum, Calibration calibration)
        implements Serializable {
    public static EvaluationResult empty(int classes) {
        return new EvaluationResult(new long[classes][classes], 0, 0, Calibration.empty());
    }

    public long images() {
        return Arrays.stream(confusion).flatMapToLong(LongStream::of).sum();
    }

    public long correct() {
        return IntStream.range(0, confusion.length)
                .mapToLong(c -> confusion[c][c])
                .sum();
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

    /** Images of a class. */
    public long actual(int c) {
        return LongStream.of(confusion[c]).sum();
    }

    /** Images taken for a class. */
    public long predicted(int c) {
        return Arrays.stream(confusion).mapToLong(row -> row[c]).sum();
    }

    /** Fraction of the images taken for a class that are of it; NaN when there are none. */
    public double precision(int c) {
        return (double) confusion[c][c] / predicted(c);
    }

    /** Fraction of a class's images that were taken for it; NaN when there are none. */
    public double recall(int c) {
        return (double) confusion[c][c] / actual(c);
    }

    /** Harmonic mean of precision and recall; NaN when the class neither occurs nor is predicted. */
    public double f1(int c) {
        return 2.0 * confusion[c][c] / (actual(c) + predicted(c));
    }

    /**
     * Images of one class that were taken for another.
     *
     * @param actual their class
     * @param predicted the other
     * @param images how many, at least 1
     */
    public record Confusion(int actual, int predicted, long images) {}

    /** All confusions, the most frequent first. */
    public Stream<Confusion> confusions() {
        int classes = confusion.length;
        return IntStream.range(0, classes * classes)
                .filter(i -> i / classes != i % classes && confusion[i / classes][i % classes] > 0)
                .mapToObj(i -> new Confusion(i / classes, i % classes, confusion[i / classes][i % classes]))
                .sorted(Comparator.comparing(Confusion::images).reversed());
    }

    /** The counts of both. */
    public EvaluationResult plus(EvaluationResult other) {
        long[][] sum = new long[confusion.length][confusion.length];
        for (int a = 0; a < sum.length; a++) {
            for (int p = 0; p < sum.length; p++) {
                sum[a][p] = confusion[a][p] + other.confusion[a][p];
            }
        }
        return new EvaluationResult(
                sum, top5 + other.top5, lossSum + other.lossSum, calibration.plus(other.calibration));
    }

    /** Travels from task to driver without the zeros, which are most of a thousand classes' confusion. */
    private Object writeReplace() {
        int classes = confusion.length;
        int[] cells = IntStream.range(0, classes * classes)
                .filter(i -> confusion[i / classes][i % classes] != 0)
                .toArray();
        long[] counts = IntStream.of(cells)
                .mapToLong(i -> confusion[i / classes][i % classes])
                .toArray();
        return new Sparse(classes, cells, counts, top5, lossSum, calibration);
    }

    private record Sparse(int classes, int[] cells, long[] counts, long top5, double lossSum, Calibration calibration)
            implements Serializable {
        private Object readResolve() {
            long[][] confusion = new long[classes][classes];
            for (int i = 0; i < cells.length; i++) {
                confusion[cells[i] / classes][cells[i] % classes] = counts[i];
            }
            return new EvaluationResult(confusion, top5, lossSum, calibration);
        }
    }
}
