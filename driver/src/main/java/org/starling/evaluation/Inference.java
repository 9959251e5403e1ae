package org.starling.evaluation;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.data.Minibatch;
import org.starling.kernels.ComputeTeam;
import org.starling.layers.ReusedArray;
import org.starling.model.ImageShape;

/** A network's predictions, computed by the calling thread: no dropout, and running statistics in batch normalization. */
final class Inference implements AutoCloseable {
    private final MultiLayerNetwork network;
    private final ImageShape shape;
    private final ReusedArray features;

    /**
     * @param shape of the images that the network takes
     * @param team that computes for it
     */
    Inference(MultiLayerNetwork network, ImageShape shape, ComputeTeam team) {
        this.network = network;
        this.shape = shape;
        this.features = new ReusedArray(team);
    }

    /** The network's output for a minibatch, {@code [size, views, ...]}: probabilities of the classes, or a layer's activations. */
    float[] output(Minibatch batch) {
        INDArray input = features.filled(batch.features(), shape.tensor(batch.pictures()));
        // Closed by hand: the garbage collector does not see how large it is.
        try (INDArray output = network.output(input)) {
            float[] values = new float[Math.toIntExact(output.length())];
            (output.ordering() == 'c' && !output.isView() ? output : output.dup('c'))
                    .data()
                    .asNioFloat()
                    .get(values);
            return values;
        }
    }

    /** Frees what is outside the heap; the network stays. */
    @Override
    public void close() {
        features.close();
    }
}
