package org.starling.model;

/** What a {@code valid} convolution does with a size that (N - F) / stride does not divide. */
public enum ConvolutionRemainder {
    /** Refuse the model and show the arithmetic. */
    ERROR,
    /** Ignore the last rows and columns, as tf.keras does. */
    FLOOR
}
