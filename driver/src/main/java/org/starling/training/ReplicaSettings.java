package org.starling.training;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.starling.InputException;
import org.starling.data.Preprocessing;
import org.starling.data.ShardedData;
import org.starling.data.augmentation.Augmentation;
import org.starling.data.augmentation.AugmentationStep;
import org.starling.kernels.optimizer.Adam;
import org.starling.kernels.optimizer.Momentum;
import org.starling.kernels.optimizer.Nesterov;
import org.starling.kernels.optimizer.Optimizer;
import org.starling.kernels.optimizer.Sgd;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;
import org.starling.model.Slice;
import org.starling.training.TrainingConfiguration.ClassWeights;
import org.starling.training.TrainingConfiguration.ClippingSettings;
import org.starling.training.TrainingConfiguration.Kernels;
import org.starling.training.TrainingConfiguration.OptimizerSettings;
import org.starling.training.TrainingConfiguration.StateRule;

/**
 * What a task must know of the run to train a replica; the same for all rounds and replicas.
 *
 * @param modelJson Keras JSON, kilobytes
 * @param threads that compute for one task; results do not depend on them where Starling's kernels compute
 * @param classWeights weight in the loss, by label; null when all are 1
 * @param frozenLayers names of layers whose parameters do not change
 */
record ReplicaSettings(
        String modelJson,
        String modelSource,
        ModelOptions modelOptions,
        Kernels kernels,
        int threads,
        long seed,
        int batch,
        Optimizer optimizer,
        StateRule stateRule,
        double weightDecay,
        ClippingSettings clipping,
        double labelSmoothing,
        double[] classWeights,
        Preprocessing preprocessing,
        Augmentation augmentation,
        List<String> frozenLayers)
        implements Serializable {

    /**
     * @param furtherSteps of the augmentation, after the configuration's
     * @param threads that compute for one task
     */
    static ReplicaSettings of(
            TrainingConfiguration c,
            SequentialModel model,
            ShardedData data,
            List<AugmentationStep> furtherSteps,
            int threads) {
        OptimizerSettings o = c.training().optimizer();
        Optimizer optimizer =
                switch (o.name()) {
                    case SGD -> new Sgd();
                    case MOMENTUM -> new Momentum(o.momentum());
                    case NESTEROV -> new Nesterov(o.momentum());
                    case ADAM -> new Adam(o.beta1(), o.beta2(), o.epsilon());
                };
        return new ReplicaSettings(
                model.json(),
                model.source(),
                model.options(),
                c.model().kernels(),
                threads,
                c.run().networkSeed(),
                c.training().batch(),
                optimizer,
                o.state(),
                o.weightDecay(),
                c.training().clipping(),
                c.training().labelSmoothing(),
                weights(c.training().classWeights(), data.classes(), data.classCounts()),
                new Preprocessing(c.data().shortSide(), data.colours().normalization()),
                c.data().augmentation().steps(data.colours()).then(furtherSteps),
                c.training().frozenLayers());
    }

    /** @param counts training images of each class */
    static double[] weights(ClassWeights weights, List<String> classes, long[] counts) {
        Map<String, Double> byName = weights.byName();
        if (weights.balanced()) {
            double mean = Arrays.stream(counts).average().orElseThrow();
            // A prepared set may lack images of a class.
            return Arrays.stream(counts)
                    .mapToDouble(count -> count == 0 ? 1 : mean / count)
                    .toArray();
        }
        if (byName.isEmpty()) {
            return null;
        }
        for (String name : byName.keySet()) {
            if (!classes.contains(name)) {
                throw new InputException("training.classWeights names the class '" + name
                        + "', which the training set does not have. Its classes are " + String.join(", ", classes)
                        + ".");
            }
        }
        return classes.stream()
                .mapToDouble(name -> byName.getOrDefault(name, 1.0))
                .toArray();
    }

    SequentialModel model() {
        return SequentialModel.parse(modelJson, modelSource, modelOptions);
    }

    /**
     * Everything but the augmentation, for comparison: a record's own equality does not look into arrays. A program's own steps need not have an
     * equality, and no network is built from them.
     */
    List<Object> content() {
        return Stream.of(
                        modelJson,
                        modelOptions,
                        kernels,
                        threads,
                        seed,
                        batch,
                        optimizer,
                        stateRule,
                        weightDecay,
                        clipping,
                        labelSmoothing,
                        Arrays.toString(classWeights),
                        preprocessing,
                        frozenLayers)
                .map(Object.class::cast)
                .toList();
    }

    /** Whether a vector is averaged over the replicas: parameters always, optimizer state by its rule. */
    boolean averaged(int vector) {
        return vector < averagedVectors();
    }

    /** How many vectors are averaged; they have the lowest numbers. */
    int averagedVectors() {
        return stateRule == StateRule.AVERAGE ? keptVectors() : 1 + Slice.PARAMETERS;
    }

    /** Whether a replica keeps vectors for itself. */
    boolean keepsOwnState() {
        return keptVectors() > averagedVectors();
    }

    /** Number of the outer optimizer's momentum: the first above all that a replica may have. */
    int outerMomentum() {
        return 1 + optimizer.stateVectors();
    }

    /** Number of the parameters' moving average. */
    int movingAverage() {
        return outerMomentum() + 1;
    }

    /** Number of what a replica's payload has lost so far, which it keeps for itself. */
    int residual() {
        return movingAverage() + 1;
    }

    /** Vectors that live on after a round: the parameters, and the optimizer's state unless it is reset. */
    int keptVectors() {
        return 1 + (stateRule == StateRule.RESET ? 0 : optimizer.stateVectors());
    }
}
