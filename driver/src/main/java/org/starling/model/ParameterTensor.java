package org.starling.model;

import java.io.Serializable;

/**
 * One named array within a network's flat parameter vector.
 *
 * @param layer name of the layer in the model file
 * @param name Keras's name of the array: kernel, bias, gamma, beta, moving_mean, moving_variance
 * @param role how training treats it
 * @param offset first element in the flat vector
 * @param length number of elements
 * @param l1 coefficient of the layer's own L1 regularizer, as in Keras (loss += l1 sum |w|)
 * @param l2 coefficient of the layer's own L2 regularizer, as in Keras (loss += l2 sum w^2, so the gradient is 2 l2 w)
 */
public record ParameterTensor(String layer, String name, Role role, long offset, long length, double l1, double l2)
        implements Serializable {

    /** How training treats an array. */
    public enum Role {
        /** Weights of a convolution or dense layer: weight decay applies. */
        KERNEL,
        /** Biases, gamma and beta: no weight decay. */
        BIAS,
        /** Moving mean and variance: the network itself supplies the change, no optimizer touches them. */
        RUNNING_STATISTIC
    }

    public String fullName() {
        return layer + "/" + name;
    }
}
