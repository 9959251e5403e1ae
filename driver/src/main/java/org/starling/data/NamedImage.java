package org.starling.data;

/** An image by its name, without its bytes. */
public interface NamedImage {
    /** Its name in its set. */
    String name();

    /** Its class index. */
    int label();
}
