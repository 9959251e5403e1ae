package org.starling.model;

import org.deeplearning4j.nn.conf.layers.DropoutLayer;

/**
 * tf.keras.layers.Dropout.
 *
 * @param rate fraction of values set to 0 in training; the others are divided by {@code 1 - rate}
 */
record Dropout(String name, Activations output, double rate) implements SequentialLayer {

    static Dropout read(LayerArguments arguments, Activations input) {
        double rate = arguments.number("rate", Double.NaN);
        if (!(rate >= 0 && rate < 1)) {
            throw arguments.error("rate is %s, but must be at least 0 and below 1.".formatted(arguments.node("rate")));
        }
        arguments.refuseUnless("noise_shape", "null", "remove it; every value is dropped on its own.");
        arguments.node("seed"); // The run's seed decides, or no two replicas could differ.
        return new Dropout(arguments.name(), input, rate);
    }

    @Override
    public String type() {
        return "Dropout";
    }

    /** Nothing, in inference. */
    @Override
    public void translate(OnnxGraph graph) {}

    @Override
    public void translate(Translation translation) {
        if (rate > 0) {
            // DL4J's number is the probability to keep a value.
            translation.add(new DropoutLayer.Builder(1 - rate).name(name).build());
        }
    }
}
