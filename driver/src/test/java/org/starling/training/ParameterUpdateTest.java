package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.optimizer.Sgd;
import org.starling.model.ParameterTensor;
import org.starling.model.ParameterTensor.Role;
import org.starling.training.TrainingConfiguration.ClippingSettings;

/** With sgd at rate 1 the change of a parameter is its gradient as the optimizer sees it. */
class ParameterUpdateTest {
    private static final ClippingSettings NO_CLIPPING = new ClippingSettings(0, 0);

    private static ParameterTensor tensor(Role role, long offset, long length, double l1, double l2) {
        return new ParameterTensor("layer", "array" + offset, role, offset, length, l1, l2);
    }

    private static float[] gradientSeen(
            List<ParameterTensor> tensors, float[] w, float[] g, double decay, ClippingSettings clipping, int images) {
        float[] changed = w.clone();
        new ParameterUpdate(new ComputeTeam(1), tensors, new Sgd(), decay, clipping)
                .apply(FloatBuffer.wrap(changed), FloatBuffer.wrap(g.clone()), new float[0][], images, 1, 1);
        float[] seen = new float[w.length];
        for (int i = 0; i < w.length; i++) {
            seen[i] = w[i] - changed[i];
        }
        return seen;
    }

    @Test
    void theSumIsDividedByTheImages() {
        float[] seen = gradientSeen(
                List.of(tensor(Role.KERNEL, 0, 2, 0, 0)), new float[] {0, 0}, new float[] {8, -4}, 0, NO_CLIPPING, 4);
        assertArrayEquals(new float[] {2, -1}, seen);
    }

    @Test
    void weightDecayIsForKernelsWithoutARegularizerOfTheirOwn() {
        List<ParameterTensor> tensors = List.of(
                tensor(Role.KERNEL, 0, 1, 0, 0),
                tensor(Role.BIAS, 1, 1, 0, 0),
                tensor(Role.KERNEL, 2, 1, 0, 0.25),
                tensor(Role.KERNEL, 3, 1, 0.5, 0));
        float[] seen = gradientSeen(tensors, new float[] {2, 2, 2, -2}, new float[4], 0.125, NO_CLIPPING, 1);
        // decay w; nothing; 2 l2 w; l1 sign w
        assertArrayEquals(new float[] {0.25f, 0, 1, -0.5f}, seen);
    }

    @Test
    void runningStatisticsTakeTheNetworksChangeAsItIs() {
        float[] seen = gradientSeen(
                List.of(tensor(Role.RUNNING_STATISTIC, 0, 1, 0, 0)),
                new float[] {4},
                new float[] {3},
                0.5,
                new ClippingSettings(0.1, 0.1),
                8);
        assertArrayEquals(new float[] {3}, seen);
    }

    @Test
    void anArrayIsClippedToItsNormAndOthersAreNot() {
        List<ParameterTensor> tensors = List.of(tensor(Role.KERNEL, 0, 2, 0, 0), tensor(Role.BIAS, 2, 2, 0, 0));
        float[] seen =
                gradientSeen(tensors, new float[4], new float[] {6, 8, 0.3f, 0.4f}, 0, new ClippingSettings(5, 0), 1);
        assertArrayEquals(new float[] {3, 4, 0.3f, 0.4f}, seen, 1e-6f);
    }

    @Test
    void theWholeGradientIsClippedToTheGlobalNormAndDecayComesAfter() {
        List<ParameterTensor> tensors = List.of(tensor(Role.KERNEL, 0, 1, 0, 0), tensor(Role.BIAS, 1, 1, 0, 0));
        float[] seen =
                gradientSeen(tensors, new float[] {1, 1}, new float[] {30, 40}, 0.5, new ClippingSettings(0, 5), 1);
        assertArrayEquals(new float[] {3.5f, 4}, seen, 1e-6f);
    }

    @Test
    void arraysLongerThanAChunkAreTreatedAlike() {
        int n = 100_003;
        Random random = new Random(3);
        float[] w = new float[n];
        float[] g = new float[n];
        double square = 0;
        for (int i = 0; i < n; i++) {
            g[i] = (float) random.nextGaussian();
            square += (double) g[i] * g[i];
        }
        float[] seen = gradientSeen(List.of(tensor(Role.KERNEL, 0, n, 0, 0)), w, g, 0, new ClippingSettings(1, 0), 1);
        for (int i = 0; i < n; i++) {
            assertEquals(g[i] / Math.sqrt(square), seen[i], 1e-8);
        }
    }
}
