package org.starling.jobs.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.starling.Version;
import org.starling.evaluation.EvaluationResult;
import org.starling.jobs.configuration.Redaction;
import org.starling.jobs.report.Chart.Point;
import org.starling.jobs.report.Chart.Series;
import org.starling.jobs.report.RunHistory.RoundPoint;
import org.starling.jobs.report.RunHistory.ValidationPoint;
import org.starling.jobs.run.Duration;
import org.starling.training.TrainingEvent;

/**
 * The report as one HTML page.
 *
 * @param name of the run
 * @param directory of the run, as a person may see it
 * @param settings the effective configuration
 */
record ReportPage(
        String name,
        String directory,
        String settings,
        TrainingEvent.Start plan,
        RunHistory history,
        Optional<EvaluationResult> result,
        Optional<TrainingEvent.Mistakes> mistakes,
        Optional<TrainingEvent.End> end) {

    String html() {
        String body = header() + numbers() + charts() + classes() + samples() + footer();
        return Html.page(name, body, Html.resource("report.js"));
    }

    private String header() {
        String state = end.map(e -> e.reason().equals("epochs") ? "finished" : "ended by " + e.reason())
                .orElse("running");
        return "<header><h1>%s <span class=\"state\">%s</span></h1><p>%s</p>%s</header>\n"
                .formatted(
                        Html.escape(name),
                        Html.escape(state),
                        Html.escape(String.format(
                                Locale.ROOT,
                                "%s, %,d parameters, trained on %,d images of %,d classes: %,d epochs, %,d replicas with batch %,d",
                                plan.model(),
                                plan.parameters(),
                                plan.trainingImages(),
                                plan.classes().size(),
                                plan.epochs(),
                                plan.replicas(),
                                plan.batch())),
                        history.fineTuning().map(ReportPage::fineTuning).orElse(""));
    }

    private static String fineTuning(TrainingEvent.FineTuning fineTuning) {
        List<String> sentences = new ArrayList<>();
        fineTuning
                .weights()
                .ifPresent(weights -> sentences.add("started from %s: %s%s"
                        .formatted(
                                Redaction.ofUri(weights),
                                String.join(", ", fineTuning.loaded()),
                                fineTuning.initialized().isEmpty()
                                        ? ""
                                        : "; new are " + String.join(", ", fineTuning.initialized()))));
        if (!fineTuning.frozen().isEmpty()) {
            sentences.add(String.format(
                    Locale.ROOT,
                    "frozen: %s (%,d parameters)",
                    String.join(", ", fineTuning.frozen()),
                    fineTuning.frozenParameters()));
        }
        return sentences.stream()
                .map(sentence -> "<p>" + Html.escape(sentence) + "</p>")
                .collect(Collectors.joining());
    }

    private String numbers() {
        StringBuilder html = new StringBuilder("<section class=\"numbers\">");
        List<ValidationPoint> validations = history.validations();
        List<RoundPoint> rounds = history.rounds();
        if (!validations.isEmpty()) {
            ValidationPoint last = validations.get(validations.size() - 1);
            html.append(Html.number("validation accuracy", percent(last.accuracy())));
            html.append(Html.number("always the largest class", percent(plan.largestClassAccuracy())));
            if (plan.classes().size() > 5) {
                html.append(Html.number("validation top-5", percent(last.top5Accuracy())));
            }
            html.append(Html.number("validation loss", decimals(last.loss(), 3)));
        }
        if (!rounds.isEmpty()) {
            html.append(Html.number(
                    "training loss", decimals(rounds.get(rounds.size() - 1).loss(), 3)));
            html.append(
                    Html.number("images per second", String.format(Locale.ROOT, "%,.0f", history.imagesPerSecond())));
        }
        end.ifPresent(e -> html.append(Html.number("time", Duration.text(e.seconds()))));
        return html.append("</section>\n").toString();
    }

    private static String percent(double fraction) {
        return Double.isNaN(fraction) ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * fraction);
    }

    private static String decimals(double value, int digits) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    private String charts() {
        double epochs = history.rounds().isEmpty() ? 1 : Math.ceil(lastRound().epochs() - 1e-9);
        List<Point> baseline = plan.validationImages() == 0
                ? List.of()
                : List.of(new Point(0, plan.largestClassAccuracy()), new Point(epochs, plan.largestClassAccuracy()));
        return "<section class=\"charts\">"
                + new Chart(
                                "Loss",
                                "%.4f",
                                List.of(training(RoundPoint::loss), validation(ValidationPoint::loss)),
                                epochs,
                                0)
                        .html()
                + new Chart(
                                "Accuracy",
                                "%.4f",
                                List.of(
                                        training(RoundPoint::accuracy),
                                        validation(ValidationPoint::accuracy),
                                        new Series("largest class", "baseline", baseline)),
                                epochs,
                                1)
                        .html()
                + new Chart("Images per second", "%.0f", List.of(training(RoundPoint::imagesPerSecond)), epochs, 0)
                        .html()
                + new Chart("Learning rate", "%.3g", List.of(training(RoundPoint::learningRate)), epochs, 0).html()
                + "</section>\n";
    }

    private RoundPoint lastRound() {
        return history.rounds().get(history.rounds().size() - 1);
    }

    private Series training(ToDoubleFunction<RoundPoint> value) {
        return new Series(
                "training",
                "train",
                history.rounds().stream()
                        .map(r -> new Point(r.epochs(), value.applyAsDouble(r)))
                        .toList());
    }

    private Series validation(ToDoubleFunction<ValidationPoint> value) {
        return new Series(
                "validation",
                "validation",
                history.validations().stream()
                        .map(v -> new Point(v.epochs(), value.applyAsDouble(v)))
                        .toList());
    }

    private String classes() {
        if (result.isEmpty() || result.get().images() == 0) {
            return "";
        }
        ClassResults results = new ClassResults(plan.classes(), result.get());
        return "<section class=\"pair\"><div><h2>Classes</h2><p>Of the validation images; the worst recognised first.</p>"
                + results.table()
                + "</div><div><h2>Confusion</h2><p>Rows are what an image shows, columns what it was taken for.</p>"
                + results.confusion()
                + "</div></section>\n";
    }

    private String samples() {
        List<TrainingEvent.Mistake> sample =
                mistakes.map(TrainingEvent.Mistakes::mistakes).orElse(List.of());
        if (sample.isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder(
                "<section><h2>Mistakes</h2><p>The validation images that were taken for something else with the greatest confidence.</p><div class=\"pictures\">");
        for (TrainingEvent.Mistake mistake : sample) {
            html.append(Html.figure(
                    mistake.name(),
                    mistake.png(),
                    mistake.actual(),
                    String.format(
                            Locale.ROOT,
                            "taken for %s, %.0f\u00a0%%",
                            mistake.predicted(),
                            100 * mistake.probability())));
        }
        return html.append("</div></section>\n").toString();
    }

    private String footer() {
        return "<footer><details><summary>Settings</summary><pre>%s</pre></details><p>%s%s</p><p>Starling %s</p></footer>\n"
                .formatted(
                        Html.escape(settings),
                        Html.escape(directory),
                        end.map(e -> "<br>" + Html.escape(Redaction.ofUri(e.model())))
                                .orElse(""),
                        Html.escape(Version.current()));
    }
}
