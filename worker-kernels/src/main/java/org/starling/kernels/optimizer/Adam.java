package org.starling.kernels.optimizer;

/**
 * Adam (Kingma and Ba 2015, the efficient form at the end of section 2): {@code m <- b1 m + (1 - b1) g},
 * {@code v <- b2 v + (1 - b2) g^2}, {@code w <- w - lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon)}.
 */
public record Adam(double beta1, double beta2, double epsilon) implements Optimizer {
    @Override
    public int stateVectors() {
        return 2;
    }

    @Override
    public void update(float[] w, float[] g, float[][] state, int length, double learningRate, long step) {
        // StrictMath: Math.pow may differ by an ulp between machines.
        double correction = Math.sqrt(1 - StrictMath.pow(beta2, step)) / (1 - StrictMath.pow(beta1, step));
        float rate = (float) (learningRate * correction);
        float b1 = (float) beta1;
        float b2 = (float) beta2;
        float eps = (float) epsilon;
        float[] m = state[0];
        float[] v = state[1];
        for (int i = 0; i < length; i++) {
            m[i] = b1 * m[i] + (1 - b1) * g[i];
            v[i] = b2 * v[i] + (1 - b2) * (g[i] * g[i]);
            w[i] -= rate * m[i] / ((float) Math.sqrt(v[i]) + eps);
        }
    }
}
