package org.starling.data;

import org.starling.model.DataFormat;
import org.starling.model.ImageShape;

/** Writes decoded images into a network's input: normalized, in its order of axes, mirrored and moved. */
final class InputPlacement {
    private static final int VALUES = 256;

    private final ImageShape shape;
    /** What a network sees of each value, {@code [channel][value]}. */
    private final float[][] normalized;

    InputPlacement(ImageShape shape, Normalization normalization) {
        this.shape = shape;
        normalized = new float[shape.channels()][VALUES];
        for (int c = 0; c < shape.channels(); c++) {
            for (int value = 0; value < VALUES; value++) {
                normalized[c][value] = (float)
                        ((value - normalization.mean()[c]) / normalization.deviation()[c]);
            }
        }
    }

    /**
     * @param image unsigned values, {@code [h, w, c]}
     * @param mirror left to right, before the move
     * @param down pixels by which the content moves down, negative for up
     * @param right pixels by which the content moves to the right
     * @param target receives the image from {@code offset}; must be zero there, which is what the mean becomes
     */
    void place(byte[] image, boolean mirror, int down, int right, float[] target, int offset) {
        int height = shape.height();
        int width = shape.width();
        int channels = shape.channels();
        boolean last = shape.format() == DataFormat.CHANNELS_LAST;
        int pixelStride = last ? channels : 1;
        int channelStride = last ? 1 : height * width;
        for (int y = Math.max(0, down); y < Math.min(height, height + down); y++) {
            for (int x = Math.max(0, right); x < Math.min(width, width + right); x++) {
                int fromX = mirror ? width - 1 - (x - right) : x - right;
                int from = ((y - down) * width + fromX) * channels;
                int to = offset + (y * width + x) * pixelStride;
                for (int c = 0; c < channels; c++) {
                    target[to + c * channelStride] = normalized[c][image[from + c] & 0xFF];
                }
            }
        }
    }
}
