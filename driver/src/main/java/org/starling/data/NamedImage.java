package org.starling.data;

/** An image by its name, without its bytes. */
public interface NamedImage {
    /** The label of images that have none. */
    int UNLABELLED = -1;

    /** Its name in its set. */
    String name();

    /** Its class index. */
    int label();
}
