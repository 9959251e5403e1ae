package org.starling.evaluation;

import java.util.Arrays;
import java.util.Iterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.data.Minibatch;
import org.starling.model.DataFormat;
import org.starling.model.ImageShape;

/** Counts how a network classifies labelled images. */
public final class NetworkEvaluation {
    private NetworkEvaluation() {}

    /** Evaluates in inference mode; of equal probabilities the lowest class index wins. */
    public static EvaluationResult evaluate(
            MultiLayerNetwork network, ImageShape shape, Iterator<Minibatch> batches, int classes) {
        EvaluationResult total = EvaluationResult.empty(classes);
        while (batches.hasNext()) {
            Minibatch batch = batches.next();
            float[] features = Arrays.copyOf(batch.features(), batch.size() * shape.length());
            long[] size = shape.format() == DataFormat.CHANNELS_LAST
                    ? new long[] {batch.size(), shape.height(), shape.width(), shape.channels()}
                    : new long[] {batch.size(), shape.channels(), shape.height(), shape.width()};
            INDArray output = network.output(Nd4j.create(features, size, 'c'));
            total = total.plus(count(output.toFloatMatrix(), batch.labels(), classes));
        }
        return total;
    }

    private static EvaluationResult count(float[][] probabilities, int[] labels, int classes) {
        long[][] confusion = new long[classes][classes];
        long top5 = 0;
        double lossSum = 0;
        for (int i = 0; i < probabilities.length; i++) {
            float[] p = probabilities[i];
            int label = labels[i];
            int ahead = 0;
            int best = 0;
            for (int k = 0; k < classes; k++) {
                ahead += p[k] > p[label] || (p[k] == p[label] && k < label) ? 1 : 0;
                best = p[k] > p[best] ? k : best;
            }
            confusion[label][best]++;
            top5 += ahead < 5 ? 1 : 0;
            lossSum -= StrictMath.log(Math.max(p[label], Float.MIN_NORMAL));
        }
        return new EvaluationResult(confusion, top5, lossSum);
    }
}
