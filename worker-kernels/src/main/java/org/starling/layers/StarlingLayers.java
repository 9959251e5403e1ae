package org.starling.layers;

import java.lang.reflect.Field;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
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

/** Puts Starling's layer implementations into a built network. */
public final class StarlingLayers {
    private static final Logger LOG = LoggerFactory.getLogger(StarlingLayers.class);

    private StarlingLayers() {}

    /**
     * Replaces the implementations of convolution layers by Starling's, which share their parameters and gradients; configuration and saved form
     * of the network stay as they are. Layers with another activation than linear or ReLU, or of another data type than FLOAT, stay DL4J's, with a
     * line in the log.
     *
     * @param network initialized
     * @param team the threads that compute; the caller closes it after the network's last use
     */
    public static void install(MultiLayerNetwork network, ComputeTeam team) {
        install(network, team, LayerClock.NONE);
    }

    /**
     * As above, for benchmarks.
     *
     * @param clock told how long each replaced layer takes
     */
    public static void install(MultiLayerNetwork network, ComputeTeam team, LayerClock clock) {
        Layer[] layers = network.getLayers();
        Convolution kernels = new Convolution(team, KernelProvider.get(), Convolution.Algorithm.CHEAPEST);
        Buffers buffers = new Buffers();
        for (int i = 0; i < layers.length; i++) {
            if (layers[i].getClass() == ConvolutionLayer.class) {
                ConvolutionLayer stock = (ConvolutionLayer) layers[i];
                String why = unsupported(stock);
                if (why == null) {
                    boolean first =
                            i == 0 && network.getLayerWiseConfigurations().getInputPreProcess(0) == null;
                    layers[i] = replacement(stock, kernels, buffers, !first, clock);
                    byName(network).put(stock.conf().getLayer().getLayerName(), layers[i]);
                } else {
                    LOG.warn(
                            "layer {} stays DL4J's: {}", stock.conf().getLayer().getLayerName(), why);
                }
            }
        }
    }

    private static String unsupported(ConvolutionLayer layer) {
        IActivation activation = layer.layerConf().getActivationFn();
        if (!(activation instanceof ActivationReLU || activation instanceof ActivationIdentity)) {
            return "activation " + activation;
        }
        DataType type = layer.conf().getLayer() == null ? null : layer.params().dataType();
        return type == DataType.FLOAT ? null : "data type " + type;
    }

    private static Convolution2D replacement(
            ConvolutionLayer stock,
            Convolution kernels,
            Buffers buffers,
            boolean needsInputGradient,
            LayerClock clock) {
        NeuralNetConfiguration conf = stock.conf();
        Convolution2D layer = new Convolution2D(conf, DataType.FLOAT, kernels, buffers, needsInputGradient, clock);
        layer.setIndex(stock.getIndex());
        layer.setListeners(stock.getListeners());
        INDArray parameters = stock.params();
        layer.setParamsViewArray(parameters);
        layer.setParamTable(conf.getLayer().initializer().init(conf, parameters, false));
        layer.setConf(conf);
        if (stock.getGradientsViewArray() != null) {
            layer.setBackpropGradientsViewArray(stock.getGradientsViewArray());
        }
        return layer;
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
