package org.starling.jobs.report;

import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.starling.PrintableText;
import org.starling.data.BadImage;
import org.starling.data.ImageSetSummary;

/**
 * What a set of images is like, in the console.
 *
 * @param set the set
 */
public record DataText(ImageSetSummary set) {
    private static final int BAR = 40;
    private static final int MOST_CLASSES = 30;

    /** Some lines. */
    public String text() {
        StringBuilder text = new StringBuilder();
        line(text, "images    %,d, %s", set.images(), kinds());
        line(text, "pixels    %s high, %s wide", range(set.heights()), range(set.widths()));
        if (!set.classes().isEmpty()) {
            line(text, "classes   %,d", set.classes().size());
            classes(text);
        }
        if (set.bad() > 0) {
            line(text, "bad       %,d", set.bad());
            for (BadImage image : set.someBad()) {
                line(text, "  %s: %s", PrintableText.line(image.name()), PrintableText.line(image.reason()));
            }
        }
        return text.toString();
    }

    private void classes(StringBuilder text) {
        long most = 1;
        int widest = 0;
        for (int c = 0; c < set.classes().size(); c++) {
            most = Math.max(most, set.classCounts()[c]);
            widest = Math.max(widest, name(c).length());
        }
        int shown = Math.min(MOST_CLASSES, set.classes().size());
        for (int c = 0; c < shown; c++) {
            long count = set.classCounts()[c];
            line(text, "  %-" + Math.min(BAR, widest) + "s %,9d %s", name(c), count, "#".repeat((int)
                            (BAR * count / most)));
        }
        if (shown < set.classes().size()) {
            line(text, "  and %,d more, which --page shows", set.classes().size() - shown);
        }
    }

    private String name(int c) {
        return PrintableText.line(set.classes().get(c));
    }

    private String kinds() {
        return set.kinds().entrySet().stream()
                .map((Map.Entry<String, Long> kind) ->
                        String.format(Locale.ROOT, "%,d %s", kind.getValue(), kind.getKey()))
                .collect(Collectors.joining(", "));
    }

    private static String range(SortedMap<Integer, Long> lengths) {
        int least = lengths.firstKey();
        int most = lengths.lastKey();
        return least == most
                ? String.format(Locale.ROOT, "%,d", least)
                : String.format(Locale.ROOT, "%,d to %,d", least, most);
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
