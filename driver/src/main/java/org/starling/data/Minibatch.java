package org.starling.data;

/**
 * Decoded, augmented and normalized images.
 *
 * @param features {@code [size, image]}, each image's values in the order of its {@link org.starling.model.ImageShape}
 * @param labels class index of each image, -1 where not known
 * @param size number of images
 */
public record Minibatch(float[] features, int[] labels, int size) {}
