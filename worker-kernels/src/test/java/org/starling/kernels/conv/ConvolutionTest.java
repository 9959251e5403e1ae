package org.starling.kernels.conv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.starling.kernels.conv.ConvolutionErrors.random;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.conv.Convolution.Algorithm;
import org.starling.kernels.epilogue.Epilogue;
import org.starling.kernels.winograd.TileTransforms;

class ConvolutionTest {
    private static ConvolutionShape shape(
            int n, int h, int w, int c, int o, int kh, int kw, int sh, int sw, int pad, int dilation) {
        int outHeight = (h + 2 * pad - (dilation * (kh - 1) + 1)) / sh + 1;
        int outWidth = (w + 2 * pad - (dilation * (kw - 1) + 1)) / sw + 1;
        return new ConvolutionShape(n, h, w, c, o, kh, kw, sh, sw, pad, pad, dilation, dilation, outHeight, outWidth);
    }

    /** Sizes around vectors and tiles, primes, strides beyond the filter, dilation, one channel, batch 1. */
    static Stream<ConvolutionShape> shapes() {
        return Stream.of(
                shape(1, 5, 5, 1, 1, 3, 3, 1, 1, 0, 1),
                shape(2, 7, 6, 3, 5, 3, 2, 1, 1, 1, 1),
                shape(1, 23, 23, 3, 17, 11, 11, 4, 4, 0, 1),
                shape(2, 27, 23, 3, 40, 11, 11, 4, 4, 0, 1),
                shape(3, 13, 13, 16, 49, 3, 3, 1, 1, 1, 1),
                shape(2, 9, 11, 47, 48, 5, 5, 1, 1, 2, 1),
                shape(1, 27, 27, 33, 31, 5, 5, 1, 1, 2, 1),
                shape(1, 13, 13, 400, 32, 3, 3, 1, 1, 1, 1),
                shape(2, 12, 12, 32, 65, 3, 3, 1, 1, 1, 1),
                shape(2, 6, 7, 64, 64, 3, 3, 1, 1, 0, 1),
                shape(1, 17, 19, 29, 37, 3, 3, 1, 1, 2, 1),
                shape(2, 10, 10, 24, 40, 5, 5, 2, 2, 2, 1),
                shape(1, 11, 11, 4, 3, 3, 3, 1, 1, 2, 2),
                shape(1, 13, 13, 40, 33, 3, 3, 1, 1, 2, 2),
                shape(2, 9, 9, 2, 7, 2, 2, 3, 3, 0, 1),
                shape(1, 8, 8, 31, 33, 1, 1, 1, 1, 0, 1),
                shape(1, 10, 7, 5, 4, 3, 3, 2, 3, 1, 1),
                shape(5, 4, 4, 97, 13, 3, 3, 1, 1, 1, 1));
    }

    static Stream<Arguments> shapesAndAlgorithms() {
        return shapes().flatMap(s -> Stream.of(Algorithm.values()).map(algorithm -> Arguments.of(s, algorithm)));
    }

    @Test
    void theGridHasEveryTileOfWinogradsAlgorithmAndTheDirectWay() {
        Set<String> ways = new TreeSet<>();
        shapes().forEach(s -> ways.add(WinogradShape.cheapest(s, TileTransforms.scalar())
                .map(shape -> shape.tile().getClass().getSimpleName() + (shape.phases() > 1 ? " in phases" : ""))
                .orElse("direct")));
        assertEquals(
                Set.of(
                        "ScalarF4x3",
                        "ScalarF4x3 in phases",
                        "ScalarF4x5",
                        "ScalarF5x3",
                        "ScalarF5x3 in phases",
                        "ScalarF6x3",
                        "direct"),
                ways);
    }

    @ParameterizedTest
    @MethodSource("shapesAndAlgorithms")
    void allPassesFollowTheDefinition(ConvolutionShape s, Algorithm algorithm) {
        float[] x = random(s.images() * s.height() * s.width() * s.channels(), 1);
        allPassesFollowTheDefinition(s, algorithm, x);
    }

