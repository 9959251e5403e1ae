package org.starling.kernels.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.NesterovsUpdater;

class OptimizerTest {
    private static final int N = 1000;

    private interface Reference {
        void step(double[] w, double[] g, long t);
    }

    /** Twenty steps on random gradients, against plain formulas in double. */
    private static void follows(Optimizer optimizer, double learningRate, Reference reference) {
        Random random = new Random(1);
        float[] w = new float[N];
        double[] expected = new double[N];
        for (int i = 0; i < N; i++) {
            expected[i] = w[i] = (float) random.nextGaussian();
        }
        float[][] state = new float[optimizer.stateVectors()][N];
        for (int t = 1; t <= 20; t++) {
            float[] g = new float[N];
            double[] gd = new double[N];
            for (int i = 0; i < N; i++) {
                gd[i] = g[i] = (float) random.nextGaussian();
            }
            optimizer.update(w, g, state, N, learningRate, t);
            reference.step(expected, gd, t);
        }
        for (int i = 0; i < N; i++) {
            assertEquals(expected[i], w[i], 1e-5, "element " + i);
        }
    }

    @Test
    void sgdFollowsItsFormula() {
        follows(new Sgd(), 0.1, (w, g, t) -> {
            for (int i = 0; i < N; i++) {
                w[i] -= 0.1 * g[i];
            }
        });
    }

    @Test
    void momentumIsHeavyBall() {
        double[] v = new double[N];
        follows(new Momentum(0.9), 0.01, (w, g, t) -> {
            for (int i = 0; i < N; i++) {
                v[i] = 0.9 * v[i] - 0.01 * g[i];
                w[i] += v[i];
            }
        });
    }

    @Test
    void nesterovAgreesWithNd4j() {
        NesterovsUpdater updater = new NesterovsUpdater(new org.nd4j.linalg.learning.config.Nesterovs(0.01, 0.9));
        agreesWithNd4j(new Nesterov(0.9), updater, 1, 0.01);
    }

    @Test
    void adamAgreesWithNd4jWithinItsEpsilon() {
        AdamUpdater updater = new AdamUpdater(new org.nd4j.linalg.learning.config.Adam(0.01, 0.9, 0.999, 1e-8));
        agreesWithNd4j(new Adam(0.9, 0.999, 1e-8), updater, 2, 0.01);
    }

    private static void agreesWithNd4j(Optimizer optimizer, GradientUpdater<?> updater, int states, double rate) {
        updater.setStateViewArray(Nd4j.zeros(DataType.FLOAT, 1, states * N), new long[] {1, N}, 'c', true);
        follows(optimizer, rate, (w, g, t) -> {
            INDArray gradient = Nd4j.create(g, new long[] {1, N}, DataType.FLOAT);
            updater.applyUpdater(gradient, (int) t - 1, 0);
            for (int i = 0; i < N; i++) {
                w[i] -= gradient.getDouble(0, i);
            }
        });
    }

    @Test
    void theBitsDoNotDependOnTheRange() {
        Optimizer adam = new Adam(0.9, 0.999, 1e-7);
        Random random = new Random(2);
        float[] w = new float[64];
        float[] g = new float[64];
        for (int i = 0; i < 64; i++) {
            w[i] = (float) random.nextGaussian();
            g[i] = (float) random.nextGaussian();
        }
        float[] whole = w.clone();
        adam.update(whole, g, new float[2][64], 64, 0.01, 1);
        for (int i = 0; i < 64; i++) {
            float[] one = {w[i]};
            adam.update(one, new float[] {g[i]}, new float[2][1], 1, 0.01, 1);
            w[i] = one[0];
        }
        assertArrayEquals(whole, w);
    }
}
