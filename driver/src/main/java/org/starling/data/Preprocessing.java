package org.starling.data;

import java.io.Serializable;

/**
 * What is done with every picture, in training and after it.
 *
 * @param shortSide to which a picture's short side is scaled before the network's input is cut out of it; 0 to scale it so that it just covers
 *     the input, as it does at least
 * @param normalization of the values
 */
public record Preprocessing(int shortSide, Normalization normalization) implements Serializable {}
