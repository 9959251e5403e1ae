package org.starling.kernels.optimizer;

/** Heavy-ball momentum as in Krizhevsky et al. 2012, section 5: {@code v <- mu v - lr g; w <- w + v}. */
public record Momentum(double momentum) implements Optimizer {
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
            v[i] = mu * v[i] - lr * g[i];
            w[i] += v[i];
        }
    }
}
