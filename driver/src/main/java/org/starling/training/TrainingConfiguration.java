package org.starling.training;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.storage.StorageLevel;
import org.starling.InputException;
import org.starling.averaging.ChangeFormat;
import org.starling.data.ColourStatistics;
import org.starling.data.augmentation.Augmentation;
import org.starling.data.augmentation.AugmentationStep;
import org.starling.data.augmentation.Brightness;
import org.starling.data.augmentation.Contrast;
import org.starling.data.augmentation.Lighting;
import org.starling.data.augmentation.Mirror;
import org.starling.data.augmentation.RandomCrop;
import org.starling.data.augmentation.RandomErasing;
import org.starling.data.augmentation.RandomResizedCrop;
import org.starling.data.augmentation.Saturation;
import org.starling.data.augmentation.Shift;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

/**
 * Everything a training run is made from, after defaults, file and command line have been merged. The names are those of the
 * training file, and its sections are the nested records.
 */
public record TrainingConfiguration(
        RunSettings run,
        ModelSettings model,
        DataSettings data,
        TrainingSettings training,
        CheckpointSettings checkpoint) {

    /**
     * @param directory run directory on any Hadoop FileSystem; must not exist unless the run is resumed
     * @param seed of everything random: initial weights, order, augmentation, dropout, sharding, split
     * @param member which network of an ensemble this is, from 1: others have other initial weights, orders and changes of images, and the same
     *     shards and validation images
     * @param waitSeconds how long the driver waits for its executors
     */
    public record RunSettings(String directory, long seed, int member, int waitSeconds) {
        /** Seed of what the networks of an ensemble do not share. */
        public long networkSeed() {
            return seed + member - 1;
        }
    }

    /**
     * @param file Keras Sequential JSON
     * @param options data format and remainder rule for layers that name none
     * @param kernels what the layers compute with
     * @param allowMixedCpus whether {@link Kernels#STOCK} may compute on machines with different CPUs
     * @param weights path of a trained model whose parameters the training starts from, layer by layer by name; empty for new ones
     * @param replaceLastLayer whether the last layer gets new parameters although those of {@code weights} fit
     */
    public record ModelSettings(
            String file,
            ModelOptions options,
            Kernels kernels,
            boolean allowMixedCpus,
            Optional<String> weights,
            boolean replaceLastLayer) {}

    /** What a network's layers compute with. */
    public enum Kernels {
        /** Starling's own kernels where there are some, DL4J's elsewhere. */
        STARLING,
        /** As {@link #STARLING}, without Winograd's algorithm, which rounds more. */
        DIRECT,
        /** DL4J's alone. */
        STOCK
    }

    /**
     * @param train path of the training images
     * @param validation path of the validation images, or empty to cut {@code validationFraction} from the training set
     * @param format auto, or how the images are stored
     * @param validationFraction part of the training set kept for validation when no set is given; 0 for none
     * @param badImageLimit the largest fraction of unreadable images that is skipped
     * @param reshard whether replicas get other training images in each epoch
     * @param sampling how often training images come in an epoch
     * @param storageLevel how executors keep the images they have read
     * @param shortSide to which pictures are scaled before the network's input is cut out; 0 for as little as covers it
     * @param augmentation random changes of training images
     */
    public record DataSettings(
            String train,
            Optional<String> validation,
            String format,
            double validationFraction,
            double badImageLimit,
            Reshard reshard,
            Sampling sampling,
            ImageStorage storageLevel,
            int shortSide,
            AugmentationSettings augmentation) {}

    /** When training images are dealt anew. */
    public enum Reshard {
        /** Every replica keeps its images. */
        NEVER,
        /** In each epoch. */
        EPOCH
    }

    /** How often training images come in an epoch. */
    public enum Sampling {
        /** Each once. */
        ALL,
        /** Those of small classes several times, so that classes come equally often. */
        BALANCED
    }

    /** How executors keep the images they have read, not decoded: as Spark's storage levels of these names. */
    public enum ImageStorage {
        NONE(StorageLevel.NONE()),
        MEMORY_ONLY(StorageLevel.MEMORY_ONLY()),
        MEMORY_AND_DISK(StorageLevel.MEMORY_AND_DISK()),
        DISK_ONLY(StorageLevel.DISK_ONLY());

        private final StorageLevel level;

        ImageStorage(StorageLevel level) {
            this.level = level;
        }

        StorageLevel level() {
            return level;
        }
    }

    /** Which part of a training picture is shown. */
    public enum Crop {
        /** The centre, as in evaluation. */
        CENTRE,
        /** Anywhere. */
        RANDOM,
        /** Of random size and shape, anywhere. */
        RESIZED
    }

    /** Whose colours {@link Lighting} goes by. */
    public enum LightingColours {
        /** The training set's. */
        SET,
        /** Those published for ImageNet. */
        IMAGENET
    }

    /**
     * Random changes of training images, in the order in which they are made; 0 or false for what is not.
     *
     * @param resized of {@link Crop#RESIZED}
     * @param mirror half of them
     * @param shift by up to so many pixels
     * @param lighting deviation of random lighting
     * @param brightness at most, as all strengths
     */
    public record AugmentationSettings(
            Crop crop,
            ResizedCropSettings resized,
            boolean mirror,
            int shift,
            double lighting,
            LightingColours lightingColours,
            double brightness,
            double contrast,
            double saturation,
            ErasingSettings erasing) {
        /** Without any. */
        public static final AugmentationSettings NONE = new AugmentationSettings(
                Crop.CENTRE,
                new ResizedCropSettings(0.08, 1, 3.0 / 4, 4.0 / 3),
                false,
                0,
                0,
                LightingColours.SET,
                0,
                0,
                0,
                new ErasingSettings(0, 0.02, 0.33));

        /** @throws InputException when pictures for the model cannot be changed so */
        public void require(SequentialModel model) {
            if (lighting > 0
                    && lightingColours == LightingColours.IMAGENET
                    && model.input().channels() != Lighting.IMAGENET_CHANNELS) {
                throw new InputException(
                        "data.augmentation.lightingColours = imagenet is of red, green and blue, and the model "
                                + model.name() + " has an input of "
                                + model.input().channels()
                                + " channel. Use set, or set data.augmentation.lighting to 0.");
            }
        }

        /**
         * The steps.
         *
         * @param colours of the training set
         */
        public Augmentation steps(ColourStatistics colours) {
            List<AugmentationStep> steps = new ArrayList<>();
            switch (crop) {
                case CENTRE -> {}
                case RANDOM -> steps.add(new RandomCrop());
                case RESIZED -> steps.add(new RandomResizedCrop(
                        resized.minArea(), resized.maxArea(), resized.minAspectRatio(), resized.maxAspectRatio()));
            }
            addIf(mirror, steps, new Mirror());
            addIf(shift > 0, steps, new Shift(shift));
            addIf(brightness > 0, steps, new Brightness(brightness));
            addIf(contrast > 0, steps, new Contrast(contrast));
            addIf(saturation > 0, steps, new Saturation(saturation));
            addIf(
                    lighting > 0,
                    steps,
                    lightingColours == LightingColours.IMAGENET
                            ? Lighting.ofImageNet(lighting)
                            : colours.lighting(lighting));
            addIf(
                    erasing.probability() > 0,
                    steps,
                    new RandomErasing(erasing.probability(), erasing.minArea(), erasing.maxArea()));
            return new Augmentation(steps);
        }

        private static void addIf(boolean wanted, List<AugmentationStep> steps, AugmentationStep step) {
            if (wanted) {
                steps.add(step);
            }
        }
    }

    /**
     * @param minArea of the part that is shown, as a fraction of the picture
     * @param minAspectRatio width by height
     */
    public record ResizedCropSettings(double minArea, double maxArea, double minAspectRatio, double maxAspectRatio) {}

    /**
     * @param probability that a picture has a part covered
     * @param minArea of the part, as a fraction of the network's input
     */
    public record ErasingSettings(double probability, double minArea, double maxArea) {}

    /**
     * @param epochs passes over the training set
     * @param batch images a replica sees in one local step
     * @param replicas networks trained side by side, one RDD partition each
     * @param stepsPerRound local steps between two averagings
     * @param averaging what is more than the mean after every {@code stepsPerRound} steps
     * @param labelSmoothing as Keras: y (1 - s) + s / classes
     * @param classWeights weights of classes' images in the loss
     * @param validateEveryEpochs how often the validation set is evaluated
     * @param frozenLayers names of layers whose parameters do not change
     */
    public record TrainingSettings(
            int epochs,
            int batch,
            int replicas,
            int stepsPerRound,
            AveragingSettings averaging,
            OptimizerSettings optimizer,
            ScheduleSettings schedule,
            ClippingSettings clipping,
            double labelSmoothing,
            ClassWeights classWeights,
            int validateEveryEpochs,
            EarlyStoppingSettings earlyStopping,
            List<String> frozenLayers) {}

    /**
     * Weights of classes' images in the loss.
     *
     * @param balanced whether every class weighs as much as any other, whatever its images: an image weighs as many as a class has on average by
     *     those that its own has
     * @param byName class name to weight, where they are not balanced; classes not named weigh 1
     */
    public record ClassWeights(boolean balanced, Map<String, Double> byName) {
        /** Every image weighs 1. */
        public static final ClassWeights EQUAL = new ClassWeights(false, Map.of());

        /** Every class weighs the same. */
        public static final ClassWeights BALANCED = new ClassWeights(true, Map.of());
    }

    /**
     * How averaging differs from the plain mean after every {@code stepsPerRound} local steps.
     *
     * @param adaptive a period that follows the replicas' variance
     * @param payload how the replicas' changes of the parameters travel
     * @param emaDecay of the exponential moving average over rounds that is evaluated in place of the parameters; 0 for none
     */
    public record AveragingSettings(
            PostLocalSettings postLocal,
            AdaptiveSettings adaptive,
            OuterSettings outer,
            double emaDecay,
            Payload payload) {
        /** It does not. */
        public static final AveragingSettings PLAIN = new AveragingSettings(
                new PostLocalSettings(0, 16), AdaptiveSettings.NONE, OuterSettings.NONE, 0, Payload.FLOAT32);
    }

    /**
     * A period that grows while the replicas agree and shrinks while they drift apart; see {@link AdaptivePeriod}.
     *
     * @param maxStepsPerRound the longest period; 0 for a fixed one
     * @param minStepsPerRound the shortest
     * @param sampledEpochs first epochs, whose rounds have the run's stepsPerRound and give the variance to compare with
     */
    public record AdaptiveSettings(int maxStepsPerRound, int minStepsPerRound, int sampledEpochs) {
        /** A fixed period. */
        public static final AdaptiveSettings NONE = new AdaptiveSettings(0, 1, 1);

        /** Whether the period adapts. */
        public boolean on() {
            return maxStepsPerRound > 0;
        }
    }

    /** In what form a replica's parameters travel to where they are averaged. */
    public enum Payload {
        /** The parameters themselves. */
        FLOAT32(null),
        /** Their change, in 2 bytes. */
        BFLOAT16(ChangeFormat.BFLOAT16),
        /** Their change, in a byte and a scale a slice. */
        INT8(ChangeFormat.INT8);

        private final ChangeFormat format;

        Payload(ChangeFormat format) {
            this.format = format;
        }

        /** Of the changes; null where parameters travel. */
        ChangeFormat format() {
            return format;
        }
    }

    /** What is done with the change that a round's mean makes, by its name in training files. */
    public enum OuterOptimizerName {
        /** The mean is the next parameters. */
        NONE(1, 0),
        /**
         * alpha = 1 and beta = 0.5, the defaults of FairScale's {@code SlowMoDistributedDataParallel}, which credits an author of the paper.
         * It advises against another alpha, and found the best beta to be 0 for less than 4 nodes, 0.2 for 4, 0.5 for 8 and 0.6 for 16.
         */
        SLOWMO(1, 0.5),
        /** As Prime Intellect's implementation of DiLoCo has it: PyTorch's SGD with Nesterov momentum 0.9, at 0.7. */
        NESTEROV(0.7, 0.9);

        private final double learningRate;
        private final double momentum;

        OuterOptimizerName(double learningRate, double momentum) {
            this.learningRate = learningRate;
            this.momentum = momentum;
        }

        /** Its published learning rate. */
        public double learningRate() {
            return learningRate;
        }

        /** Its published momentum. */
        public double momentum() {
            return momentum;
        }
    }

    /**
     * @param learningRate SlowMo's alpha, DiLoCo's outer rate
     * @param momentum SlowMo's beta, DiLoCo's outer momentum
     */
    public record OuterSettings(OuterOptimizerName name, double learningRate, double momentum) {
        /** Without one. */
        public static final OuterSettings NONE = of(OuterOptimizerName.NONE);

        /** With the published values. */
        public static OuterSettings of(OuterOptimizerName name) {
            return new OuterSettings(name, name.learningRate(), name.momentum());
        }
    }

    /**
     * Post-local SGD (Lin et al. 2020, "Don't use large mini-batches, use local SGD"): another period after the first epochs.
     *
     * @param epochs with the run's {@code stepsPerRound}; 0 for the whole run
     * @param stepsPerRound in the epochs after them
     */
    public record PostLocalSettings(int epochs, int stepsPerRound) {}

    /** Which update rule, by its name in training files. */
    public enum OptimizerName {
        SGD,
        MOMENTUM,
        NESTEROV,
        ADAM
    }

    /** What becomes of optimizer state at the end of a round. */
    public enum StateRule {
        /** Averaged like the parameters. */
        AVERAGE,
        /** Each replica keeps its own. */
        LOCAL,
        /** Zero at the start of every round. */
        RESET
    }

    /**
     * @param weightDecay applies to kernels without a regularizer of their own, not to biases: gradient += weightDecay w
     * @param momentum of momentum and nesterov
     * @param beta1 of adam
     * @param beta2 of adam
     * @param epsilon of adam
     * @param state what becomes of the state when replicas are averaged
     */
    public record OptimizerSettings(
            OptimizerName name,
            double weightDecay,
            double momentum,
            double beta1,
            double beta2,
            double epsilon,
            StateRule state)
            implements Serializable {
        private static OptimizerSettings of(OptimizerName name, double momentum) {
            return new OptimizerSettings(name, 0, momentum, 0.9, 0.999, 1e-7, StateRule.AVERAGE);
        }

        /** Plain gradient descent. */
        public static OptimizerSettings sgd() {
            return of(OptimizerName.SGD, 0.9);
        }

        /** Heavy-ball momentum. */
        public static OptimizerSettings momentum(double momentum) {
            return of(OptimizerName.MOMENTUM, momentum);
        }

        /** Nesterov's momentum. */
        public static OptimizerSettings nesterov(double momentum) {
            return of(OptimizerName.NESTEROV, momentum);
        }

        /** With Keras's constants. */
        public static OptimizerSettings adam() {
            return of(OptimizerName.ADAM, 0.9);
        }

        /** The same with another weight decay. */
        public OptimizerSettings withWeightDecay(double decay) {
            return new OptimizerSettings(name, decay, momentum, beta1, beta2, epsilon, state);
        }

        /** The same with another rule for its state. */
        public OptimizerSettings withState(StateRule rule) {
            return new OptimizerSettings(name, weightDecay, momentum, beta1, beta2, epsilon, rule);
        }
    }

    /** Shape of the learning rate over a replica's steps. */
    public enum ScheduleName {
        CONSTANT,
        STEP,
        POLYNOMIAL,
        COSINE,
        PLATEAU
    }

    /**
     * Steps are a replica's own, not the cluster's.
     *
     * @param learningRate base rate
     * @param warmupSteps linear from 0 to the base rate before the schedule begins
     * @param stepSize of step: steps between two changes
     * @param gamma of step: factor at each change
     * @param power of polynomial
     * @param decaySteps of polynomial and cosine: steps until the end rate; 0 for all the run's steps after warm-up
     * @param endLearningRate of polynomial and cosine; plateau's smallest rate
     * @param factor of plateau: the rate is multiplied by it when validation top-1 stops improving
     * @param patience of plateau: validations without improvement before a change
     * @param minDelta of plateau: what counts as an improvement
     */
    public record ScheduleSettings(
            ScheduleName name,
            double learningRate,
            int warmupSteps,
            int stepSize,
            double gamma,
            double power,
            int decaySteps,
            double endLearningRate,
            double factor,
            int patience,
            double minDelta) {
        private static ScheduleSettings of(ScheduleName name, double rate, int stepSize, double gamma, double power) {
            return new ScheduleSettings(name, rate, 0, stepSize, gamma, power, 0, 0, 0.1, 3, 0.001);
        }

        /** The same rate throughout. */
        public static ScheduleSettings constant(double learningRate) {
            return of(ScheduleName.CONSTANT, learningRate, 0, 0.1, 1);
        }

        /** Multiplied by {@code gamma} every {@code stepSize} steps. */
        public static ScheduleSettings step(double learningRate, int stepSize, double gamma) {
            return of(ScheduleName.STEP, learningRate, stepSize, gamma, 1);
        }

        /** To 0 at the run's end; a straight line with power 1. */
        public static ScheduleSettings polynomial(double learningRate, double power) {
            return of(ScheduleName.POLYNOMIAL, learningRate, 0, 0.1, power);
        }

        /** Half a wave, to 0 at the run's end. */
        public static ScheduleSettings cosine(double learningRate) {
            return of(ScheduleName.COSINE, learningRate, 0, 0.1, 1);
        }

        /** A tenth whenever validation top-1 has not risen by 0.001 for 3 validations. */
        public static ScheduleSettings plateau(double learningRate) {
            return of(ScheduleName.PLATEAU, learningRate, 0, 0.1, 1);
        }

        /** The same after a linear rise over the first steps. */
        public ScheduleSettings withWarmup(int steps) {
            return new ScheduleSettings(
                    name,
                    learningRate,
                    steps,
                    stepSize,
                    gamma,
                    power,
                    decaySteps,
                    endLearningRate,
                    factor,
                    patience,
                    minDelta);
        }
    }
    /**
     * @param arrayNorm largest L2 norm of one array's gradient, 0 for no limit
     * @param globalNorm largest L2 norm of the whole gradient, 0 for no limit
     */
    public record ClippingSettings(double arrayNorm, double globalNorm) implements Serializable {}

    /**
     * @param patience validations without improvement of top-1 before the run ends, 0 to never end early
     * @param minDelta what counts as an improvement
     */
    public record EarlyStoppingSettings(int patience, double minDelta) {}

    /**
     * @param everyRounds rounds between checkpoints, 0 for none by rounds
     * @param everyEpochs epochs between checkpoints, 0 for none by epochs
     * @param keep newest checkpoints that stay, with the best by validation accuracy; 0 for all
     */
    public record CheckpointSettings(int everyRounds, int everyEpochs, int keep) {}
}
