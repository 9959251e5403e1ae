package org.starling.jobs.report;

import java.util.Locale;
import org.starling.evaluation.Calibration;

/** How often a network is right, by how sure it is: a bar a bin, which reaches the diagonal where the two agree. */
final class ReliabilityDiagram {
    private static final int SIZE = 1000;
    private static final int TICKS = 5;

    private final Calibration calibration;

    ReliabilityDiagram(Calibration calibration) {
        this.calibration = calibration;
    }

    String html() {
        StringBuilder html = new StringBuilder(
                "<figure class=\"chart\"><figcaption><h3>Right, by how sure</h3><span class=\"legend\">"
                        + "<span class=\"key train\">accuracy</span><span class=\"key baseline\">confidence</span></span></figcaption><div class=\"plot\">");
        for (int tick = 0; tick <= TICKS; tick++) {
            double value = (double) tick / TICKS;
            html.append(String.format(
                    Locale.ROOT,
                    "<span class=\"y\" style=\"bottom:%.0f%%\">%.1f</span><span class=\"x\" style=\"left:%.0f%%\">%.1f</span>",
                    100 * value,
                    value,
                    100 * value,
                    value));
        }
        html.append("<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s\">"
                .formatted(SIZE, SIZE, "Accuracy of the images whose probability lies in each of the ranges"));
        for (int bin = 0; bin < Calibration.BINS; bin++) {
            if (calibration.images()[bin] > 0) {
                html.append(bar(bin));
            }
        }
        html.append("<path class=\"line baseline\" d=\"M0 %dL%d 0\"/></svg></div></figure>%n".formatted(SIZE, SIZE));
        return html.toString();
    }

    private String bar(int bin) {
        double width = (double) SIZE / Calibration.BINS;
        double height = SIZE * calibration.accuracy(bin);
        return String.format(
                Locale.ROOT,
                "<rect class=\"bin\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%,d images, confidence %.3f, accuracy %.3f</title></rect>",
                bin * width + 2,
                SIZE - height,
                width - 4,
                height,
                calibration.images()[bin],
                calibration.confidence(bin),
                calibration.accuracy(bin));
    }
}
