package org.starling.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;

/** Reads one {@code kernel_initializer} or {@code bias_initializer}, with tf.keras's names and defaults. */
final class InitializerArgument {
    private static final String SUPPORTED =
            "glorot_uniform, glorot_normal, he_uniform, he_normal, lecun_uniform, lecun_normal,"
                    + " variance_scaling, random_normal, random_uniform, truncated_normal, zeros, ones, constant, orthogonal, identity";

    private final LayerArguments layer;
    private final String key;
    private final String kind;
    private final JsonNode config;

    InitializerArgument(LayerArguments layer, String key, JsonNode value, String otherwise) {
        this.layer = layer;
        this.key = key;
        this.config = value.path("config");
        if (value.isNull()) {
            this.kind = otherwise;
        } else {
            this.kind = snakeCase(
                    value.isTextual()
                            ? value.textValue()
                            : value.path("class_name").asText(value.toString()));
        }
    }

    /** GlorotUniform and glorot_uniform are the same name. */
    private static String snakeCase(String name) {
        return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    Initializer read(KernelLayout layout) {
        return switch (kind) {
            case "zeros", "zero" -> Initializer.ZEROS;
            case "ones", "one" -> Initializer.ONES;
            case "constant" -> new ConstantInitializer((float) number("value", 0));
            case "random_normal", "normal" -> normal(RandomInitializer.Distribution.NORMAL);
            case "truncated_normal" -> normal(RandomInitializer.Distribution.TRUNCATED_NORMAL);
            case "random_uniform", "uniform" -> uniform();
            case "glorot_uniform" -> scaled(layout, 1, "fan_avg", "uniform");
            case "glorot_normal" -> scaled(layout, 1, "fan_avg", "truncated_normal");
            case "he_uniform" -> scaled(layout, 2, "fan_in", "uniform");
            case "he_normal" -> scaled(layout, 2, "fan_in", "truncated_normal");
            case "lecun_uniform" -> scaled(layout, 1, "fan_in", "uniform");
            case "lecun_normal" -> scaled(layout, 1, "fan_in", "truncated_normal");
            case "variance_scaling" -> scaled(
                    layout, positive("scale", 1), text("mode", "fan_in"), text("distribution", "truncated_normal"));
            case "orthogonal" -> orthogonal(layout);
            case "identity" -> identity(layout);
            default -> throw layer.error(
                    "%s \"%s\" is not supported. Supported are %s.".formatted(key, kind, SUPPORTED));
        };
    }

    private Initializer normal(RandomInitializer.Distribution distribution) {
        return new RandomInitializer(distribution, number("mean", 0), notNegative("stddev", 0.05));
    }

    private Initializer uniform() {
        double low = number("minval", -0.05);
        double high = number("maxval", 0.05);
        if (low > high) {
            throw layer.error("%s has minval %s above maxval %s.".formatted(key, low, high));
        }
        return new RandomInitializer(RandomInitializer.Distribution.UNIFORM, (low + high) / 2, (high - low) / 2);
    }

    private Initializer scaled(KernelLayout layout, double scale, String mode, String distribution) {
        double variance = scale / Math.max(1, fan(layout, mode));
        return switch (distribution.toLowerCase(Locale.ROOT)) {
            case "uniform" -> new RandomInitializer(RandomInitializer.Distribution.UNIFORM, 0, Math.sqrt(3 * variance));
            case "untruncated_normal" -> new RandomInitializer(
                    RandomInitializer.Distribution.NORMAL, 0, Math.sqrt(variance));
            case "truncated_normal", "normal" -> new RandomInitializer(
                    RandomInitializer.Distribution.TRUNCATED_NORMAL,
                    0,
                    Math.sqrt(variance) / RandomInitializer.TRUNCATED_DEVIATION);
            default -> throw layer.error(
                    "%s has distribution \"%s\", but must have uniform, truncated_normal or untruncated_normal."
                            .formatted(key, distribution));
        };
    }

    /** Keras's fans: a convolution's kernel area counts on both sides, and its strides do not matter. */
    private double fan(KernelLayout layout, String mode) {
        List<Integer> shape = layout.shape();
        double area = shape.size() == 4 ? (double) shape.get(0) * shape.get(1) : 1;
        double in = area * shape.get(Math.max(0, shape.size() - 2));
        double out = area * shape.get(shape.size() - 1);
        return switch (mode.toLowerCase(Locale.ROOT)) {
            case "fan_in" -> in;
            case "fan_out" -> out;
            case "fan_avg" -> (in + out) / 2;
            default -> throw layer.error(
                    "%s has mode \"%s\", but must have fan_in, fan_out or fan_avg.".formatted(key, mode));
        };
    }

    private Initializer orthogonal(KernelLayout layout) {
        if (layout.shape().size() == 1) {
            throw layer.error(key + " \"orthogonal\" needs a kernel: a bias has only one dimension.");
        }
        if (layout.length() > OrthogonalInitializer.LARGEST) {
            throw layer.error(
                    "%s \"orthogonal\" is supported up to %,d elements, and this kernel has %,d. Use he_normal."
                            .formatted(key, OrthogonalInitializer.LARGEST, layout.length()));
        }
        return new OrthogonalInitializer(number("gain", 1), layout);
    }

    private Initializer identity(KernelLayout layout) {
        if (layout.shape().size() != 2) {
            throw layer.error(key + " \"identity\" is for the kernel of a dense layer, as in tf.keras.");
        }
        return new IdentityInitializer(number("gain", 1), layout);
    }

    private double number(String name, double otherwise) {
        JsonNode value = config.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw layer.error("%s of %s is %s, but must be a number.".formatted(name, key, value));
        }
        return value.doubleValue();
    }

    private double notNegative(String name, double otherwise) {
        double value = number(name, otherwise);
        if (value < 0) {
            throw layer.error("%s of %s is %s, but must be at least 0.".formatted(name, key, value));
        }
        return value;
    }

    private double positive(String name, double otherwise) {
        double value = number(name, otherwise);
        if (value <= 0) {
            throw layer.error("%s of %s is %s, but must be above 0.".formatted(name, key, value));
        }
        return value;
    }

    private String text(String name, String otherwise) {
        return config.path(name).asText(otherwise);
    }
}
