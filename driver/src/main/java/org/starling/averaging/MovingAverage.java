package org.starling.averaging;

import java.io.Serializable;

/**
 * An exponential moving average of the parameters over rounds, {@code a <- d a + (1 - d) x}, element by element in double.
 *
 * @param vector number of the vector that holds it
 * @param decay d of this round
 */
public record MovingAverage(int vector, double decay) implements Serializable {

    /**
     * In round k the decay is at most (1 + k) / (10 + k), as in TensorFlow's ExponentialMovingAverage, so that the first parameters are soon
     * forgotten.
     *
     * @param round from 1
     */
    public static MovingAverage inRound(int round, double decay, int vector) {
        return new MovingAverage(vector, Math.min(decay, (1.0 + round) / (10.0 + round)));
    }

    void add(float[] x, float[] average) {
        for (int i = 0; i < x.length; i++) {
            average[i] = (float) (decay * average[i] + (1 - decay) * x[i]);
        }
    }
}
