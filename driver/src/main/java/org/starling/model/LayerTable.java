package org.starling.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.starling.PrintableText;

/**
 * A model as a table for people: a line a layer with output shape, kernel {@code {height, width, in, out}}, parameters and
 * multiply-adds, then the totals and the memory of a replica.
 *
 * @param model the model
 * @param batch images in a step, which decides the memory of activations
 * @param threads that compute for a replica, each with scratch memory of its own
 */
public record LayerTable(SequentialModel model, int batch, int threads) {
    private static final List<String> HEADINGS =
            List.of("layer", "type", "output", "kernel {h, w, in, out}", "parameters", "multiply-adds");

    /** Columns from here on hold numbers and stand to the right. */
    private static final int FIRST_NUMBER = 4;

    /** The table, lines ended by a line feed. */
    public String text() {
        ImageShape input = model.input();
        String shape = Activations.maps(input.height(), input.width(), input.channels()).shape(input.format()).stream()
                .map(String::valueOf)
                .collect(Collectors.joining("x"));
        return "%s: input %s %s, %d classes%n%n%s%n%s"
                .formatted(
                        PrintableText.line(model.name()),
                        shape,
                        input.format().kerasName(),
                        model.classes(),
                        table(),
                        memory())
                .replace(System.lineSeparator(), "\n");
    }

    private String table() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADINGS);
        for (LayerSummary layer : model.layers()) {
            rows.add(List.of(
                    PrintableText.line(layer.name()),
                    layer.type(),
                    layer.outputShape(),
                    layer.kernel().isEmpty() ? "" : "{" + joined(layer.kernel()) + "}",
                    number(layer.parameters()),
                    number(layer.multiplyAdds())));
        }
        rows.add(List.of("total", "", "", "", number(model.parameterCount()), number(model.multiplyAdds())));
        return rows.stream().map(row -> line(row, widths(rows))).collect(Collectors.joining());
    }

    private String memory() {
        return "memory of a replica in training, batch %d, on %d %s: about %s (parameters alone %s)\n"
                .formatted(
                        batch,
                        threads,
                        threads == 1 ? "thread" : "threads",
                        megabytes(model.trainingBytes(batch, threads)),
                        megabytes(Float.BYTES * model.parameterCount()));
    }

    private static int[] widths(List<List<String>> rows) {
        int[] widths = new int[HEADINGS.size()];
        for (List<String> row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        return widths;
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String padding = " ".repeat(widths[column] - row.get(column).length());
            line.append(column == 0 ? "" : "  ")
                    .append(column >= FIRST_NUMBER ? padding : "")
                    .append(row.get(column))
                    .append(column >= FIRST_NUMBER ? "" : padding);
        }
        return line.append('\n').toString();
    }

    private static String joined(List<Integer> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
    }
}
