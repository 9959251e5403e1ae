package org.starling.model;

import java.io.Serializable;

/**
 * Size of the images a network takes.
 *
 * @param height rows
 * @param width columns
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param format the order in which the network expects one image's values
 */
public record ImageShape(int height, int width, int channels, DataFormat format) implements Serializable {
    /** Without the order. */
    public ImageSize size() {
        return new ImageSize(height, width, channels);
    }

    /** Values in one image. */
    public int length() {
        return height * width * channels;
    }

    /** Shape of a tensor of {@code images}, in the order of the format. */
    public long[] tensor(int images) {
        return format == DataFormat.CHANNELS_LAST
                ? new long[] {images, height, width, channels}
                : new long[] {images, channels, height, width};
    }
}
