package org.starling.model;

/** A layer that applies an activation function to its output, which a model's last layer gives up for softmax. */
interface WithActivation extends SequentialLayer {
    ActivationFunction activation();

    /** The same layer without its activation function. */
    SequentialLayer linear();
}
