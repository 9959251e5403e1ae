package org.starling.model;

import java.util.Arrays;

/** Keras's zeros, ones and constant. */
record ConstantInitializer(float value) implements Initializer {
    @Override
    public void fill(long seed, long offset, long from, float[] target, int start, int count) {
        Arrays.fill(target, start, start + count, value);
    }
}
