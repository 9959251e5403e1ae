package org.starling.kernels.optimizer;

/** Nesterov momentum in Keras's form: {@code v <- mu v - lr g; w <- w + mu v - lr g}. */
public record Nesterov(double momentum) implements Optimizer {
    @Override
    public int stateVectors() {
        return 1;
    }

    @Override
    public void update(float[] w, float[] g, float[][] state, int length, double learningRate, long step) {
        float lr = (float) learningRate;
        float mu = (float) momentum;
        float[] v = state[0];
        for (int i = 0; i < length; i++) {
            float change = lr * g[i];
            v[i] = mu * v[i] - change;
            w[i] += mu * v[i] - change;
        }
    }
}
