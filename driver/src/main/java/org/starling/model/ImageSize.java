package org.starling.model;

import java.io.Serializable;

/** Height, width and channels of an image, in whatever order they are stored. */
public record ImageSize(int height, int width, int channels) implements Serializable {}
