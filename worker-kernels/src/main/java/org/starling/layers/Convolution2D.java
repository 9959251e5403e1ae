package org.starling.layers;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.kernels.conv.Convolution;
import org.starling.kernels.conv.ConvolutionShape;

/**
 * DL4J's convolution layer on Starling's kernels: the same parameters, gradients, configuration and geometry, with linear or ReLU activation.
 * The forward pass runs once a step, where DL4J's runs it again for the backward pass.
 */
final class Convolution2D extends ConvolutionLayer {
    private static final long serialVersionUID = 1L;

    private final transient Convolution kernels;
    private final transient Buffers buffers;
    private final boolean relu;
    private final boolean needsInputGradient;
    private final transient LayerClock clock;
    /** One bit an output value: whether ReLU let it through. */
    private transient long[] passed = new long[0];

    /**
     * @param buffers shared by the layers of a network, which compute one after the other
     * @param needsInputGradient false for a first layer, whose input is data
     */
    Convolution2D(
            NeuralNetConfiguration conf,
            DataType dataType,
            Convolution kernels,
            Buffers buffers,
            boolean needsInputGradient,
            LayerClock clock) {
        super(conf, dataType);
        this.kernels = kernels;
        this.buffers = buffers;
        this.relu = layerConf().getActivationFn() instanceof ActivationReLU;
        this.needsInputGradient = needsInputGradient;
        this.clock = clock;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        long start = System.nanoTime();
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaces);
        validateInputRank();
        INDArray weights = getParamWithNoise(ConvolutionParamInitializer.WEIGHT_KEY, training, workspaces);
        validateInputDepth(weights.size(1));
        ConvolutionShape s = shape();
        float[] x = buffers.first(inputLength(s));
        ImageTensor.read(input, format(), x);
        float[] y = buffers.second(outputLength(s));
        kernels.forward(
                s,
                x,
                values(weights),
                y,
                new org.starling.kernels.conv.Epilogue(hasBias() ? bias(training, workspaces) : null, false));
        if (relu) {
            rectify(y, outputLength(s), training);
        }
        INDArray output = workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, outputShape(s), 'c');
        ImageTensor.write(y, output, format(), buffers);
        clock.took(conf().getLayer().getLayerName(), LayerClock.Pass.FORWARD, System.nanoTime() - start);
        return output;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        long start = System.nanoTime();
        assertInputSet(true);
        ConvolutionShape s = shape();
        float[] dy = buffers.second(outputLength(s));
        ImageTensor.read(epsilon, format(), dy);
        if (relu) {
            stopWhatDidNotPass(dy, outputLength(s));
        }
        float[] x = buffers.first(inputLength(s));
        ImageTensor.read(input, format(), x);

        INDArray weightGradient = gradientViews.get(ConvolutionParamInitializer.WEIGHT_KEY);
        float[] dw = new float[(int) weightGradient.length()];
        float[] db = hasBias() ? new float[s.filters()] : null;
        kernels.backwardEpilogue(s, null, dy, db);
        kernels.backwardFilter(s, x, dy, dw);
        weightGradient.data().asNioFloat().put(dw);
        Gradient gradient = new DefaultGradient();
        if (hasBias()) {
            INDArray biasGradient = gradientViews.get(ConvolutionParamInitializer.BIAS_KEY);
            biasGradient.data().asNioFloat().put(db);
            gradient.setGradientFor(ConvolutionParamInitializer.BIAS_KEY, biasGradient);
        }
        gradient.setGradientFor(ConvolutionParamInitializer.WEIGHT_KEY, weightGradient, 'c');

        INDArray inputGradient = null;
        if (needsInputGradient) {
            INDArray weights = getParamWithNoise(ConvolutionParamInitializer.WEIGHT_KEY, true, workspaces);
            float[] dx = buffers.first(inputLength(s));
            kernels.backwardData(s, dy, values(weights), dx);
            inputGradient = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, input.shape(), 'c');
            ImageTensor.write(dx, inputGradient, format(), buffers);
            inputGradient = backpropDropOutIfPresent(inputGradient);
        }
        weightNoiseParams.clear();
        clock.took(conf().getLayer().getLayerName(), LayerClock.Pass.BACKWARD, System.nanoTime() - start);
        return new Pair<>(gradient, inputGradient);
    }

    private CNN2DFormat format() {
        return layerConf().getCnn2dDataFormat();
    }

    private ConvolutionShape shape() {
        int[] size = ImageTensor.heightWidthChannels(input, format());
        int[] kernel = layerConf().getKernelSize();
        int[] stride = layerConf().getStride();
        int[] dilation = layerConf().getDilation();
        boolean same = convolutionMode == ConvolutionMode.Same;
        int[] out = ConvolutionUtils.getOutputSize(
                input, kernel, stride, same ? null : layerConf().getPadding(), convolutionMode, dilation, format());
        int[] pad = same
                ? ConvolutionUtils.getSameModeTopLeftPadding(
                        out, new int[] {size[0], size[1]}, kernel, stride, dilation)
                : layerConf().getPadding();
        return new ConvolutionShape(
                (int) input.size(0),
                size[0],
                size[1],
                size[2],
                (int) layerConf().getNOut(),
                kernel[0],
                kernel[1],
                stride[0],
                stride[1],
                pad[0],
                pad[1],
                dilation[0],
                dilation[1],
                out[0],
                out[1]);
    }

    private long[] outputShape(ConvolutionShape s) {
        return format() == CNN2DFormat.NHWC
                ? new long[] {s.images(), s.outHeight(), s.outWidth(), s.filters()}
                : new long[] {s.images(), s.filters(), s.outHeight(), s.outWidth()};
    }

    private static int inputLength(ConvolutionShape s) {
        return Math.multiplyExact(s.images() * s.channels(), s.height() * s.width());
    }

    private static int outputLength(ConvolutionShape s) {
        return Math.multiplyExact(s.images() * s.filters(), s.outHeight() * s.outWidth());
    }

    private float[] bias(boolean training, LayerWorkspaceMgr workspaces) {
        return values(getParamWithNoise(ConvolutionParamInitializer.BIAS_KEY, training, workspaces));
    }

    private static float[] values(INDArray parameter) {
        float[] values = new float[(int) parameter.length()];
        parameter.data().asNioFloat().get(values);
        return values;
    }

    private void rectify(float[] y, int length, boolean training) {
        if (training) {
            int words = (length + 63) / 64;
            if (passed.length < words) {
                passed = new long[words];
            } else {
                Arrays.fill(passed, 0);
            }
            for (int i = 0; i < length; i++) {
                if (y[i] > 0) {
                    passed[i >>> 6] |= 1L << i;
                } else {
                    y[i] = 0;
                }
            }
        } else {
            for (int i = 0; i < length; i++) {
                y[i] = Math.max(0, y[i]);
            }
        }
    }

    private void stopWhatDidNotPass(float[] dy, int length) {
        for (int i = 0; i < length; i++) {
            if ((passed[i >>> 6] & 1L << i) == 0) {
                dy[i] = 0;
            }
        }
    }
}
