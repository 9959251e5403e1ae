package org.starling.dl4j;

import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.kernels.ComputeTeam;
import org.starling.layers.StarlingLayers;
import org.starling.training.TaskPool;

/**
 * A worker's network: the user's configuration with DL4J's own updater, and Starling's kernels in its layers. Kept between tasks; whoever gets it
 * loads every slice and calls {@link #begin}.
 */
final class WorkerNetwork implements TaskPool.Leased {
    private final Blueprint blueprint;
    private final MultiLayerNetwork network;
    private final ComputeTeam team;
    private final NetworkVectors vectors;
    private final INDArray freshState;

    /**
     * What a worker's network is built from.
     *
     * @param configuration JSON of a MultiLayerConfiguration, its counts of iterations and epochs 0
     * @param threads that compute for a task
     * @param keepsUpdater whether the updater's state lives on after a round, averaged; otherwise every round starts with a new updater's
     */
    record Blueprint(String configuration, int threads, boolean keepsUpdater) implements Serializable {
        private static final long serialVersionUID = 1L;

        static Blueprint of(MultiLayerNetwork network, int threads, boolean keepsUpdater) {
            MultiLayerConfiguration configuration =
                    network.getLayerWiseConfigurations().clone();
            configuration.setIterationCount(0);
            configuration.setEpochCount(0);
            return new Blueprint(configuration.toJson(), threads, keepsUpdater);
        }
    }

    WorkerNetwork(Blueprint blueprint) {
        this.blueprint = blueprint;
        this.network = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(blueprint.configuration()));
        network.init();
        this.team = ComputeTeam.forTask(blueprint.threads());
        StarlingLayers.install(network, team);
        INDArray state = network.getUpdater().getStateViewArray();
        this.vectors = NetworkVectors.of(network, blueprint.keepsUpdater());
        // Not zeros for every updater: AdaGrad and RmsProp start at epsilon.
        this.freshState = state == null || blueprint.keepsUpdater() ? null : state.dup();
    }

    @Override
    public Object builtFrom() {
        return blueprint;
    }

    MultiLayerNetwork network() {
        return network;
    }

    NetworkVectors vectors() {
        return vectors;
    }

    /** Makes it the network that it is at one point of a training, except for the vectors. */
    void begin(int iteration, int epoch, Collection<TrainingListener> listeners) {
        network.setIterationCount(iteration);
        network.setEpochCount(epoch);
        network.setListeners(listeners);
        if (freshState != null) {
            network.getUpdater().getStateViewArray().assign(freshState);
        }
    }

    /** Holds on to nothing of the task; not by {@code clear}, which drops the updater. */
    void end() {
        network.setListeners(List.of());
        network.setInput(null);
        network.setLabels(null);
    }

    @Override
    public ComputeTeam team() {
        return team;
    }
}
