package org.starling.jobs.configuration;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.starling.training.TrainingConfiguration.ClassWeights;

/**
 * What values a setting takes. Values come as Typesafe Config unwraps them (numbers, booleans, strings, maps) or, from the
 * command line, as strings; both mean the same.
 */
sealed interface SettingType<T> {
    /** The value, or empty when it is of another type or out of range. */
    Optional<T> read(Object given);

    /** What is allowed, as a phrase that follows "expected is". */
    String allowed();

    /** The value as HOCON text. */
    default String render(T value) {
        return value.toString();
    }

    /** Any text. */
    record Text() implements SettingType<String> {
        @Override
        public Optional<String> read(Object given) {
            return given instanceof String text && !text.isBlank() ? Optional.of(text) : Optional.empty();
        }

        @Override
        public String allowed() {
            return "a text that is not empty";
        }

        @Override
        public String render(String value) {
            return ConfigUtil.quoteString(value);
        }
    }

    /** A path on any Hadoop file system. */
    record PathName() implements SettingType<String> {
        @Override
        public Optional<String> read(Object given) {
            return new Text().read(given);
        }

        @Override
        public String allowed() {
            return "a path";
        }

        @Override
        public String render(String value) {
            return ConfigUtil.quoteString(Redaction.ofUri(value));
        }
    }

    /** A whole number from {@code min} to {@code max}, both allowed. */
    record Whole(long min, long max) implements SettingType<Long> {
        @Override
        public Optional<Long> read(Object given) {
            return number(given)
                    .filter(n -> n.stripTrailingZeros().scale() <= 0)
                    .filter(n -> n.compareTo(BigDecimal.valueOf(min)) >= 0)
                    .filter(n -> n.compareTo(BigDecimal.valueOf(max)) <= 0)
                    .map(BigDecimal::longValueExact);
        }

        @Override
        public String allowed() {
            boolean open = max == Integer.MAX_VALUE || max == Long.MAX_VALUE;
            if (open && min == Long.MIN_VALUE) {
                return "a whole number";
            }
            return "a whole number, " + (open ? min + " or more" : min + " to " + max);
        }
    }

    /**
     * A decimal number.
     *
     * @param minAllowed whether {@code min} itself is allowed
     * @param maxAllowed whether {@code max} itself is allowed
     */
    record Decimal(double min, boolean minAllowed, double max, boolean maxAllowed) implements SettingType<Double> {
        @Override
        public Optional<Double> read(Object given) {
            return number(given)
                    .map(BigDecimal::doubleValue)
                    .filter(v -> minAllowed ? v >= min : v > min)
                    .filter(v -> maxAllowed ? v <= max : v < max)
                    .filter(v -> !v.isInfinite());
        }

        @Override
        public String allowed() {
            String low = Settings.plain(min) + (minAllowed ? " or more" : "");
            if (max == Double.POSITIVE_INFINITY) {
                return "a number" + (minAllowed ? ", " + low : " greater than " + low);
            }
            return "a number" + (minAllowed ? ", " : " greater than ") + low + " and "
                    + (maxAllowed ? "at most " : "less than ") + Settings.plain(max);
        }

        @Override
        public String render(Double value) {
            return Settings.plain(value);
        }
    }

    /** true or false. */
    record Flag() implements SettingType<Boolean> {
        @Override
        public Optional<Boolean> read(Object given) {
            return switch (given.toString()) {
                case "true" -> Optional.of(true);
                case "false" -> Optional.of(false);
                default -> Optional.empty();
            };
        }

        @Override
        public String allowed() {
            return "true or false";
        }
    }

    /** One of some names. */
    record Choice<T>(Map<String, T> values) implements SettingType<T> {
        static <E extends Enum<E>> Choice<E> of(Class<E> type) {
            Map<String, E> values = new LinkedHashMap<>();
            for (E value : type.getEnumConstants()) {
                values.put(value.name().toLowerCase(Locale.ROOT), value);
            }
            return new Choice<>(values);
        }

        static Choice<String> of(String... names) {
            return new Choice<>(
                    List.of(names).stream().collect(Collectors.toMap(n -> n, n -> n, (a, b) -> a, LinkedHashMap::new)));
        }

        @Override
        public Optional<T> read(Object given) {
            return Optional.ofNullable(values.get(given.toString().toLowerCase(Locale.ROOT)));
        }

        @Override
        public String allowed() {
            return "one of " + String.join(", ", values.keySet());
        }

        @Override
        public String render(T value) {
            return values.entrySet().stream()
                    .filter(e -> e.getValue().equals(value))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Positive numbers by name. */
    record Weights() implements SettingType<ClassWeights> {
        private static final String BALANCED = "balanced";
        static final Decimal WEIGHT = new Decimal(0, true, Double.POSITIVE_INFINITY, false);

        @Override
        public Optional<ClassWeights> read(Object given) {
            if (given.equals(BALANCED)) {
                return Optional.of(ClassWeights.BALANCED);
            }
            if (!(given instanceof Map<?, ?> entries)) {
                return Optional.empty();
            }
            Map<String, Double> weights = new LinkedHashMap<>();
            for (Map.Entry<?, ?> entry : entries.entrySet()) {
                Optional<Double> weight = WEIGHT.read(entry.getValue());
                if (weight.isEmpty()) {
                    return Optional.empty();
                }
                weights.put(entry.getKey().toString(), weight.get());
            }
            return Optional.of(new ClassWeights(false, weights));
        }

        @Override
        public String allowed() {
            return "balanced, or names with a number each, 0 or more, as in { \"Shirt\": 2.0 }";
        }

        @Override
        public String render(ClassWeights value) {
            if (value.balanced()) {
                return BALANCED;
            }
            return value.byName().entrySet().stream()
                    .map(e -> ConfigUtil.quoteString(e.getKey()) + ": " + Settings.plain(e.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
    }

    /** Names, each once. */
    record Names() implements SettingType<List<String>> {
        @Override
        public Optional<List<String>> read(Object given) {
            if (given instanceof String text) {
                return list(text).flatMap(this::read);
            }
            if (!(given instanceof List<?> items)) {
                return Optional.empty();
            }
            List<String> names =
                    items.stream().map(String::valueOf).map(String::strip).toList();
            boolean each = names.stream().noneMatch(String::isEmpty)
                    && names.stream().distinct().count() == names.size();
            return each ? Optional.of(names) : Optional.empty();
        }

        /** Of {@code [a, b]}, or without the brackets. */
        private static Optional<List<Object>> list(String text) {
            try {
                String list = text.startsWith("[") ? text : "[" + text + "]";
                return Optional.of(ConfigFactory.parseString("names = " + list)
                        .getList("names")
                        .unwrapped());
            } catch (ConfigException e) {
                return Optional.empty();
            }
        }

        @Override
        public String allowed() {
            return "a list of names, each once, as in [conv1, conv2]";
        }

        @Override
        public String render(List<String> value) {
            return value.stream().map(ConfigUtil::quoteString).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    private static Optional<BigDecimal> number(Object given) {
        if (!(given instanceof Number) && !(given instanceof String)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new BigDecimal(given.toString()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
