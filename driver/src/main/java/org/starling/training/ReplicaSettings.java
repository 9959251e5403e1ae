package org.starling.training;

import java.io.Serializable;
import org.starling.data.Augmentation;
import org.starling.data.Normalization;
import org.starling.kernels.optimizer.Optimizer;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.ClippingSettings;
import org.starling.training.TrainingConfiguration.StateRule;

/**
 * What a task must know of the run to train a replica; the same for all rounds and replicas.
 *
 * @param modelJson Keras JSON, kilobytes
 * @param classWeights weight in the loss, by label; null when all are 1
 */
record ReplicaSettings(
        String modelJson,
        String modelSource,
        ModelOptions modelOptions,
        long seed,
        int batch,
        Optimizer optimizer,
        StateRule stateRule,
        double weightDecay,
        ClippingSettings clipping,
        double labelSmoothing,
        double[] classWeights,
        Normalization normalization,
        Augmentation augmentation)
        implements Serializable {

    SequentialModel model() {
        return SequentialModel.parse(modelJson, modelSource, modelOptions);
    }

    /** Whether a vector is averaged over the replicas: parameters always, optimizer state by its rule. */
    boolean averaged(int vector) {
        return vector == org.starling.model.Slice.PARAMETERS || stateRule == StateRule.AVERAGE;
    }

    /** Vectors that live on after a round: the parameters, and the optimizer's state unless it is reset. */
    int keptVectors() {
        return 1 + (stateRule == StateRule.RESET ? 0 : optimizer.stateVectors());
    }
}
