package org.starling.jobs.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.starling.Version;
import org.starling.data.BadImage;
import org.starling.data.augmentation.Views;
import org.starling.evaluation.Calibration;
import org.starling.evaluation.Evaluation;
import org.starling.evaluation.EvaluationResult;
import org.starling.evaluation.MemberResult;
import org.starling.evaluation.Mistake;
import org.starling.evaluation.Score;
import org.starling.jobs.configuration.Redaction;

/**
 * What an evaluation found, as one HTML page.
 *
 * @param pictures of the mistakes, in their order
 */
public record EvaluationPage(Evaluation evaluation, List<byte[]> pictures) {
    /** Name of the page beside {@link Evaluation#FILE}. */
    public static final String NAME = "evaluation.html";

    private static final int MOST_BAD_IMAGES = 100;

    /** The page. */
    public String html() {
        return Html.page(
                "Evaluation",
                header()
                        + numbers()
                        + members()
                        + calibration()
                        + classes()
                        + confused()
                        + mistakes()
                        + bad()
                        + footer(),
                "");
    }

    private EvaluationResult result() {
        return evaluation.result();
    }

    private String header() {
        int networks = evaluation.classifier().models().size();
        String views = evaluation.classifier().views() == Views.TEN ? ", ten crops of each image" : "";
        return "<header><h1>Evaluation</h1><p>%s</p><p>%s</p></header>\n"
                .formatted(
                        Html.escape(
                                networks == 1
                                        ? Redaction.ofUri(evaluation
                                                        .classifier()
                                                        .models()
                                                        .get(0))
                                                + views
                                        : "An ensemble of " + networks + " networks, whose predictions are averaged ("
                                                + mean() + " mean)" + views),
                        Html.escape("on " + Redaction.ofUri(evaluation.data())));
    }

    private String mean() {
        return evaluation.classifier().average().mean().name().toLowerCase(Locale.ROOT);
    }

    private String numbers() {
        StringBuilder html = new StringBuilder("<section class=\"numbers\">");
        html.append(Html.number("images", count(result().images())));
        html.append(Html.number("top-1 accuracy", percent(result().top1Accuracy())));
        if (evaluation.labels().size() > 5) {
            html.append(Html.number("top-5 accuracy", percent(result().top5Accuracy())));
        }
        html.append(Html.number("loss", decimals(result().loss())));
        html.append(Html.number(
                "expected calibration error", decimals(result().calibration().expectedError())));
        html.append(Html.number(
                "images per second", String.format(Locale.ROOT, "%,.0f", result().images() / evaluation.seconds())));
        return html.append("</section>\n").toString();
    }

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String percent(double fraction) {
        return Double.isNaN(fraction) ? "-" : String.format(Locale.ROOT, "%.2f\u00a0%%", 100 * fraction);
    }

    private static String decimals(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
    }

    private String members() {
        if (evaluation.members().isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder(
                "<section><h2>Members</h2><p>Each network by itself, and what the others reach without it. Averaged are predictions; parameters are averaged within a training.</p>"
                        + "<div class=\"scroll\"><table class=\"classes\"><thead><tr><th>model</th><th>weight</th><th>top-1</th><th>top-5</th><th>loss</th>"
                        + "<th>top-1 without it</th><th>top-5</th><th>loss</th></tr></thead><tbody>");
        for (MemberResult member : evaluation.members()) {
            html.append("<tr><th>%s</th><td>%.3f</td>%s%s</tr>"
                    .formatted(
                            Html.escape(Redaction.ofUri(member.model())),
                            member.weight(),
                            cells(member.alone()),
                            member.without() == null ? "<td>-</td><td>-</td><td>-</td>" : cells(member.without())));
        }
        return html.append("</tbody></table></div></section>\n").toString();
    }

    private static String cells(Score score) {
        return "<td>%s</td><td>%s</td><td>%s</td>"
                .formatted(percent(score.top1Accuracy()), percent(score.top5Accuracy()), decimals(score.loss()));
    }

    private String calibration() {
        return "<section><h2>Calibration</h2><p>Images in %d ranges by the probability of the class that they were taken for. Bars below the line are of a network that is surer than it is right.</p><div class=\"charts\">%s</div></section>\n"
                .formatted(Calibration.BINS, new ReliabilityDiagram(result().calibration()).html());
    }

    private String classes() {
        ClassResults results = new ClassResults(evaluation.labels(), result());
        return "<section class=\"pair\"><div><h2>Classes</h2><p>The worst recognised first.</p>"
                + results.table()
                + "</div><div><h2>Confusion</h2><p>Rows are what an image shows, columns what it was taken for.</p>"
                + results.confusion()
                + "</div></section>\n";
    }

    private String confused() {
        if (result().correct() == result().images()) {
            return "";
        }
        return "<section><h2>Most confused</h2>%s</section>\n"
                .formatted(new ClassResults(evaluation.labels(), result()).pairs());
    }

    private String mistakes() {
        if (evaluation.mistakes().isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder(
                "<section><h2>Mistakes</h2><p>The images that were taken for something else with the greatest confidence.</p><div class=\"pictures\">");
        for (int i = 0; i < pictures.size(); i++) {
            Mistake mistake = evaluation.mistakes().get(i);
            html.append(Html.figure(
                    mistake.name(),
                    pictures.get(i),
                    evaluation.labels().get(mistake.actual()),
                    String.format(
                            Locale.ROOT,
                            "taken for %s, %.0f\u00a0%%",
                            evaluation.labels().get(mistake.predicted()),
                            100 * mistake.probability())));
        }
        return html.append("</div></section>\n").toString();
    }

    private String bad() {
        List<BadImage> bad = evaluation.badImages();
        if (bad.isEmpty()) {
            return "";
        }
        String shown = bad.size() > MOST_BAD_IMAGES ? ", of which " + MOST_BAD_IMAGES + " are shown" : "";
        return "<section><h2>Bad images</h2><p>%s could not be read and are not counted%s.</p><div class=\"scroll\"><table class=\"classes\"><tbody>%s</tbody></table></div></section>\n"
                .formatted(
                        count(bad.size()),
                        shown,
                        bad.stream()
                                .limit(MOST_BAD_IMAGES)
                                .map(image -> "<tr><th>%s</th><td>%s</td></tr>"
                                        .formatted(Html.escape(image.name()), Html.escape(image.reason())))
                                .collect(Collectors.joining()));
    }

    private static String footer() {
        return "<footer><p>Starling %s</p></footer>\n".formatted(Html.escape(Version.current()));
    }
}
