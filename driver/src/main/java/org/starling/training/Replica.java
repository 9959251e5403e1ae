package org.starling.training;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.averaging.Contribution;
import org.starling.data.Decoders;
import org.starling.data.Minibatch;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.ScratchArray;
import org.starling.kernels.conv.Convolution.Algorithm;
import org.starling.layers.LayerClock;
import org.starling.layers.NetworkInput;
import org.starling.layers.ReusedArray;
import org.starling.layers.ScoresListener;
import org.starling.layers.StarlingLayers;
import org.starling.model.SequentialModel;
import org.starling.model.Slice;
import org.starling.model.SlicePlan;
import org.starling.training.TrainingConfiguration.Kernels;

/**
 * One network in training: a DL4J MultiLayerNetwork, the optimizer's state, and the local SGD step. Knows nothing of Spark, rounds or other
 * replicas. Not thread-safe; whoever takes one over calls {@link #clear} and loads every slice.
 */
final class Replica implements TaskPool.Leased {
    private final ReplicaSettings settings;
    private final SequentialModel model;
    private final SlicePlan slices;
    private final MultiLayerNetwork network;
    private final FloatBuffer parameters;
    private final FloatBuffer gradient;
    private final float[][] state;
    private final ParameterUpdate update;
    private final CrossEntropyStatistics statistics;
    private final ComputeTeam team;
    private final Decoders decoders;
    private final NetworkInput input;
    private final ReusedArray labels;
    private final ReusedArray exampleWeights;
    private float[] targets = new float[0];
    private float[] weights = new float[0];

    Replica(ReplicaSettings settings) {
        this(settings, LayerClock.NONE);
    }

    /** @param clock told how long each of Starling's layers takes */
    Replica(ReplicaSettings settings, LayerClock clock) {
        this.settings = settings;
        this.model = settings.model();
        this.slices = SlicePlan.of(model.parameterCount());
        this.network = new MultiLayerNetwork(model.toDl4j(settings.seed()));
        network.init();
        this.team = ComputeTeam.forTask(settings.threads());
        this.decoders = Decoders.besides(team.threads());
        this.labels = new ReusedArray(team);
        this.exampleWeights = new ReusedArray(team);
        if (settings.kernels() == Kernels.STOCK) {
            this.input = new NetworkInput(team);
        } else {
            Algorithm algorithm = settings.kernels() == Kernels.DIRECT ? Algorithm.DIRECT : Algorithm.CHEAPEST;
            this.input = StarlingLayers.install(network, team, algorithm, clock);
        }
        FrozenLayers.freeze(network, model, settings.frozenLayers());
        network.initGradientsView();
        if (network.numParams() != model.parameterCount()) {
            throw new IllegalStateException(
                    "the network has " + network.numParams() + " parameters, the model " + model.parameterCount());
        }
        this.parameters = network.params().data().asNioFloat().slice();
        this.gradient = network.getFlattenedGradients().data().asNioFloat().slice();
        this.state = new float[settings.optimizer().stateVectors()][(int) model.parameterCount()];
        this.update = new ParameterUpdate(
                team,
                FrozenLayers.trained(model, settings.frozenLayers()),
                settings.optimizer(),
                settings.weightDecay(),
                settings.clipping());
        this.statistics = new CrossEntropyStatistics();
        network.setListeners(statistics);
    }

    ReplicaSettings settings() {
        return settings;
    }

    @Override
    public Object builtFrom() {
        return settings.content();
    }

    SequentialModel model() {
        return model;
    }

    /** The network, for evaluation; its parameters are the replica's. */
    MultiLayerNetwork network() {
        return network;
    }

    /** Through which the network is given images. */
    NetworkInput input() {
        return input;
    }

    /** For the images that it is trained and evaluated on. */
    Decoders decoders() {
        return decoders;
    }

    /** Zero state: what slices do not say is zero. */
    void clear() {
        for (float[] vector : state) {
            Arrays.fill(vector, 0);
        }
    }

    void load(Slice slice) {
        int offset = (int) slices.offset(slice.index());
        if (slice.vector() == Slice.PARAMETERS) {
            parameters.position(offset);
            parameters.put(slice.values());
        } else {
            slice.copyTo(state[slice.vector() - 1], offset);
        }
    }

    /** A copy of one slice of one vector. */
    Slice slice(int vector, int index, int replica) {
        return Contribution.of(vector, index, replica, values(vector, index)).toSlice();
    }

    /** The values of one slice of one vector, which the next step changes. */
    FloatBuffer values(int vector, int index) {
        int length = slices.lengthOf(index);
        int offset = (int) slices.offset(index);
        return vector == Slice.PARAMETERS
                ? parameters.slice(offset, length)
                : FloatBuffer.wrap(state[vector - 1], offset, length);
    }

    SlicePlan slices() {
        return slices;
    }

