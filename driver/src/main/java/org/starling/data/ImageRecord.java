package org.starling.data;

import java.io.Serializable;

/**
 * One image of a set, not decoded yet.
 *
 * @param name what a person would call it, unique in its set: the path below the set's root, or file and index
 * @param label class index, or -1 where it is not known
 * @param encoding how {@code bytes} is to be read
 * @param height rows of a raw image, 0 for an image file
 * @param width columns of a raw image, 0 for an image file
 * @param channels channels of a raw image, 0 for an image file
 * @param bytes the file's bytes, or raw unsigned values
 */
public record ImageRecord(String name, int label, Encoding encoding, int height, int width, int channels, byte[] bytes)
        implements NamedImage, Serializable {

    /** How the bytes of a record are to be read. */
    public enum Encoding {
        /** An image file: JPEG, PNG, GIF, BMP. */
        FILE,
        /** Raw values, {@code [height, width, channels]} (IDX). */
        RAW_INTERLEAVED,
        /** Raw values, {@code [channels, height, width]} (CIFAR). */
        RAW_PLANAR,
        /** The file could not be read at all; the bytes say why, in UTF-8. */
        UNREADABLE
    }

    /** The same image under another name. */
    public ImageRecord named(String other) {
        return new ImageRecord(other, label, encoding, height, width, channels, bytes);
    }

    /** The same image under another label. */
    public ImageRecord labelled(int other) {
        return new ImageRecord(name, other, encoding, height, width, channels, bytes);
    }
}
