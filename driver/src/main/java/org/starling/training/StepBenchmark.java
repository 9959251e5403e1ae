package org.starling.training;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.data.Minibatch;
import org.starling.data.Normalization;
import org.starling.data.Preprocessing;
import org.starling.data.augmentation.Augmentation;
import org.starling.kernels.optimizer.Momentum;
import org.starling.kernels.optimizer.Optimizer;
import org.starling.layers.LayerClock;
import org.starling.model.SequentialModel;
import org.starling.model.Slice;
import org.starling.training.TrainingConfiguration.ClippingSettings;
import org.starling.training.TrainingConfiguration.Kernels;
import org.starling.training.TrainingConfiguration.StateRule;

/**
 * The step that training takes, and inference, on one minibatch that is made once: for benchmarks. Inputs are drawn from N(0,1), labels
 * evenly; the optimizer is momentum 0.9 with weight decay 5e-4 at rate 0.01. Not thread-safe.
 */
public final class StepBenchmark implements AutoCloseable {
    private static final double LEARNING_RATE = 0.01;
    private static final double MOMENTUM = 0.9;
    private static final double WEIGHT_DECAY = 5e-4;

    private final Replica replica;
    private final Minibatch images;
    /** The images as DL4J's own layers take them; null for Starling's. */
    private final INDArray stockFeatures;

    private final long seed;
    private long steps;

    /**
     * Builds a replica with the model's initial values.
     *
     * @param kernels what the layers compute with
     * @param threads of Starling's kernels; DL4J's own native code takes OMP_NUM_THREADS
     * @param images see {@link #images}
     * @param seed of initial values and dropout
     * @param clock told how long each of Starling's layers takes
     */
    public StepBenchmark(
            SequentialModel model, Kernels kernels, int threads, Minibatch images, long seed, LayerClock clock) {
        this.images = images;
        this.seed = seed;
        this.replica = new Replica(
                settings(model, kernels, threads, images.size(), seed, new Momentum(MOMENTUM), WEIGHT_DECAY), clock);
        for (int index = 0; index < replica.slices().slices(); index++) {
            float[] values = new float[replica.slices().lengthOf(index)];
            model.initialize(seed, replica.slices().offset(index), values);
            replica.load(Slice.of(Slice.PARAMETERS, index, Slice.SHARED, values, values.length));
        }
        this.stockFeatures = kernels == Kernels.STOCK ? Nd4j.create(images.features(), tensor(), 'c') : null;
    }

    /** Of a replica whose images are noise that needs no normalization. */
    static ReplicaSettings settings(
            SequentialModel model,
            Kernels kernels,
            int threads,
            int batch,
            long seed,
            Optimizer optimizer,
            double weightDecay) {
        int channels = model.input().channels();
        return new ReplicaSettings(
                model.json(),
                model.source(),
                model.options(),
                kernels,
                threads,
                seed,
                batch,
                optimizer,
                StateRule.LOCAL,
                weightDecay,
                new ClippingSettings(0, 0),
                0,
                null,
                // The noise is what the network sees.
                new Preprocessing(
                        0,
                        new Normalization(
                                new double[channels],
                                DoubleStream.generate(() -> 1).limit(channels).toArray())),
                Augmentation.NONE,
                List.of());
    }

    /**
     * A minibatch of noise.
     *
     * @param size images
     */
    public static Minibatch images(SequentialModel model, int size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] features = new float[Math.multiplyExact(size, model.input().length())];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        int[] labels = random.ints(size, 0, model.classes()).toArray();
        return new Minibatch(features, labels, size);
    }

    /**
     * One step: forward, backward, update.
     *
     * @return mean loss of the images before the update
     */
    public double trainStep() {
        return trainStep(images, LEARNING_RATE);
    }

    /** One step on other images. */
    public double trainStep(Minibatch other) {
        return trainStep(other, LEARNING_RATE);
    }

    /** One step on other images, as many. */
    double trainStep(Minibatch images, double learningRate) {
        steps++;
        Replica.StepResult result = replica.step(images, learningRate, Seeds.dropout(seed, 0, steps), steps);
        return result.lossSum() / result.examples();
    }

    /** One pass forward without dropout, as evaluation and prediction run it. */
    public void infer() {
        INDArray features = stockFeatures == null ? replica.input().of(images.features(), tensor()) : stockFeatures;
        // Closed by hand: the garbage collector does not see how large it is.
        try (INDArray output = replica.network().output(features)) {
            if (output.size(0) != images.size()) {
                throw new IllegalStateException("probabilities of " + output.size(0) + " images");
            }
        }
    }

    private long[] tensor() {
        return replica.model().input().tensor(images.size());
    }

    /** A copy of the parameters, in the order of {@link SequentialModel#parameters}. */
    public float[] parameters() {
        float[] values = new float[(int) replica.model().parameterCount()];
        replica.network().params().data().asNioFloat().get(values);
        return values;
    }

    /** Ends the threads, and frees the arrays outside the heap. */
    @Override
    public void close() {
        replica.close();
        if (stockFeatures != null) {
            stockFeatures.close();
        }
        replica.network().close();
    }
}
