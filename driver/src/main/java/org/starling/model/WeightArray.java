package org.starling.model;

import java.io.Serializable;

/**
 * An array that a layer learns or keeps, before it has a place in the flat vector.
 *
 * @param name Keras's name of the array
 * @param layout its shape in Keras and the order of its elements here
 */
record WeightArray(
        String name, ParameterTensor.Role role, KernelLayout layout, Initializer initializer, Regularizer regularizer)
        implements Serializable {}
