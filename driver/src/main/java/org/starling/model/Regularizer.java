package org.starling.model;

import java.io.Serializable;

/** Coefficients of Keras's l1, l2 and l1_l2: loss += l1 sum |w| + l2 sum w^2. */
record Regularizer(double l1, double l2) implements Serializable {
    static final Regularizer NONE = new Regularizer(0, 0);
}
