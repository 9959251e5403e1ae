package org.starling.data;

import java.io.Serializable;

/**
 * An image that could not be read.
 *
 * @param name name of the image in its set
 * @param reason what is wrong with it, for a person
 */
public record BadImage(String name, String reason) implements Serializable {}
