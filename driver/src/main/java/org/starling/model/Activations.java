package org.starling.model;

import java.io.Serializable;
import java.util.List;

/**
 * Shape of what flows between two layers for one image: maps, or a vector after flattening.
 *
 * @param height rows; 1 for a vector
 * @param width columns; 1 for a vector
 * @param channels maps, or the length of a vector
 * @param vector whether the network's array is {@code [N, channels]} and not four-dimensional
 */
record Activations(int height, int width, int channels, boolean vector) implements Serializable {
    static Activations maps(int height, int width, int channels) {
        return new Activations(height, width, channels, false);
    }

    static Activations vector(int length) {
        return new Activations(1, 1, length, true);
    }

    /** @throws ArithmeticException when it is beyond all that can be counted */
    long length() {
        return Math.multiplyExact((long) height * width, (long) channels);
    }

    /** The shape without the batch, as Keras shows it. */
    List<Integer> shape(DataFormat format) {
        if (vector) {
            return List.of(channels);
        }
        return format == DataFormat.CHANNELS_LAST ? List.of(height, width, channels) : List.of(channels, height, width);
    }
}
