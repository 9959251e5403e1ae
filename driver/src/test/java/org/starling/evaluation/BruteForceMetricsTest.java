package org.starling.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All metrics beside their definitions, one image after the other, each metric by a loop of its own. */
class BruteForceMetricsTest {
    /** What probabilities are like. */
    enum Kind {
        RANDOM,
        /** Of few values, so that many are equal. */
        TIES,
        /** All equal. */
        UNIFORM,
        /** One class is never taken, and has no images either. */
        UNUSED_CLASS,
        /** Only one class occurs. */
        ONE_CLASS,
        /** 0 and 1. */
        CERTAIN,
        /** At the edges of the calibration's bins. */
        EDGES
    }

    private record Answer(int actual, float[] p) {}

    private static List<Answer> answers(Kind kind, int images, int classes, long seed) {
        Random random = new Random(seed);
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            float[] p = new float[classes];
            for (int c = 0; c < classes; c++) {
                p[c] = switch (kind) {
                    case TIES -> (1 + random.nextInt(3)) / 4f;
                    case UNIFORM -> 1f / classes;
                    case UNUSED_CLASS -> c == classes - 1 ? 0 : random.nextFloat();
                    case CERTAIN -> c == i % classes ? 1 : 0;
                    case EDGES -> random.nextInt(16) / 15f;
                    default -> random.nextFloat();
                };
            }
            int actual = kind == Kind.ONE_CLASS ? 0 : random.nextInt(Math.max(1, classes - 1));
            answers.add(new Answer(actual, p));
        }
        return answers;
    }

    private static EvaluationResult counted(List<Answer> answers, int classes, int parts) {
        EvaluationResult result = EvaluationResult.empty(classes);
        for (int part = 0; part < parts; part++) {
            Tally tally = new Tally(classes);
            for (int i = part; i < answers.size(); i += parts) {
                tally.add(answers.get(i).actual(), answers.get(i).p(), 0);
            }
            result = tally.result().plus(result);
        }
        return result;
    }

    private static int taken(Answer answer) {
        return IntStream.range(0, answer.p().length)
                .reduce(0, (best, c) -> answer.p()[c] > answer.p()[best] ? c : best);
    }

    private static boolean isTop5(Answer answer) {
        return IntStream.range(0, answer.p().length)
                .boxed()
                .sorted((a, b) -> Float.compare(answer.p()[b], answer.p()[a]))
                .limit(5)
                .anyMatch(c -> c == answer.actual());
    }

    @ParameterizedTest
    @EnumSource
    void everyMetricIsItsDefinition(Kind kind) {
        for (int[] size : new int[][] {{1, 1}, {1, 7}, {37, 3}, {101, 7}, {500, 13}, {997, 2}}) {
            int classes = size[1];
            List<Answer> answers = answers(kind, size[0], classes, size[0]);
            double n = answers.size();
            EvaluationResult result = counted(answers, classes, 1);
            assertEquals(
                    answers.stream().filter(a -> taken(a) == a.actual()).count() / n, result.top1Accuracy(), 1e-12);
            assertEquals(
                    answers.stream().filter(BruteForceMetricsTest::isTop5).count() / n, result.top5Accuracy(), 1e-12);
            assertEquals(
                    answers.stream()
                                    .mapToDouble(a -> -Math.log(Math.max(a.p()[a.actual()], Float.MIN_VALUE)))
                                    .sum()
                            / n,
                    result.loss(),
                    1e-6);
            for (int c = 0; c < classes; c++) {
                int k = c;
                double both = answers.stream()
                        .filter(a -> a.actual() == k && taken(a) == k)
                        .count();
                double actual = answers.stream().filter(a -> a.actual() == k).count();
                double predicted = answers.stream().filter(a -> taken(a) == k).count();
                assertEquals(both / predicted, result.precision(c), 1e-12);
                assertEquals(both / actual, result.recall(c), 1e-12);
                double f1 = 2 * both / (predicted + actual);
                assertEquals(f1, result.f1(c), 1e-12);
            }
            assertEquals(expectedCalibrationError(answers), result.calibration().expectedError(), 1e-6);
            assertEquals(
                    result.images() - result.correct(),
                    result.confusions()
                            .mapToLong(EvaluationResult.Confusion::images)
                            .sum());
        }
    }

    /** As Guo et al. 2017 define it, over bins ((m - 1) / 15, m / 15]. */
    private static double expectedCalibrationError(List<Answer> answers) {
        double error = 0;
        for (int m = 1; m <= 15; m++) {
            double low = m == 1 ? -1 : (m - 1) / 15.0;
            double high = m == 15 ? 2 : m / 15.0;
            List<Answer> bin = answers.stream()
                    .filter(a -> a.p()[taken(a)] > low && a.p()[taken(a)] <= high)
                    .toList();
            if (!bin.isEmpty()) {
                double accuracy =
                        bin.stream().filter(a -> taken(a) == a.actual()).count() / (double) bin.size();
                double confidence =
                        bin.stream().mapToDouble(a -> a.p()[taken(a)]).average().orElseThrow();
                error += bin.size() / (double) answers.size() * Math.abs(accuracy - confidence);
            }
        }
        return error;
    }

    @ParameterizedTest
    @EnumSource
    void theNumberOfPartsPlaysNoPart(Kind kind) {
        List<Answer> answers = answers(kind, 1009, 11, 3);
        EvaluationResult one = counted(answers, 11, 1);
        for (int parts : new int[] {2, 7, 64, 2000}) {
            EvaluationResult many = counted(answers, 11, parts);
            assertEquals(one.lossSum(), many.lossSum());
            assertEquals(one.correct(), many.correct());
            assertEquals(one.calibration().expectedError(), many.calibration().expectedError());
        }
    }

    @Test
    void aPerfectForecastIsCalibrated() {
        // Of images that are taken for a class with 0.8, four in five are of it.
        List<Answer> answers = IntStream.range(0, 1000)
                .mapToObj(i -> new Answer(i % 5 == 0 ? 1 : 0, new float[] {0.8f, 0.2f}))
                .toList();
        assertEquals(0, counted(answers, 2, 1).calibration().expectedError(), 1e-7);
        assertTrue(Double.isNaN(EvaluationResult.empty(2).calibration().expectedError()));
    }
}
