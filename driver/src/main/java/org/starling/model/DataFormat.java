package org.starling.model;

/** Order of an image tensor's axes, named as Keras names it. */
public enum DataFormat {
    /** {@code [batch, height, width, channels]}. */
    CHANNELS_LAST,
    /** {@code [batch, channels, height, width]}. */
    CHANNELS_FIRST;

    /** The name in Keras files: {@code channels_last} or {@code channels_first}. */
    public String kerasName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
