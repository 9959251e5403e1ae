package org.starling.data;

import java.io.Serializable;

/**
 * Random changes of training images; each is a function of (image, seed).
 *
 * @param mirror flip left to right with probability one half
 * @param shift move by up to this many pixels in each direction, filling with the channel's mean
 */
public record Augmentation(boolean mirror, int shift) implements Serializable {
    public static final Augmentation NONE = new Augmentation(false, 0);
}
