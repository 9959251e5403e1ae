package org.starling.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** A DL4J network as it grows layer by layer. */
final class Translation {
    private final CNN2DFormat format;
    private final List<Layer> layers = new ArrayList<>();
    private final Map<Integer, InputPreProcessor> preProcessors = new TreeMap<>();

    Translation(DataFormat format) {
        this.format = format == DataFormat.CHANNELS_LAST ? CNN2DFormat.NHWC : CNN2DFormat.NCHW;
    }

    CNN2DFormat format() {
        return format;
    }

    boolean isEmpty() {
        return layers.isEmpty();
    }

    void add(Layer layer) {
        layers.add(layer);
    }

    /** What happens to activations between the last layer and the next one. */
    void between(InputPreProcessor preProcessor) {
        preProcessors.put(layers.size(), preProcessor);
    }

    /**
     * Closes the network with softmax and cross entropy.
     *
     * @param input shape of the network's images
     * @param seed of DL4J's own random numbers
     */
    MultiLayerConfiguration finish(ImageShape input, String lossName, long seed) {
        add(new LossLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .name(lossName)
                .build());
        return build(input, seed);
    }

    /** Closes the network as it stands, so that it puts out what its last layer does. */
    MultiLayerConfiguration finishWithoutLoss(ImageShape input, String name, long seed) {
        // What happens to activations behind a layer (flattening) needs one to come before.
        ActivationLayer.add(name, new ActivationIdentity(), this);
        return build(input, seed);
    }

    private MultiLayerConfiguration build(ImageShape input, long seed) {
        NeuralNetConfiguration.ListBuilder list = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(DataType.FLOAT)
                .updater(new Sgd())
                .list();
        layers.forEach(list::layer);
        preProcessors.forEach(list::inputPreProcessor);
        list.setInputType(InputType.convolutional(input.height(), input.width(), input.channels(), format));
        return list.build();
    }
}
