package org.starling.evaluation;

import java.util.Iterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.data.Minibatch;
import org.starling.model.ImageShape;

/** Evaluates a network on minibatches, in the calling thread. */
public final class NetworkEvaluation {
    private NetworkEvaluation() {}

    /**
     * Counts every image of the batches. The most probable class is the first of equals. Each image's loss is rounded to a multiple of 2^-24,
     * so that {@link EvaluationResult#lossSum} does not depend on the order of the images.
     *
     * @param network used in inference mode: no dropout, and running statistics in batch normalization
     * @param shape the images that the network takes
     * @param classes outputs of the network
     */
    public static EvaluationResult evaluate(
            MultiLayerNetwork network, ImageShape shape, Iterator<Minibatch> batches, int classes) {
        return evaluate(network, shape, batches, classes, new MistakeSample(0));
    }

    /**
     * As above, and offers the mistakes to a sample.
     *
     * @param batches whose mistakes are offered where they have records
     */
    public static EvaluationResult evaluate(
            MultiLayerNetwork network,
            ImageShape shape,
            Iterator<Minibatch> batches,
            int classes,
            MistakeSample mistakes) {
        Tally tally = new Tally(classes);
        while (batches.hasNext()) {
            Minibatch batch = batches.next();
            float[] probabilities = probabilities(network, shape, batch);
            for (int i = 0; i < batch.size(); i++) {
                int actual = batch.labels()[i];
                int predicted = tally.add(actual, probabilities, i * classes);
                if (predicted != actual && !batch.records().isEmpty()) {
                    String name = batch.records().get(i).name();
                    mistakes.offer(new Mistake(name, actual, predicted, probabilities[i * classes + predicted]));
                }
            }
        }
        return tally.result();
    }

    /** The network's output for a minibatch, {@code [size, classes]}. */
    static float[] probabilities(MultiLayerNetwork network, ImageShape shape, Minibatch batch) {
        long[] size = shape.tensor(batch.size());
        // Closed by hand: the garbage collector does not see how large they are.
        try (INDArray features = Nd4j.create(batch.features(), size, 'c');
                INDArray output = network.output(features)) {
            float[] probabilities = new float[Math.toIntExact(output.length())];
            (output.ordering() == 'c' && !output.isView() ? output : output.dup('c'))
                    .data()
                    .asNioFloat()
                    .get(probabilities);
            return probabilities;
        }
    }
}
