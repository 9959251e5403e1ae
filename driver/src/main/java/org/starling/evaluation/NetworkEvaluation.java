package org.starling.evaluation;

import java.util.Iterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.starling.data.Decoders;
import org.starling.data.Minibatch;
import org.starling.layers.NetworkInput;
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
     * @param batches whose mistakes are offered where they have records
     * @param decoders takes the arrays of batches that have been counted
     * @param classes outputs of the network
     * @param input through which the network is given them
     */
    public static EvaluationResult evaluate(
            MultiLayerNetwork network,
            ImageShape shape,
            Iterator<Minibatch> batches,
            Decoders decoders,
            int classes,
            MistakeSample mistakes,
            NetworkInput input) {
        Tally tally = new Tally(classes);
        // Not to be closed: the input is the caller's.
        Inference inference = new Inference(network, shape, input);
        while (batches.hasNext()) {
            Minibatch batch = batches.next();
            float[] probabilities = inference.output(batch);
            decoders.giveBack(batch);
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
}
