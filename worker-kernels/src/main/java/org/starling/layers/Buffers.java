package org.starling.layers;

/** Scratch for a network's layers, which compute one after the other: each array grows to the largest that was asked for. */
final class Buffers {
    private final float[][] arrays = new float[3][0];

    float[] first(int length) {
        return atLeast(0, length);
    }

    float[] second(int length) {
        return atLeast(1, length);
    }

    /** For changes of layout; never held across calls. */
    float[] layout(int length) {
        return atLeast(2, length);
    }

    private float[] atLeast(int which, int length) {
        if (arrays[which].length < length) {
            arrays[which] = new float[length];
        }
        return arrays[which];
    }
}
