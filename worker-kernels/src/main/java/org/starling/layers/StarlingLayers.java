package org.starling.layers;

import java.lang.reflect.Field;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.conv.Convolution;
import org.starling.kernels.conv.Convolution.Algorithm;
import org.starling.kernels.dense.Dense;

/** Puts Starling's layer implementations into a built network. */
public final class StarlingLayers {
    private static final Logger LOG = LoggerFactory.getLogger(StarlingLayers.class);

    /** Layers that compute next to nothing; no line in the log for them. */
    private static final Set<String> SMALL = Set.of("LossLayer", "DropoutLayer", "ActivationLayer");

    private final MultiLayerNetwork network;
    private final ComputeTeam team;
    private final LayerClock clock;
    private final Convolution convolution;
    private final Dense dense;
    private final NetworkBuffers buffers = new NetworkBuffers();

    private StarlingLayers(MultiLayerNetwork network, ComputeTeam team, Algorithm algorithm, LayerClock clock) {
        this.network = network;
        this.team = team;
        this.clock = clock;
        this.convolution = new Convolution(team, KernelProvider.get(), algorithm);
        this.dense = new Dense(team, KernelProvider.get());
    }

    /**
     * Makes a network fast: replaces the implementations of its convolution, pooling, local response normalization and dense layers by
     * Starling's, which share their parameters and gradients; configuration and saved form of the network stay as they are. Layers that are
     * not supported (another activation than linear or ReLU, another data type than FLOAT, another kind of layer) stay DL4J's, with a line in the
     * log. The gradient of the network's input, which no training needs, is null afterwards.
     *
     * @param network initialized
     * @param team the threads that compute; the caller closes it after the network's last use
     * @return through which the network may be given minibatches; DL4J's arrays do as well
     */
    public static NetworkInput install(MultiLayerNetwork network, ComputeTeam team) {
        return install(network, team, Algorithm.CHEAPEST, LayerClock.NONE);
    }

    /**
     * As above.
     *
     * @param algorithm of convolutions
     * @param clock told how long each replaced layer takes
     */
    public static NetworkInput install(
            MultiLayerNetwork network, ComputeTeam team, Algorithm algorithm, LayerClock clock) {
        return new StarlingLayers(network, team, algorithm, clock).install();
    }

    private NetworkInput install() {
        Layer[] layers = network.getLayers();
        LayerLink first = null;
        LayerLink last = null;
        for (int i = 0; i < layers.length; i++) {
            Layer stock = layers[i];
            String why = unsupported(stock);
            if (why != null) {
                if (!SMALL.contains(stock.getClass().getSimpleName())) {
                    LOG.warn("layer {} stays DL4J's: {}", name(stock), why);
                }
                last = null;
                continue;
            }
            LayerLink link = new LayerLink(name(stock), i, buffers, team, clock);
            if (last != null && handsOn(stock, i) && sameFormat(layers[i - 1], stock)) {
                LayerLink.join(last, link, between(i) == null);
            }
            if (i == 0 && between(0) == null && handsOn(stock, 0) && format(stock) != CNN2DFormat.NCHW) {
                first = link;
            }
            last = link;
            replace(layers, i, link);
        }
        return new NetworkInput(first, team);
    }

    private static String name(Layer layer) {
        return layer.conf().getLayer().getLayerName();
    }

    /**
     * The layers with weights that {@link #install} would leave to DL4J, in the network's order. They multiply with OpenBLAS, whose last bits
     * depend on the CPU and on threads.
     *
     * @return the reason, such as {@code activation tanh}, by the layer's name, or by {@code layer3} and the like where it has none
     */
    public static Map<String, String> stockMultiplications(MultiLayerConfiguration network) {
        Map<String, String> reasons = new LinkedHashMap<>();
        for (int i = 0; i < network.getConfs().size(); i++) {
            org.deeplearning4j.nn.conf.layers.Layer layer = network.getConf(i).getLayer();
            boolean weights = !layer.initializer().weightKeys(layer).isEmpty();
            String why = weights ? unsupported(layer, network.getDataType()) : null;
            if (why != null) {
                reasons.put(layer.getLayerName() == null ? "layer" + i : layer.getLayerName(), why);
            }
        }
        return reasons;
    }

    private static String unsupported(Layer layer) {
        Class<?> type = layer.getClass();
        boolean weights = type == ConvolutionLayer.class || type == DenseLayer.class;
        if (!weights && type != SubsamplingLayer.class && type != LocalResponseNormalization.class) {
            return notAmongOurs(type);
        }
        DataType dataType = weights
                ? layer.params().dataType()
                : ((org.deeplearning4j.nn.layers.AbstractLayer<?>) layer).getDataType();
        return unsupported(layer.conf().getLayer(), dataType);
    }

