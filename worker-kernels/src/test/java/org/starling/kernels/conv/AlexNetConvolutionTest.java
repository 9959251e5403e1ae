package org.starling.kernels.conv;

import static org.starling.kernels.conv.ConvolutionErrors.random;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.conv.Convolution.Algorithm;
import org.starling.kernels.epilogue.Epilogue;
import org.starling.kernels.lrn.LocalResponseNormalization;
import org.starling.kernels.lrn.LrnShape;
import org.starling.kernels.pool.MaxPooling;
import org.starling.kernels.pool.PoolingShape;

/** AlexNet's convolutions, on the values that reach them in a network with AlexNet's initial weights. Prints the errors. */
@Tag("soak")
class AlexNetConvolutionTest {
    private static final Map<String, Layer> LAYERS = new LinkedHashMap<>();

    private record Layer(ConvolutionShape shape, float[] x, float[] w, float[] b) {}

    @BeforeAll
    static void feedForward() {
        try (ComputeTeam team = new ComputeTeam(2)) {
            float[] image = random(227 * 227 * 3, 1);
            float[] y1 = layer(team, "CONV1", shape(227, 3, 96, 11, 4, 0), image, 0);
            float[] y2 = layer(team, "CONV2", shape(27, 96, 256, 5, 1, 2), poolAndNormalize(team, y1, 55, 96), 0.1f);
            float[] y3 = layer(team, "CONV3", shape(13, 256, 384, 3, 1, 1), poolAndNormalize(team, y2, 27, 256), 0);
            float[] y4 = layer(team, "CONV4", shape(13, 384, 384, 3, 1, 1), y3, 0.1f);
            layer(team, "CONV5", shape(13, 384, 256, 3, 1, 1), y4, 0.1f);
        }
    }

    private static ConvolutionShape shape(int size, int channels, int filters, int kernel, int stride, int pad) {
        int out = (size + 2 * pad - kernel) / stride + 1;
        return new ConvolutionShape(
                1, size, size, channels, filters, kernel, kernel, stride, stride, pad, pad, 1, 1, out, out);
    }

    private static float[] layer(ComputeTeam team, String name, ConvolutionShape s, float[] x, float bias) {
        float[] w = random(s.patch() * s.filters(), 2);
        for (int i = 0; i < w.length; i++) {
            w[i] *= 0.01f;
        }
        float[] b = new float[s.filters()];
        Arrays.fill(b, bias);
        LAYERS.put(name, new Layer(s, x, w, b));
        float[] y = new float[s.pixels() * s.filters()];
        new Convolution(team, KernelProvider.get(), Algorithm.DIRECT).forward(s, x, w, y, new Epilogue(b, true));
        return y;
    }

    private static float[] poolAndNormalize(ComputeTeam team, float[] x, int size, int channels) {
        int out = (size - 3) / 2 + 1;
        PoolingShape s = new PoolingShape(1, size, size, channels, 3, 3, 2, 2, 0, 0, out, out);
        float[] pooled = new float[s.outputLength()];
        new MaxPooling(team).forward(s, x, pooled, new float[s.outputLength()]);
        float[] normalized = new float[pooled.length];
        new LocalResponseNormalization(team)
                .forward(new LrnShape(out * out, channels, 5, 2, 1e-4f, 0.75f), pooled, normalized);
        return normalized;
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void errorsAreWithinBounds(Algorithm algorithm) {
        LAYERS.forEach((name, layer) -> {
            ConvolutionShape s = layer.shape();
            ConvolutionErrors errors = ConvolutionErrors.of(
                    s, algorithm, layer.x(), layer.w(), layer.b(), random(s.pixels() * s.filters(), 4));
            System.out.printf("%s %s %s%n", name, algorithm, errors);
            errors.assertWithinBounds(algorithm);
        });
    }

    @AfterAll
    static void forget() {
        LAYERS.clear();
    }
}
