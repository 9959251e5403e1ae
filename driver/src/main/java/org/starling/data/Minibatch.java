package org.starling.data;

import java.util.List;

/**
 * Decoded, augmented and normalized images.
 *
 * @param features {@code [size, views, image]}, each image's values in the order of its {@link org.starling.model.ImageShape}; what lies behind them
 *     is of no image
 * @param labels class index of each image, -1 where not known
 * @param size number of images
 * @param views pictures of each image
 * @param records what the images were decoded from, in the same order
 */
public record Minibatch(float[] features, int[] labels, int size, int views, List<ImageRecord> records) {
    /** Of images that come from no set. */
    public Minibatch(float[] features, int[] labels, int size) {
        this(features, labels, size, 1, List.of());
    }

    /** Pictures in all. */
    public int pictures() {
        return size * views;
    }
}
