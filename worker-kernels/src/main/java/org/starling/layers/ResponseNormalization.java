package org.starling.layers;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.lrn.LocalResponseNormalization;
import org.starling.kernels.lrn.LrnShape;

/** DL4J's local response normalization layer on Starling's kernels, with the exact gradient, which DL4J's own approximates. */
final class ResponseNormalization extends org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization {
    private static final long serialVersionUID = 1L;

    private final transient LocalResponseNormalization kernels;
    private final transient LayerLink link;

    ResponseNormalization(NeuralNetConfiguration conf, ComputeTeam team, LayerLink link) {
        super(conf, DataType.FLOAT);
        this.kernels = new LocalResponseNormalization(team);
        this.link = link;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        link.begin();
        assertInputSet(false);
        LrnShape s = shape();
        float[] x = link.input(input, format(), training);
        kernels.forward(s, x, link.outputBuffer(s.length(), training));
        return link.handOn(input.shape(), format(), training, getListeners(), workspaces);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        link.begin();
        assertInputSet(true);
        LrnShape s = shape();
        float[] x = link.keptInput();
        float[] dy = link.outputGradient(epsilon, format());
        kernels.backward(s, x, dy, link.inputGradientBuffer(s.length()));
        return new Pair<>(new DefaultGradient(), link.handBack(input.shape(), format(), workspaces));
    }

    private CNN2DFormat format() {
        return layerConf().getDataFormat();
    }

    private LrnShape shape() {
        int[] size = ImageTensor.heightWidthChannels(input, format());
        return new LrnShape(
                Math.multiplyExact((int) input.size(0), size[0] * size[1]),
                size[2],
                (int) layerConf().getN(),
                layerConf().getK(),
                layerConf().getAlpha(),
                layerConf().getBeta());
    }
}