    /**
     * One local step: forward, backward, update.
     *
     * @param dropoutSeed of everything random inside the network
     * @param step number of the step since the optimizer's state was zero, from 1
     * @throws java.util.concurrent.CancellationException when {@link #stopWhen} says so, between layers; parameters and state are as they were
     */
    StepResult step(Minibatch batch, double learningRate, long dropoutSeed, long step) {
        Nd4j.getRandom().setSeed(dropoutSeed);
        statistics.labels(batch);
        network.setInput(features(batch));
        network.setLabels(labels(batch));
        float divisor = batch.size();
        if (settings.classWeights() != null && batch.size() > 1) {
            network.setLayerMaskArrays(null, exampleWeights(batch));
        } else if (settings.classWeights() != null) {
            // DL4J takes the 1x1 mask of a single image for one weight an output, and refuses it.
            divisor = (float) (1 / settings.classWeights()[batch.labels()[0]]);
        }
        try {
            network.computeGradientAndScore();
        } finally {
            network.clearLayerMaskArrays();
            network.clear();
        }
        update.apply(parameters, gradient, state, divisor, learningRate, step);
        return statistics.result();
    }

    @Override
    public ComputeTeam team() {
        return team;
    }

    /** Ends its threads, and frees what it gave to the network. */
    @Override
    public void close() {
        decoders.close();
        team.close();
        input.close();
        labels.close();
        exampleWeights.close();
    }

    private INDArray features(Minibatch batch) {
        return input.of(batch.features(), model.input().tensor(batch.size()));
    }

    private INDArray labels(Minibatch batch) {
        int classes = model.classes();
        int length = batch.size() * classes;
        targets = ScratchArray.atLeast(targets, length);
        Arrays.fill(targets, 0, length, (float) (settings.labelSmoothing() / classes));
        for (int i = 0; i < batch.size(); i++) {
            targets[i * classes + batch.labels()[i]] += (float) (1 - settings.labelSmoothing());
        }
        return labels.filled(targets, batch.size(), classes);
    }

    private INDArray exampleWeights(Minibatch batch) {
        weights = ScratchArray.atLeast(weights, batch.size());
        for (int i = 0; i < batch.size(); i++) {
            weights[i] = (float) settings.classWeights()[batch.labels()[i]];
        }
        return exampleWeights.filled(weights, batch.size(), 1);
    }

    /**
     * @param examples images
     * @param correct images whose own class had the largest score, the lowest index winning ties
     * @param lossSum sum over images of the weighted, smoothed cross entropy
     */
    record StepResult(int examples, int correct, double lossSum) {}

    /** Reads the scores that enter the loss layer as they pass, so that loss and accuracy cost no second forward. */
    private final class CrossEntropyStatistics extends BaseTrainingListener implements ScoresListener {
        /** A copy of the scores in c order, which DL4J's own layers do not keep to. */
        private INDArray inOrder;

        private float[] z = new float[0];
        private Minibatch batch;
        private StepResult result;

        void labels(Minibatch next) {
            batch = next;
            result = null;
        }

        StepResult result() {
            return result;
        }

        @Override
        public void onForwardPass(Model network, List<INDArray> activations) {
            INDArray scores = activations.get(activations.size() - 1);
            int classes = model.classes();
            if (inOrder == null || !Arrays.equals(inOrder.shape(), scores.shape())) {
                try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                    inOrder = Nd4j.createUninitialized(scores.shape(), 'c');
                }
            }
            inOrder.assign(scores);
            z = ScratchArray.atLeast(z, batch.size() * classes);
            inOrder.data().asNioFloat().get(z, 0, batch.size() * classes);
            double lossSum = 0;
            int correct = 0;
            for (int i = 0; i < batch.size(); i++) {
                int label = batch.labels()[i];
                double weight = settings.classWeights() == null ? 1 : settings.classWeights()[label];
                lossSum += weight * crossEntropy(z, i * classes, classes, label);
                correct += largest(z, i * classes, classes) == label ? 1 : 0;
            }
            result = new StepResult(batch.size(), correct, lossSum);
        }

        /** {@code ln sum_k e^z_k - sum_k y_k z_k} with smoothed y; StrictMath, as the loss is part of what must be the same. */
        private double crossEntropy(float[] z, int from, int classes, int label) {
            double max = z[from + largest(z, from, classes)];
            double sum = 0;
            double mean = 0;
            for (int k = 0; k < classes; k++) {
                sum += StrictMath.exp(z[from + k] - max);
                mean += z[from + k];
            }
            mean /= classes;
            double smoothing = settings.labelSmoothing();
            double target = smoothing == 0 ? z[from + label] : (1 - smoothing) * z[from + label] + smoothing * mean;
            return max + StrictMath.log(sum) - target;
        }

        private static int largest(float[] z, int from, int classes) {
            int best = 0;
            for (int k = 1; k < classes; k++) {
                if (z[from + k] > z[from + best]) {
                    best = k;
                }
            }
            return best;
        }
    }
}
