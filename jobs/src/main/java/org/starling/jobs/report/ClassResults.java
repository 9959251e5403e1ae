package org.starling.jobs.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.starling.evaluation.EvaluationResult;

/** What became of each class: precision, recall and confusion. */
final class ClassResults {
    /** A heat map of more classes has cells too small to see. */
    private static final int MOST_HEAT_MAP_CLASSES = 40;

    private static final int MOST_PAIRS = 20;

    private final List<String> classes;
    private final EvaluationResult result;
    private final long[][] confusion;

    ClassResults(List<String> classes, EvaluationResult result) {
        this.classes = classes;
        this.result = result;
        this.confusion = result.confusion();
    }

    /** A table of all classes, the worst recognised first. */
    String table() {
        StringBuilder html = new StringBuilder(
                "<div class=\"scroll\"><table class=\"classes\"><thead><tr><th>class</th><th>images</th><th>recall</th><th>precision</th><th>F1</th></tr></thead><tbody>");
        List<Integer> order = new ArrayList<>();
        for (int c = 0; c < classes.size(); c++) {
            order.add(c);
        }
        order.sort(Comparator.comparingDouble(result::recall));
        for (int c : order) {
            html.append("<tr><th>%s</th><td>%s</td>%s%s%s</tr>"
                    .formatted(
                            Html.escape(classes.get(c)),
                            String.format(Locale.ROOT, "%,d", result.actual(c)),
                            bar(result.recall(c)),
                            bar(result.precision(c)),
                            bar(result.f1(c))));
        }
        return html.append("</tbody></table></div>\n").toString();
    }

    private static String bar(double fraction) {
        return Double.isNaN(fraction)
                ? "<td>-</td>"
                : String.format(
                        Locale.ROOT,
                        "<td class=\"bar\" style=\"--part:%.1f%%\"><span>%.3f</span></td>",
                        100 * fraction,
                        fraction);
    }

    /** Actual class down, predicted class across; a heat map, or the largest entries of a large one. */
    String confusion() {
        return classes.size() <= MOST_HEAT_MAP_CLASSES ? heatMap() : pairs();
    }

    private String heatMap() {
        StringBuilder html = new StringBuilder("<div class=\"scroll\"><table class=\"heat\"><thead><tr><td></td>");
        classes.forEach(c -> html.append("<th scope=\"col\"><span>%s</span></th>".formatted(Html.escape(c))));
        html.append("</tr></thead><tbody>");
        for (int a = 0; a < classes.size(); a++) {
            html.append("<tr><th scope=\"row\">%s</th>".formatted(Html.escape(classes.get(a))));
            for (int p = 0; p < classes.size(); p++) {
                html.append(cell(a, p));
            }
            html.append("</tr>");
        }
        return html.append("</tbody></table></div>\n").toString();
    }

    private String cell(int a, int p) {
        double part = result.actual(a) == 0 ? 0 : (double) confusion[a][p] / result.actual(a);
        String title = "%,d of %,d images of %s were called %s"
                .formatted(confusion[a][p], result.actual(a), classes.get(a), classes.get(p));
        // The square root lets the few mistakes show beside the many right answers.
        return String.format(
                Locale.ROOT,
                "<td class=\"%s%s\" style=\"--heat:%.0f%%\" title=\"%s\">%s</td>",
                a == p ? "right" : "wrong",
                Math.sqrt(part) > 0.6 ? " strong" : "",
                100 * Math.sqrt(part),
                Html.escape(title),
                confusion[a][p] == 0 ? "" : String.format(Locale.ROOT, "%,d", confusion[a][p]));
    }

    /** The pairs of classes that are most often confused. */
    String pairs() {
        StringBuilder html = new StringBuilder(
                "<div class=\"scroll\"><table class=\"classes\"><thead><tr><th>class</th><th>taken for</th><th>images</th></tr></thead><tbody>");
        result.confusions()
                .limit(MOST_PAIRS)
                .forEach(pair -> html.append("<tr><th>%s</th><td>%s</td><td>%s</td></tr>"
                        .formatted(
                                Html.escape(classes.get(pair.actual())),
                                Html.escape(classes.get(pair.predicted())),
                                String.format(Locale.ROOT, "%,d", pair.images()))));
        return html.append("</tbody></table></div>\n").toString();
    }
}
