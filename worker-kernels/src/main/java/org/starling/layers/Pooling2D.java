package org.starling.layers;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.ScratchArray;
import org.starling.kernels.pool.AveragePooling;
import org.starling.kernels.pool.MaxPooling;
import org.starling.kernels.pool.PoolingShape;

/**
 * DL4J's max or average pooling layer on Starling's kernels: the same configuration and geometry. As in DL4J, a dropout of its input, which a
 * network's global one gives to every layer, is not applied.
 */
final class Pooling2D extends SubsamplingLayer {
    private static final long serialVersionUID = 1L;

    private final transient MaxPooling maximum;
    private final transient AveragePooling average;
    private final transient LayerLink link;
    private transient float[] argmax = new float[0];

    Pooling2D(NeuralNetConfiguration conf, ComputeTeam team, LayerLink link) {
        super(conf, DataType.FLOAT);
        boolean max = layerConf().getPoolingType() == PoolingType.MAX;
        this.maximum = max ? new MaxPooling(team) : null;
        this.average = max ? null : new AveragePooling(team);
        this.link = link;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        link.begin();
        assertInputSet(false);
        PoolingShape s = shape();
        float[] x = link.input(input, format(), training);
        float[] y = link.outputBuffer(s.outputLength(), training);
        if (maximum == null) {
            average.forward(s, x, y);
        } else if (training) {
            argmax = ScratchArray.atLeast(argmax, s.outputLength());
            maximum.forward(s, x, y, argmax);
        } else {
            maximum.forward(s, x, y, null);
        }
        long[] shape = ImageTensor.shape(s.images(), s.outHeight(), s.outWidth(), s.channels(), format());
        return link.handOn(shape, format(), training, getListeners(), workspaces);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        link.begin();
        assertInputSet(true);
        link.keptInput();
        PoolingShape s = shape();
        float[] dy = link.outputGradient(epsilon, format());
        float[] dx = link.inputGradientBuffer(s.inputLength());
        if (maximum == null) {
            average.backward(s, dy, dx);
        } else {
            maximum.backward(s, dy, argmax, dx);
        }
        INDArray inputGradient = link.handBack(input.shape(), format(), workspaces);
        return new Pair<>(new DefaultGradient(), inputGradient);
    }

    private CNN2DFormat format() {
        return layerConf().getCnn2dDataFormat();
    }

    private PoolingShape shape() {
        int[] size = ImageTensor.heightWidthChannels(input, format());
        int[] window = layerConf().getKernelSize();
        int[] stride = layerConf().getStride();
        Windows windows = Windows.of(
                input, window, stride, layerConf().getPadding(), layerConf().getDilation(), convolutionMode, format());
        return new PoolingShape(
                (int) input.size(0),
                size[0],
                size[1],
                size[2],
                window[0],
                window[1],
                stride[0],
                stride[1],
                windows.padTop(),
                windows.padLeft(),
                windows.outHeight(),
                windows.outWidth());
    }
}
