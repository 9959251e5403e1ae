package org.starling.kernels.optimizer;

import java.io.Serializable;

/**
 * An update rule of stochastic gradient descent. It keeps no state of its own: the caller owns the state vectors, each as long
 * as the parameters, and may hand over any range of them in any order.
 */
public interface Optimizer extends Serializable {
    /** How many state vectors the rule keeps, each as long as the parameter vector, all zero at first. */
    int stateVectors();

    /**
     * Makes one step on elements {@code [0, length)} of the arrays.
     *
     * @param w parameters, changed in place
     * @param g gradient of the mean loss, weight decay included
     * @param state one array a state vector, changed in place
     * @param length elements
     * @param learningRate of this step
     * @param step number of this step since the state was zero, from 1
     */
    void update(float[] w, float[] g, float[][] state, int length, double learningRate, long step);
}
