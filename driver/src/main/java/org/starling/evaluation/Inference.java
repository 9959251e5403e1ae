package org.starling.evaluation;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.data.Minibatch;
import org.starling.layers.NetworkInput;
import org.starling.model.ImageShape;

/** A network's predictions, computed by the calling thread: no dropout, and running statistics in batch normalization. */
final class Inference implements AutoCloseable {
    private final MultiLayerNetwork network;
    private final ImageShape shape;
    private final NetworkInput input;

    /**
     * @param shape of the images that the network takes
     * @param input through which it is given them
     */
    Inference(MultiLayerNetwork network, ImageShape shape, NetworkInput input) {
        this.network = network;
        this.shape = shape;
        this.input = input;
    }

    /** The network's output for a minibatch, {@code [size, views, ...]}: probabilities of the classes, or a layer's activations. */
    float[] output(Minibatch batch) {
        INDArray features = input.of(batch.features(), shape.tensor(batch.pictures()));
        INDArray output = network.output(features);
        float[] values = new float[Math.toIntExact(output.length())];
        (output.ordering() == 'c' && !output.isView() ? output : output.dup('c'))
                .data()
                .asNioFloat()
                .get(values);
        // Closed by hand: the garbage collector does not see how large it is. A layer that changes nothing gives out
        // what it was given.
        if (output.data().address() != features.data().address()) {
            output.close();
        }
        return values;
    }

    /** Frees what is outside the heap; the network stays. */
    @Override
    public void close() {
        input.close();
    }
}
