package org.starling.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.starling.PrintableText;

/** An evaluation as a person reads it in a terminal. */
final class EvaluationText {
    /** A matrix of more classes is wider than a terminal. */
    private static final int MOST_CLASSES = 20;

    private static final int MOST_BAD_IMAGES = 5;

    private final Evaluation evaluation;
    private final EvaluationResult result;
    private final List<String> labels;
    private final int labelWidth;
    private final StringBuilder text = new StringBuilder();

    EvaluationText(Evaluation evaluation) {
        this.evaluation = evaluation;
        result = evaluation.result();
        labels = evaluation.labels().stream().map(PrintableText::line).toList();
        labelWidth = labels.stream().mapToInt(String::length).max().orElse(0);
        rates();
        members();
        classes();
        if (labels.size() <= MOST_CLASSES) {
            matrix();
        } else {
            pairs();
        }
        badImages();
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    }

    private String padded(int c) {
        return labels.get(c) + " ".repeat(labelWidth - labels.get(c).length());
    }

    private void rates() {
        line(
                "images    %d in %.1f s, %.0f a second",
                result.images(), evaluation.seconds(), result.images() / evaluation.seconds());
        line("top-1     %.4f (%d right)", result.top1Accuracy(), result.correct());
        line("top-5     %.4f", result.top5Accuracy());
        line("loss      %.4f", result.loss());
        line(
                "ECE       %.4f (expected calibration error, %d bins)",
                result.calibration().expectedError(), Calibration.BINS);
    }

    private void members() {
        if (evaluation.members().isEmpty()) {
            return;
        }
        line(
                "%nThe ensemble is the %s mean of the predictions of these networks (not of their parameters):",
                evaluation.classifier().average().mean().name().toLowerCase(Locale.ROOT));
        line("%nweight   top-1   top-5    loss   without it:   top-1   top-5    loss  model");
        for (MemberResult member : evaluation.members()) {
            line(
                    "%6.3f  %s                %s  %s",
                    member.weight(),
                    rates(member.alone()),
                    member.without() == null ? " ".repeat(22) : rates(member.without()),
                    PrintableText.line(member.model()));
        }
    }

    private static String rates(Score score) {
        return String.format(
                Locale.ROOT,
                "%6s  %6s  %6s",
                rate(score.top1Accuracy()),
                rate(score.top5Accuracy()),
                rate(score.loss()));
    }

    private void classes() {
        boolean all = labels.size() <= MOST_CLASSES;
        Stream<Integer> rows = IntStream.range(0, labels.size()).boxed();
        if (!all) {
            line("%nThe %d classes of %d with the lowest F1:", MOST_CLASSES, labels.size());
            rows = rows.filter(c -> result.actual(c) > 0)
                    .sorted(Comparator.comparing(result::f1))
                    .limit(MOST_CLASSES);
        }
        line("%n%s  images  precision  recall      F1", " ".repeat(labelWidth));
        rows.forEach(c -> line(
                "%s  %6d  %9s  %6s  %6s",
                padded(c), result.actual(c), rate(result.precision(c)), rate(result.recall(c)), rate(result.f1(c))));
    }

    private static String rate(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
    }

    private void matrix() {
        int width = Math.max(3, Long.toString(result.images()).length());
        line("%nConfusion: a row's class was taken for a column's, so many times.");
        StringBuilder header = new StringBuilder(" ".repeat(labelWidth + 4));
        for (int c = 0; c < labels.size(); c++) {
            header.append(String.format(" %" + width + "d", c));
        }
        line("%s", header);
        for (int a = 0; a < labels.size(); a++) {
            StringBuilder row = new StringBuilder(String.format("%3d %s", a, padded(a)));
            for (long images : result.confusion()[a]) {
                row.append(String.format(" %" + width + "s", images == 0 ? "." : images));
            }
            line("%s", row);
        }
    }

    private void pairs() {
        line("%nThe most frequent confusions:");
        result.confusions()
                .limit(MOST_CLASSES)
                .forEach(confusion -> line(
                        "%6d  %s  taken for %s",
                        confusion.images(), padded(confusion.actual()), labels.get(confusion.predicted())));
    }

    private void badImages() {
        int bad = evaluation.badImages().size();
        if (bad > 0) {
            line("%n%d images could not be read and are not counted:", bad);
            evaluation.badImages().stream()
                    .limit(MOST_BAD_IMAGES)
                    .forEach(image ->
                            line("  %s: %s", PrintableText.line(image.name()), PrintableText.line(image.reason())));
            if (bad > MOST_BAD_IMAGES) {
                line("  and %d more", bad - MOST_BAD_IMAGES);
            }
        }
    }
}
