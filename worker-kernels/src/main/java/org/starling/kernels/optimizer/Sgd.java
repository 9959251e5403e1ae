package org.starling.kernels.optimizer;

/** {@code w <- w - lr g}. */
public record Sgd() implements Optimizer {
    @Override
    public int stateVectors() {
        return 0;
    }

    @Override
    public void update(float[] w, float[] g, float[][] state, int length, double learningRate, long step) {
        float lr = (float) learningRate;
        for (int i = 0; i < length; i++) {
            w[i] -= lr * g[i];
        }
    }
}
