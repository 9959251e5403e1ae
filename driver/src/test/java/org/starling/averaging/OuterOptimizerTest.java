package org.starling.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.starling.averaging.OuterOptimizer.OuterNesterov;
import org.starling.averaging.OuterOptimizer.SlowMo;

/** Against the papers' algorithms for one parameter, in double. */
class OuterOptimizerTest {
    private static final float[] MEANS = {0.9f, 0.75f, 0.8f, -0.2f};

    /** Runs rounds that end at {@link #MEANS}, whatever they begin with. */
    private static float[] path(OuterOptimizer optimizer) {
        float[] x = {1};
        float[] u = {0};
        float[] path = new float[MEANS.length];
        for (int round = 0; round < MEANS.length; round++) {
            optimizer.step(x, new float[] {MEANS[round]}, u);
            path[round] = x[0];
        }
        return path;
    }

    @Test
    void slowMoIsAlgorithm1OfItsPaper() {
        double alpha = 0.8;
        double beta = 0.6;
        double gamma = 0.05;
        double x = 1;
        double u = 0;
        float[] expected = new float[MEANS.length];
        for (int round = 0; round < MEANS.length; round++) {
            u = beta * u + 1 / gamma * (x - MEANS[round]);
            x = x - alpha * gamma * u;
            expected[round] = (float) x;
        }
        assertArrayEquals(expected, path(new SlowMo(alpha, beta, gamma)), 2e-6f);
    }

    @Test
    void nesterovIsPyTorchsSgdOnTheOuterGradient() {
        double rate = 0.7;
        double mu = 0.9;
        double x = 1;
        double buffer = 0;
        float[] expected = new float[MEANS.length];
        for (int round = 0; round < MEANS.length; round++) {
            double gradient = x - MEANS[round];
            buffer = mu * buffer + gradient;
            x = x - rate * (gradient + mu * buffer);
            expected[round] = (float) x;
        }
        assertArrayEquals(expected, path(new OuterNesterov(rate, mu)), 2e-6f);
    }

    @Test
    void withoutMomentumAndWithRateOneBothAreTheMean() {
        assertArrayEquals(MEANS, path(new SlowMo(1, 0, 0.1)));
        assertArrayEquals(MEANS, path(new OuterNesterov(1, 0)));
    }

    @Test
    void slowMoAfterTheScheduleHasEndedAtZeroTakesTheChangeAndLetsItsMomentumFade() {
        float[] x = {1};
        float[] u = {8};
        new SlowMo(1, 0.5, 0).step(x, new float[] {0.25f}, u);
        assertEquals(0.25f, x[0]);
        assertEquals(4, u[0]);
    }
}
