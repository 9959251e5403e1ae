package org.starling.model;

import java.io.Serializable;

/**
 * Initial values of one array as a function of the run's seed and of each element's place alone, so that any part of the flat
 * vector can be made anywhere. The distributions are those of tf.keras.initializers; the numbers are Starling's own.
 */
sealed interface Initializer extends Serializable
        permits ConstantInitializer, RandomInitializer, OrthogonalInitializer, IdentityInitializer {
    Initializer ZEROS = new ConstantInitializer(0);
    Initializer ONES = new ConstantInitializer(1);

    /**
     * Writes elements {@code [from, from + count)} of the array, in the order of the flat vector.
     *
     * @param seed of the run
     * @param offset place of the array in the flat vector
     * @param from first element within the array
     * @param target receives the values from index {@code start} on
     */
    void fill(long seed, long offset, long from, float[] target, int start, int count);
}
