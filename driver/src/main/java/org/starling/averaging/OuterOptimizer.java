package org.starling.averaging;

import java.io.Serializable;

/**
 * Takes what a round has made of the parameters, {@code x_k - mean}, for a gradient and makes a step along it, with momentum from round to
 * round. Elements are computed each alone, in double, and rounded once to float: the same bits whatever the slice or the machine.
 */
public sealed interface OuterOptimizer extends Serializable {
    /**
     * Makes one step.
     *
     * @param x the parameters that the round began with, replaced by the next ones
     * @param mean of the replicas' parameters at its end
     * @param momentum zero before the first round, replaced by its next value
     */
    void step(float[] x, float[] mean, float[] momentum);

    /**
     * SlowMo (Wang, Tantia, Ballas and Rabbat 2020, algorithm 1): {@code u <- beta u + (x - mean) / gamma; x <- x - alpha gamma u}. With one replica
     * and beta 0 it is Lookahead.
     *
     * @param learningRate alpha
     * @param momentum beta
     * @param localRate gamma, the replicas' learning rate in the round; where a schedule has ended at 0 the change itself is taken and adds nothing
     *     to u
     */
    record SlowMo(double learningRate, double momentum, double localRate) implements OuterOptimizer {
        @Override
        public void step(float[] x, float[] mean, float[] u) {
            for (int i = 0; i < x.length; i++) {
                double change = (double) x[i] - mean[i];
                double kept = momentum * u[i];
                u[i] = (float) (localRate > 0 ? kept + change / localRate : kept);
                // gamma u, without the way by u, which may have no value.
                x[i] = (float) (x[i] - learningRate * (localRate * kept + change));
            }
        }
    }

    /**
     * Nesterov's momentum as DiLoCo takes it (Douillard et al. 2023, algorithm 1), in PyTorch's form:
     * {@code u <- mu u + (x - mean); x <- x - rate ((x - mean) + mu u)}.
     *
     * @param learningRate rate
     * @param momentum mu
     */
    record OuterNesterov(double learningRate, double momentum) implements OuterOptimizer {
        @Override
        public void step(float[] x, float[] mean, float[] u) {
            for (int i = 0; i < x.length; i++) {
                double change = (double) x[i] - mean[i];
                double next = momentum * u[i] + change;
                u[i] = (float) next;
                x[i] = (float) (x[i] - learningRate * (change + momentum * next));
            }
        }
    }
}
