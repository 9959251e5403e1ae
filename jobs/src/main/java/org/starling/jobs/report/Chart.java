package org.starling.jobs.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A line chart over epochs. Lines are SVG that stretches with the page; labels are HTML around it, so that text has one size at
 * every width.
 */
final class Chart {
    /** More points than a screen has columns cannot be seen. */
    private static final int MOST_POINTS = 500;

    private static final int SIZE = 1000;

    /** A point; x in epochs. */
    record Point(double x, double y) {}

    /**
     * @param name shown in the legend
     * @param style CSS class: train, validation or baseline
     */
    record Series(String name, String style, List<Point> points) {}

    private final String title;
    private final String format;
    private final List<Series> series;
    private final double width;
    private final double height;

    /**
     * @param format of values, as String.format takes it
     * @param epochs right end of the x axis
     * @param limit top end of the y axis, 0 to fit the values
     */
    Chart(String title, String format, List<Series> series, double epochs, double limit) {
        this.title = title;
        this.format = format;
        this.series = series.stream()
                .map(s -> new Series(s.name(), s.style(), thin(s.points())))
                .filter(s -> !s.points().isEmpty())
                .toList();
        this.width = Math.max(epochs, 1e-9);
        this.height = limit > 0 ? limit : niceTop();
    }

    private double niceTop() {
        double top = series.stream()
                .flatMap(s -> s.points().stream())
                .mapToDouble(Point::y)
                .max()
                .orElse(1);
        double step = niceStep(top);
        return top <= 0 ? 1 : Math.ceil(top / step - 1e-9) * step;
    }

    /** The step of 1, 2 or 5 times a power of ten that divides a range into three to six parts. */
    static double niceStep(double range) {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(range, 1e-300) / 3)));
        for (double factor : new double[] {1, 2, 5}) {
            if (range / (factor * power) <= 6) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    /** Finite points, neighbours averaged where there are too many. */
    private static List<Point> thin(List<Point> points) {
        List<Point> finite = points.stream().filter(p -> Double.isFinite(p.y())).toList();
        if (finite.size() <= MOST_POINTS) {
            return finite;
        }
        List<Point> thinned = new ArrayList<>();
        for (int i = 0; i < MOST_POINTS; i++) {
            List<Point> bucket = finite.subList(
                    (int) ((long) i * finite.size() / MOST_POINTS), (int) ((i + 1L) * finite.size() / MOST_POINTS));
            thinned.add(new Point(
                    bucket.get(bucket.size() - 1).x(),
                    bucket.stream().mapToDouble(Point::y).average().orElseThrow()));
        }
        return thinned;
    }

    String html() {
        StringBuilder html = new StringBuilder("<figure class=\"chart\"><figcaption><h3>%s</h3>%s</figcaption>"
                .formatted(Html.escape(title), series.size() > 1 ? legend() : ""));
        if (series.stream().allMatch(s -> s.points().isEmpty())) {
            return html.append("<p class=\"none\">Nothing yet.</p></figure>\n").toString();
        }
        html.append("<div class=\"plot\" data-series='%s' data-width=\"%s\">".formatted(data(), number(width)));
        for (double y = 0; y <= height * (1 + 1e-9); y += niceStep(height)) {
            html.append("<span class=\"y\" style=\"bottom:%.2f%%\">%s</span>"
                    .formatted(100 * y / height, tick(y, niceStep(height))));
        }
        double step = Math.max(1, niceStep(width));
        for (double x = 0; x <= width * (1 + 1e-9); x += width < 1 ? width : step) {
            html.append("<span class=\"x\" style=\"left:%.2f%%\">%s</span>"
                    .formatted(100 * x / width, tick(x, Math.min(step, width))));
        }
        return html.append(svg())
                .append("<span class=\"unit\">epoch</span></div></figure>\n")
                .toString();
    }

    private String legend() {
        return series.stream()
                .map(s -> "<span class=\"key %s\">%s</span>".formatted(s.style(), Html.escape(s.name())))
                .collect(Collectors.joining("", "<span class=\"legend\">", "</span>"));
    }

    private String svg() {
        StringBuilder svg = new StringBuilder(
                "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s\">"
                        .formatted(SIZE, SIZE, Html.escape(title + " over epochs")));
        for (double y = 0; y <= height * (1 + 1e-9); y += niceStep(height)) {
            svg.append("<path class=\"grid\" d=\"M0 %.1fH%d\"/>".formatted(SIZE - SIZE * y / height, SIZE));
        }
        for (Series s : series) {
            svg.append("<path class=\"line %s\" d=\"%s\"/>".formatted(s.style(), path(s.points())));
            if (s.points().size() <= 40 && !s.style().equals("baseline")) {
                svg.append("<path class=\"dots %s\" d=\"%s\"/>".formatted(s.style(), dots(s.points())));
            }
        }
        return svg.append("</svg>").toString();
    }

    private String path(List<Point> points) {
        return points.stream().map(this::place).collect(Collectors.joining("L", "M", ""));
    }

    private String dots(List<Point> points) {
        return points.stream().map(p -> "M" + place(p) + "h0").collect(Collectors.joining());
    }

    private String place(Point p) {
        return String.format(Locale.ROOT, "%.1f %.1f", SIZE * p.x() / width, SIZE - SIZE * p.y() / height);
    }

    /** What the page's script shows under the pointer: name, style, and {@code [x, text]} of every point. */
    private String data() {
        return Html.escape(series.stream()
                .map(s -> "{\"name\":\"%s\",\"style\":\"%s\",\"points\":[%s]}"
                        .formatted(
                                s.name(),
                                s.style(),
                                s.points().stream()
                                        .map(p -> "[%s,\"%s\"]"
                                                .formatted(number(p.x()), String.format(Locale.ROOT, format, p.y())))
                                        .collect(Collectors.joining(","))))
                .collect(Collectors.joining(",", "[", "]")));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String tick(double value, double step) {
        if (value != 0 && step < 1e-4) {
            return String.format(Locale.ROOT, "%.0e", value);
        }
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
