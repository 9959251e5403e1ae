package org.starling.layers;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.kernels.conv.Convolution;
import org.starling.kernels.conv.ConvolutionShape;
import org.starling.kernels.epilogue.Epilogue;

/**
 * DL4J's convolution layer on Starling's kernels: the same parameters, gradients, configuration and geometry, with linear or ReLU activation.
 * The forward pass runs once a step, where DL4J's runs it again for the backward pass.
 */
final class Convolution2D extends ConvolutionLayer {
    private static final long serialVersionUID = 1L;

    private final transient Convolution kernels;
    private final transient LayerLink link;
    private final boolean relu;
    private final boolean needsInputGradient;
    private final transient float[] bias;

    /** @param needsInputGradient false for a first layer, whose input is data */
    Convolution2D(NeuralNetConfiguration conf, Convolution kernels, LayerLink link, boolean needsInputGradient) {
        super(conf, DataType.FLOAT);
        this.kernels = kernels;
        this.link = link;
        this.relu = layerConf().getActivationFn() instanceof ActivationReLU;
        this.needsInputGradient = needsInputGradient;
        this.bias = hasBias() ? new float[(int) layerConf().getNOut()] : null;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        link.begin();
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaces);
        validateInputRank();
        INDArray weights = getParamWithNoise(ConvolutionParamInitializer.WEIGHT_KEY, training, workspaces);
        validateInputDepth(weights.size(1));
        ConvolutionShape s = shape();
        float[] x = link.input(input, format(), training);
        float[] y = link.outputBuffer(outputLength(s), training);
        if (bias != null) {
            NetworkBuffers.values(getParamWithNoise(ConvolutionParamInitializer.BIAS_KEY, training, workspaces))
                    .get(0, bias);
        }
        kernels.forward(s, x, link.buffers().parameters(weights), y, new Epilogue(bias, relu));
        long[] shape = ImageTensor.shape(s.images(), s.outHeight(), s.outWidth(), s.filters(), format());
        return link.handOn(shape, format(), training, getListeners(), workspaces);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        link.begin();
        assertInputSet(true);
        ConvolutionShape s = shape();
        float[] x = link.keptInput();
        float[] dy = link.outputGradient(epsilon, format());
        Gradient gradient = new DefaultGradient();
        kernels.backwardEpilogue(s, relu ? link.keptOutput() : null, dy, bias);
        if (bias != null) {
            INDArray biasGradient = gradientViews.get(ConvolutionParamInitializer.BIAS_KEY);
            NetworkBuffers.values(biasGradient).put(0, bias);
            gradient.setGradientFor(ConvolutionParamInitializer.BIAS_KEY, biasGradient);
        }
        INDArray weightGradient = gradientViews.get(ConvolutionParamInitializer.WEIGHT_KEY);
        float[] dw = link.buffers().parameters((int) weightGradient.length());
        kernels.backwardFilter(s, x, dy, dw);
        NetworkBuffers.values(weightGradient).put(0, dw, 0, (int) weightGradient.length());
        gradient.setGradientFor(ConvolutionParamInitializer.WEIGHT_KEY, weightGradient, 'c');

        long[] wanted = null;
        if (needsInputGradient) {
            INDArray weights = getParamWithNoise(ConvolutionParamInitializer.WEIGHT_KEY, true, workspaces);
            float[] dx = link.inputGradientBuffer(input.length());
            kernels.backwardData(s, dy, link.buffers().parameters(weights), dx);
            wanted = input.shape();
        }
        weightNoiseParams.clear();
        INDArray inputGradient = link.handBack(wanted, format(), workspaces);
        return new Pair<>(gradient, inputGradient == null ? null : backpropDropOutIfPresent(inputGradient));
    }

    private CNN2DFormat format() {
        return layerConf().getCnn2dDataFormat();
    }

    private ConvolutionShape shape() {
        int[] size = ImageTensor.heightWidthChannels(input, format());
        int[] kernel = layerConf().getKernelSize();
        int[] stride = layerConf().getStride();
        int[] dilation = layerConf().getDilation();
        Windows windows =
                Windows.of(input, kernel, stride, layerConf().getPadding(), dilation, convolutionMode, format());
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
                windows.padTop(),
                windows.padLeft(),
                dilation[0],
                dilation[1],
                windows.outHeight(),
                windows.outWidth());
    }

    private static long outputLength(ConvolutionShape s) {
        return Math.multiplyExact((long) s.images() * s.filters(), (long) s.outHeight() * s.outWidth());
    }
}
