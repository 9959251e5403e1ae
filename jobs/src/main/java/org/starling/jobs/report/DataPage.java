package org.starling.jobs.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.starling.Version;
import org.starling.data.BadImage;
import org.starling.data.ImageSetSummary;
import org.starling.data.ImageSetSummary.Sample;

/**
 * What a set of images is like, as one HTML page.
 *
 * @param name of the set
 * @param folder of it, as a person may see it
 * @param augmented one image as training shows it; empty where nothing is changed
 * @param augmentation in words
 */
public record DataPage(String name, String folder, ImageSetSummary set, List<byte[]> augmented, String augmentation) {
    /** Bars of sizes. */
    private static final int BARS = 16;

    /** The page. */
    public String html() {
        String body = header() + numbers() + classes() + sizes() + samples() + changed() + bad() + footer();
        return Html.page(name, body, "");
    }

    private String header() {
        return "<header><h1>%s</h1><p>%s</p></header>\n"
                .formatted(
                        Html.escape(name),
                        Html.escape(String.format(
                                Locale.ROOT,
                                "%,d images%s, %s",
                                set.images(),
                                set.classes().isEmpty()
                                        ? " without classes"
                                        : " of " + set.classes().size() + " classes",
                                (set.looked() < set.images()
                                                ? String.format(Locale.ROOT, "of the first %,d: ", set.looked())
                                                : "")
                                        + set.kinds().entrySet().stream()
                                                .map(kind -> String.format(
                                                        Locale.ROOT, "%,d %s", kind.getValue(), kind.getKey()))
                                                .collect(Collectors.joining(", ")))));
    }

    private String numbers() {
        StringBuilder html = new StringBuilder("<section class=\"numbers\">");
        html.append(Html.number("images", count(set.images())));
        if (!set.classes().isEmpty()) {
            html.append(Html.number(
                    "smallest class",
                    count(IntStream.range(0, set.classCounts().length)
                            .mapToLong(c -> set.classCounts()[c])
                            .min()
                            .orElse(0))));
            html.append(Html.number(
                    "largest class",
                    count(IntStream.range(0, set.classCounts().length)
                            .mapToLong(c -> set.classCounts()[c])
                            .max()
                            .orElse(0))));
        }
        html.append(Html.number(
                "kilobytes an image", String.format(Locale.ROOT, "%,.1f", set.bytes() / 1000.0 / set.looked())));
        html.append(Html.number("mean colour", values(set.colours().mean())));
        html.append(Html.number("deviation", values(set.colours().deviation())));
        html.append(Html.number("cannot be read", count(set.bad())));
        return html.append("</section>\n").toString();
    }

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String values(double[] values) {
        return Arrays.stream(values)
                .mapToObj(value -> String.format(Locale.ROOT, "%.0f", value))
                .collect(Collectors.joining(" "));
    }

    private String classes() {
        if (set.classes().isEmpty()) {
            return "";
        }
        long largest = Arrays.stream(set.classCounts()).max().orElse(1);
        StringBuilder html = new StringBuilder(
                "<section><h2>Classes</h2><p>In the order of their labels.</p><div class=\"scroll\"><table class=\"classes\"><thead><tr><th>label</th><th>class</th><th>images</th></tr></thead><tbody>");
        for (int c = 0; c < set.classes().size(); c++) {
            html.append("<tr><td>%d</td><th>%s</th>%s</tr>"
                    .formatted(c, Html.escape(set.classes().get(c)), bar(set.classCounts()[c], largest)));
        }
        return html.append("</tbody></table></div></section>\n").toString();
    }

    private static String bar(long count, long most) {
        return String.format(
                Locale.ROOT,
                "<td class=\"bar\" style=\"--part:%.1f%%\"><span>%,d</span></td>",
                100.0 * count / Math.max(1, most),
                count);
    }

    private String sizes() {
        return "<section class=\"pair\"><div><h2>Heights</h2>" + sizes(set.heights()) + "</div><div><h2>Widths</h2>"
                + sizes(set.widths()) + "</div></section>\n";
    }

    /** How many pictures have which lengths, in ranges of equal ratio. */
    private static String sizes(SortedMap<Integer, Long> lengths) {
        int least = lengths.firstKey();
        int most = lengths.lastKey();
        int bars = Math.min(BARS, most - least + 1);
        long[] counts = new long[bars];
        lengths.forEach((length, count) -> counts[range(length, least, most, bars)] += count);
        int[] first = new int[bars];
        int[] last = new int[bars];
        lengths.keySet().forEach(length -> {
            int range = range(length, least, most, bars);
            first[range] = first[range] == 0 ? length : first[range];
            last[range] = length;
        });
        long largest = Arrays.stream(counts).max().orElse(1);
        StringBuilder html = new StringBuilder("<p>%,d to %,d pixels, median %,d.</p><table class=\"classes\"><tbody>"
                .formatted(least, most, median(lengths)));
        for (int range = 0; range < bars; range++) {
            if (counts[range] > 0) {
                html.append("<tr><th>%s</th>%s</tr>"
                        .formatted(
                                first[range] == last[range]
                                        ? count(first[range])
                                        : count(first[range]) + " to " + count(last[range]),
                                bar(counts[range], largest)));
            }
        }
        return html.append("</tbody></table>").toString();
    }

    private static int range(int length, int least, int most, int bars) {
        double place = Math.log((double) length / least) / Math.log((double) (most + 1) / least);
        return (int) Math.min(bars - 1, place * bars);
    }

    private static int median(SortedMap<Integer, Long> lengths) {
        long half = (lengths.values().stream().mapToLong(Long::longValue).sum() + 1) / 2;
        for (var entry : lengths.entrySet()) {
            half -= entry.getValue();
            if (half <= 0) {
                return entry.getKey();
            }
        }
        throw new IllegalStateException("no lengths");
    }

    private String samples() {
        StringBuilder html = new StringBuilder(
                "<section><h2>Samples</h2><p>Some of each class, the middle of each picture.</p><div class=\"pictures\">");
        for (Sample sample : set.samples()) {
            int label = sample.label();
            html.append(Html.figure(
                    sample.name(),
                    sample.png(),
                    label < 0 ? sample.name() : set.classes().get(label),
                    sample.width() + " x " + sample.height()));
        }
        return html.append("</div></section>\n").toString();
    }

    private String changed() {
        if (augmented.isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder(
                "<section><h2>Augmentation</h2><p>One image as training shows it in its first epochs: %s.</p><div class=\"pictures\">"
                        .formatted(Html.escape(augmentation)));
        for (int epoch = 0; epoch < augmented.size(); epoch++) {
            html.append(Html.figure("", augmented.get(epoch), "epoch " + (epoch + 1), ""));
        }
        return html.append("</div></section>\n").toString();
    }

    private String bad() {
        if (set.bad() == 0) {
            return "";
        }
        StringBuilder html = new StringBuilder(
                "<section><h2>Bad images</h2><p>%s of %s.</p><div class=\"scroll\"><table class=\"classes\"><tbody>"
                        .formatted(count(set.someBad().size()), count(set.bad())));
        for (BadImage image : set.someBad()) {
            html.append("<tr><th>%s</th><td>%s</td></tr>"
                    .formatted(Html.escape(image.name()), Html.escape(image.reason())));
        }
        return html.append("</tbody></table></div></section>\n").toString();
    }

    private String footer() {
        return "<footer><p>%s</p><p>Starling %s</p></footer>\n"
                .formatted(Html.escape(folder), Html.escape(Version.current()));
    }
}
