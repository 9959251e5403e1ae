package org.starling.jobs.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.starling.Version;

/** How benchmarks write figures as JSON. */
public final class Figures {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** More digits would be noise. */
    private static final MathContext DIGITS = new MathContext(6);

    private Figures() {}

    /** An object that says what was measured, when and where. */
    public static ObjectNode of(String benchmark, Machine machine) {
        return JSON.createObjectNode()
                .put("benchmark", benchmark)
                .put("starling", Version.current())
                .put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .put("cpu", machine.cpu())
                .put("processors", machine.processors())
                .put("os", machine.os())
                .put("jdk", machine.jdk());
    }

    /** Medians by their names, and under {@code spread} what {@link #spread(ObjectNode, Samples)} says of each. */
    static void samples(ObjectNode root, Map<String, Samples> samples) {
        samples.forEach((name, s) -> root.put(name, rounded(s.median())));
        ObjectNode spread = root.putObject("spread");
        samples.forEach((name, s) -> spread(spread.putObject(name), s));
    }

    /** Median, min, max and every sample. */
    public static void spread(ObjectNode node, Samples samples) {
        node.put("median", rounded(samples.median()))
                .put("min", rounded(samples.min()))
                .put("max", rounded(samples.max()));
        ArrayNode values = node.putArray("samples");
        samples.values().forEach(value -> values.add(rounded(value)));
    }

    /** The digits that mean something, without an exponent for large numbers. */
    public static BigDecimal rounded(double value) {
        BigDecimal rounded = BigDecimal.valueOf(value).round(DIGITS).stripTrailingZeros();
        return rounded.scale() < 0 ? rounded.setScale(0) : rounded;
    }

    /** The file's content, UTF-8. */
    public static byte[] text(ObjectNode figures) {
        try {
            String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(figures);
            return (text + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("figures that are no JSON", e);
        }
    }
}