    @ParameterizedTest
    @MethodSource("shapesAndAlgorithms")
    void allPassesFollowTheDefinitionForWhatReluLetsThrough(ConvolutionShape s, Algorithm algorithm) {
        float[] x = random(s.images() * s.height() * s.width() * s.channels(), 1);
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.max(0, x[i]);
        }
        allPassesFollowTheDefinition(s, algorithm, x);
    }

    private static void allPassesFollowTheDefinition(ConvolutionShape s, Algorithm algorithm, float[] x) {
        float[] w = random(s.patch() * s.filters(), 2);
        float[] b = random(s.filters(), 3);
        float[] dy = random(s.pixels() * s.filters(), 4);
        ConvolutionErrors.of(s, algorithm, x, w, b, dy).assertWithinBounds(algorithm);
    }

    @ParameterizedTest
    @MethodSource("shapesAndAlgorithms")
    void theBitsAreThoseOfTheScalarKernelsOnOneThread(ConvolutionShape s, Algorithm algorithm) {
        assertArrayEquals(
                passes(s, 1, KernelProvider.scalar(), algorithm), passes(s, 3, KernelProvider.get(), algorithm));
    }

    private static float[] passes(ConvolutionShape s, int threads, KernelProvider provider, Algorithm algorithm) {
        float[] x = random(s.images() * s.height() * s.width() * s.channels(), 1);
        float[] w = random(s.patch() * s.filters(), 2);
        float[] dy = random(s.pixels() * s.filters(), 4);
        float[] y = new float[dy.length];
        float[] dx = new float[x.length];
        float[] dw = new float[w.length];
        try (ComputeTeam team = new ComputeTeam(threads)) {
            Convolution convolution = new Convolution(team, provider, algorithm);
            convolution.forward(s, x, w, y, new Epilogue(random(s.filters(), 3), false));
            convolution.backwardEpilogue(s, y, dy, null);
            convolution.backwardData(s, dy, w, dx);
            convolution.backwardFilter(s, x, dy, dw);
        }
        float[] all = Arrays.copyOf(y, y.length + dx.length + dw.length);
        System.arraycopy(dx, 0, all, y.length, dx.length);
        System.arraycopy(dw, 0, all, y.length + dx.length, dw.length);
        return all;
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void anImagesOutputDoesNotDependOnItsNeighbours(Algorithm algorithm) {
        ConvolutionShape five = shape(5, 9, 9, 33, 40, 3, 3, 1, 1, 1, 1);
        ConvolutionShape one = shape(1, 9, 9, 33, 40, 3, 3, 1, 1, 1, 1);
        int in = 9 * 9 * 33;
        int out = 9 * 9 * 40;
        float[] x = random(5 * in, 1);
        float[] w = random(five.patch() * 40, 2);
        float[] together = new float[5 * out];
        try (ComputeTeam team = new ComputeTeam(2)) {
            Convolution convolution = new Convolution(team, KernelProvider.get(), algorithm);
            convolution.forward(five, x, w, together, Epilogue.NONE);
            for (int n = 0; n < 5; n++) {
                float[] alone = new float[out];
                convolution.forward(one, Arrays.copyOfRange(x, n * in, (n + 1) * in), w, alone, Epilogue.NONE);
                assertArrayEquals(alone, Arrays.copyOfRange(together, n * out, (n + 1) * out));
            }
        }
    }

    @Test
    void theGradientOfAStridedConvolutionsInputNeedsNoArrayOfTheWholeBatch() {
        ConvolutionShape s = shape(64, 33, 33, 8, 16, 3, 3, 2, 2, 1, 1);
        float[] dy = random(s.pixels() * s.filters(), 4);
        float[] w = random(s.patch() * s.filters(), 2);
        float[] dx = new float[s.images() * s.height() * s.width() * s.channels()];
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (ComputeTeam team = new ComputeTeam(1)) {
            // Scalar: vectors are objects until they are compiled.
            Convolution convolution = new Convolution(team, KernelProvider.scalar(), Algorithm.DIRECT);
            long before = threads.getCurrentThreadAllocatedBytes();
            convolution.backwardData(s, dy, w, dx);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(allocated < (long) Float.BYTES * dy.length, allocated + " bytes");
        }
    }
}
