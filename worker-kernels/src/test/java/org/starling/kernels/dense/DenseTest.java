package org.starling.kernels.dense;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;

class DenseTest {
    static Stream<DenseShape> shapes() {
        return Stream.of(
                new DenseShape(1, 1, 1),
                new DenseShape(3, 7, 5),
                new DenseShape(33, 97, 101),
                new DenseShape(16, 385, 98),
                new DenseShape(31, 512, 99),
                new DenseShape(32, 513, 15),
                new DenseShape(7, 1100, 197),
                new DenseShape(400, 17, 33));
    }

    private static float[] random(int length, long seed) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static FloatBuffer offHeap(float[] values) {
        FloatBuffer buffer = ByteBuffer.allocateDirect(values.length * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        return buffer.put(values).rewind();
    }

    private static void assertClose(double[] expected, float[] actual) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < expected.length; i++) {
            assertTrue(Math.abs(expected[i] - actual[i]) <= 1e-5 * largest, "element " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void allPassesFollowTheDefinition(DenseShape s) {
        float[] x = random(s.examples() * s.inputs(), 1);
        float[] w = random(s.outputs() * s.inputs(), 2);
        float[] b = random(s.outputs(), 3);
        float[] dy = random(s.examples() * s.outputs(), 4);
        double[] y = new double[dy.length];
        double[] dz = new double[dy.length];
        double[] dx = new double[x.length];
        double[] dw = new double[w.length];
        double[] db = new double[b.length];
        for (int n = 0; n < s.examples(); n++) {
            for (int o = 0; o < s.outputs(); o++) {
                int at = n * s.outputs() + o;
                y[at] = b[o];
                for (int i = 0; i < s.inputs(); i++) {
                    y[at] += (double) x[n * s.inputs() + i] * w[o * s.inputs() + i];
                }
                y[at] = Math.max(0, y[at]);
                dz[at] = y[at] > 0 ? dy[at] : 0;
                db[o] += dz[at];
                for (int i = 0; i < s.inputs(); i++) {
                    dx[n * s.inputs() + i] += dz[at] * w[o * s.inputs() + i];
                    dw[o * s.inputs() + i] += dz[at] * x[n * s.inputs() + i];
                }
            }
        }
        try (ComputeTeam team = new ComputeTeam(2)) {
            Dense dense = new Dense(team, KernelProvider.get());
            float[] actualY = random(dy.length, 9);
            dense.forward(s, x, offHeap(w), b, actualY, true);
            assertClose(y, actualY);
            float[] actualDz = dy.clone();
            float[] actualDb = random(b.length, 9);
            dense.backwardEpilogue(s, actualY, actualDz, actualDb);
            assertClose(db, actualDb);
            float[] actualDx = random(x.length, 9);
            dense.backwardData(s, actualDz, offHeap(w), actualDx);
            assertClose(dx, actualDx);
            FloatBuffer buffer = offHeap(random(w.length, 9));
            dense.backwardWeights(s, x, actualDz, buffer);
            float[] actualDw = new float[w.length];
            buffer.get(0, actualDw);
            assertClose(dw, actualDw);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theBitsAreThoseOfTheScalarKernelsOnOneThread(DenseShape s) {
        assertArrayEquals(passes(s, 1, KernelProvider.scalar()), passes(s, 3, KernelProvider.get()));
    }

    private static float[] passes(DenseShape s, int threads, KernelProvider provider) {
        float[] x = random(s.examples() * s.inputs(), 1);
        float[] w = random(s.outputs() * s.inputs(), 2);
        float[] dy = random(s.examples() * s.outputs(), 4);
        float[] y = new float[dy.length];
        float[] dx = new float[x.length];
        FloatBuffer dw = offHeap(w);
        try (ComputeTeam team = new ComputeTeam(threads)) {
            Dense dense = new Dense(team, provider);
            dense.forward(s, x, offHeap(w), null, y, false);
            dense.backwardData(s, dy, offHeap(w), dx);
            dense.backwardWeights(s, x, dy, dw);
        }
        float[] all = Arrays.copyOf(y, y.length + dx.length + w.length);
        System.arraycopy(dx, 0, all, y.length, dx.length);
        dw.get(0, all, y.length + dx.length, w.length);
        return all;
    }

    @Test
    void anExamplesOutputDoesNotDependOnItsNeighbours() {
        float[] x = random(40 * 300, 1);
        FloatBuffer w = offHeap(random(50 * 300, 2));
        float[] together = new float[40 * 50];
        try (ComputeTeam team = new ComputeTeam(2)) {
            Dense dense = new Dense(team, KernelProvider.get());
            dense.forward(new DenseShape(40, 300, 50), x, w, null, together, false);
            for (int n = 0; n < 40; n++) {
                float[] alone = new float[50];
                float[] own = Arrays.copyOfRange(x, n * 300, (n + 1) * 300);
                dense.forward(new DenseShape(1, 300, 50), own, w, null, alone, false);
                assertArrayEquals(alone, Arrays.copyOfRange(together, n * 50, (n + 1) * 50));
            }
        }
    }
}