    private static String unsupported(org.deeplearning4j.nn.conf.layers.Layer layer, DataType dataType) {
        Class<?> type = layer.getClass();
        boolean convolution = type == org.deeplearning4j.nn.conf.layers.ConvolutionLayer.class
                || type == org.deeplearning4j.nn.conf.layers.Convolution2D.class;
        boolean pooling = type == org.deeplearning4j.nn.conf.layers.SubsamplingLayer.class
                || type == org.deeplearning4j.nn.conf.layers.Pooling2D.class;
        boolean dense = type == org.deeplearning4j.nn.conf.layers.DenseLayer.class;
        boolean lrn = type == org.deeplearning4j.nn.conf.layers.LocalResponseNormalization.class;
        if (!convolution && !pooling && !dense && !lrn) {
            return notAmongOurs(type);
        }
        if (dataType != DataType.FLOAT) {
            return "data type " + dataType;
        }
        if (pooling) {
            return unsupported((org.deeplearning4j.nn.conf.layers.SubsamplingLayer) layer);
        }
        if (lrn) {
            return unsupported((org.deeplearning4j.nn.conf.layers.LocalResponseNormalization) layer);
        }
        IActivation activation = ((org.deeplearning4j.nn.conf.layers.BaseLayer) layer).getActivationFn();
        if (!(activation instanceof ActivationReLU || activation instanceof ActivationIdentity)) {
            return "activation " + activation;
        }
        boolean normalized = dense && ((org.deeplearning4j.nn.conf.layers.DenseLayer) layer).hasLayerNorm();
        return normalized ? "layer normalization" : null;
    }

    private static String notAmongOurs(Class<?> type) {
        return type.getSimpleName() + " is not among Starling's layers";
    }

    private static String unsupported(org.deeplearning4j.nn.conf.layers.LocalResponseNormalization lrn) {
        if (lrn.getN() % 2 != 1) {
            return "a window of n = " + lrn.getN() + ", no odd number";
        }
        boolean positive = (float) lrn.getK() > 0 && lrn.getAlpha() >= 0;
        return positive ? null : "k = " + lrn.getK() + " and alpha = " + lrn.getAlpha() + ", whose sum may be 0";
    }

    private static String unsupported(org.deeplearning4j.nn.conf.layers.SubsamplingLayer pooling) {
        boolean max = pooling.getPoolingType() == PoolingType.MAX;
        boolean average = pooling.getPoolingType() == PoolingType.AVG && !pooling.isAvgPoolIncludePadInDivisor();
        if (!max && !average) {
            return "pooling " + pooling.getPoolingType()
                    + (pooling.isAvgPoolIncludePadInDivisor() ? " that counts padding" : "");
        }
        return pooling.getDilation()[0] == 1 && pooling.getDilation()[1] == 1 ? null : "dilated pooling";
    }

    /** Whether nothing comes between a layer and the one before it: no dropout of its input, and no preprocessor that moves values. */
    private boolean handsOn(Layer layer, int index) {
        InputPreProcessor between = between(index);
        boolean asItIs = between == null
                || between.getClass() == CnnToFeedForwardPreProcessor.class
                        && ((CnnToFeedForwardPreProcessor) between).getFormat() == CNN2DFormat.NHWC;
        boolean dropsOut =
                layer instanceof BaseLayer<?> && layer.conf().getLayer().getIDropout() != null;
        return asItIs && !dropsOut;
    }

    /** Whether a layer takes images in the layout in which the one before it declares them; what is flattened is NHWC, as was checked. */
    private static boolean sameFormat(Layer previous, Layer layer) {
        CNN2DFormat from = format(previous);
        CNN2DFormat to = layer instanceof DenseLayer && from != null ? CNN2DFormat.NHWC : format(layer);
        return from == to;
    }

    /** Null where rows are vectors. */
    private static CNN2DFormat format(Layer implementation) {
        org.deeplearning4j.nn.conf.layers.Layer layer = implementation.conf().getLayer();
        if (layer instanceof org.deeplearning4j.nn.conf.layers.ConvolutionLayer convolution) {
            return convolution.getCnn2dDataFormat();
        }
        if (layer instanceof org.deeplearning4j.nn.conf.layers.SubsamplingLayer pooling) {
            return pooling.getCnn2dDataFormat();
        }
        return layer instanceof org.deeplearning4j.nn.conf.layers.LocalResponseNormalization lrn
                ? lrn.getDataFormat()
                : null;
    }

    private InputPreProcessor between(int index) {
        return network.getLayerWiseConfigurations().getInputPreProcess(index);
    }

    private void replace(Layer[] layers, int index, LayerLink link) {
        Layer stock = layers[index];
        NeuralNetConfiguration conf = stock.conf();
        boolean first = index == 0 && between(0) == null;
        Layer layer;
        if (stock instanceof ConvolutionLayer) {
            layer = new Convolution2D(conf, convolution, link, !first);
        } else if (stock instanceof DenseLayer) {
            layer = new FullyConnected(conf, dense, link, !first);
        } else if (stock instanceof SubsamplingLayer) {
            layer = new Pooling2D(conf, team, link);
        } else {
            layer = new ResponseNormalization(conf, team, link);
        }
        layer.setIndex(stock.getIndex());
        layer.setListeners(stock.getListeners());
        INDArray parameters = stock.params();
        if (parameters != null) {
            layer.setParamsViewArray(parameters);
            layer.setParamTable(conf.getLayer().initializer().init(conf, parameters, false));
            layer.setConf(conf);
            if (stock.getGradientsViewArray() != null) {
                layer.setBackpropGradientsViewArray(stock.getGradientsViewArray());
            }
        }
        layers[index] = layer;
        byName(network).put(name(stock), layer);
    }

    /** DL4J keeps its layers by name as well, without a way to replace one. */
    @SuppressWarnings("unchecked")
    private static Map<String, Layer> byName(MultiLayerNetwork network) {
        try {
            Field field = MultiLayerNetwork.class.getDeclaredField("layerMap");
            field.setAccessible(true);
            return (Map<String, Layer>) field.get(network);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this is not the DL4J that Starling was built for", e);
        }
    }
}
