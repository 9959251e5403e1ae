package org.starling.layers;

import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.kernels.dense.Dense;
import org.starling.kernels.dense.DenseShape;

/**
 * DL4J's dense layer on Starling's kernels: the same parameters, gradients and configuration, with linear or ReLU activation. The forward pass
 * runs once a step, where DL4J's runs it again for the backward pass.
 */
final class FullyConnected extends DenseLayer {
    private static final long serialVersionUID = 1L;

    private final transient Dense kernels;
    private final transient LayerLink link;
    private final boolean relu;
    private final boolean needsInputGradient;
    private final transient float[] bias;

    /** @param needsInputGradient false for a first layer, whose input is data */
    FullyConnected(NeuralNetConfiguration conf, Dense kernels, LayerLink link, boolean needsInputGradient) {
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
        DenseShape s = shape();
        float[] x = link.input(input, null, training);
        float[] y = link.outputBuffer((long) s.examples() * s.outputs(), training);
        if (bias != null) {
            NetworkBuffers.values(getParamWithNoise(DefaultParamInitializer.BIAS_KEY, training, workspaces))
                    .get(0, bias);
        }
        INDArray weights = getParamWithNoise(DefaultParamInitializer.WEIGHT_KEY, training, workspaces);
        kernels.forward(s, x, NetworkBuffers.values(weights), bias, y, relu);
        applyMask(s, y);
        return link.handOn(new long[] {s.examples(), s.outputs()}, null, training, getListeners(), workspaces);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        link.begin();
        assertInputSet(true);
        DenseShape s = shape();
        float[] x = link.keptInput();
        float[] dy = link.outputGradient(epsilon, null);
        applyMask(s, dy);
        Gradient gradient = new DefaultGradient();
        kernels.backwardEpilogue(s, relu ? link.keptOutput() : null, dy, bias);
        if (bias != null) {
            INDArray biasGradient = gradientViews.get(DefaultParamInitializer.BIAS_KEY);
            NetworkBuffers.values(biasGradient).put(0, bias);
            gradient.setGradientFor(DefaultParamInitializer.BIAS_KEY, biasGradient);
        }
        INDArray weightGradient = gradientViews.get(DefaultParamInitializer.WEIGHT_KEY);
        kernels.backwardWeights(s, x, dy, NetworkBuffers.values(weightGradient));
        gradient.setGradientFor(DefaultParamInitializer.WEIGHT_KEY, weightGradient);

        long[] wanted = null;
        if (needsInputGradient) {
            INDArray weights = getParamWithNoise(DefaultParamInitializer.WEIGHT_KEY, true, workspaces);
            float[] dx = link.inputGradientBuffer((long) s.examples() * s.inputs());
            kernels.backwardData(s, dy, NetworkBuffers.values(weights), dx);
            wanted = new long[] {s.examples(), s.inputs()};
        }
        weightNoiseParams.clear();
        INDArray inputGradient = link.handBack(wanted, null, workspaces);
        return new Pair<>(gradient, inputGradient == null ? null : backpropDropOutIfPresent(inputGradient));
    }

    /** Takes out the examples that the mask {@code [N, 1]} of the features hides, 0 for hidden and 1 for seen. */
    private void applyMask(DenseShape s, float[] rows) {
        for (int n = 0; maskArray != null && n < s.examples(); n++) {
            float seen = maskArray.getFloat(n);
            for (int i = n * s.outputs(); i < (n + 1) * s.outputs(); i++) {
                rows[i] *= seen;
            }
        }
    }

    private DenseShape shape() {
        if (input.rank() != 2 || input.size(1) != layerConf().getNIn()) {
            throw new DL4JInvalidInputException(layerId() + ": input of shape " + Arrays.toString(input.shape())
                    + ", expected [examples, " + layerConf().getNIn() + "]");
        }
        return new DenseShape((int) input.size(0), (int) layerConf().getNIn(), (int)
                layerConf().getNOut());
    }
}
