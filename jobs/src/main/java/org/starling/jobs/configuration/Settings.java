package org.starling.jobs.configuration;

import java.util.List;
import java.util.Optional;
import org.starling.jobs.configuration.SettingType.Choice;
import org.starling.jobs.configuration.SettingType.Decimal;
import org.starling.jobs.configuration.SettingType.Flag;
import org.starling.jobs.configuration.SettingType.Names;
import org.starling.jobs.configuration.SettingType.PathName;
import org.starling.jobs.configuration.SettingType.Weights;
import org.starling.jobs.configuration.SettingType.Whole;
import org.starling.model.ConvolutionRemainder;
import org.starling.model.DataFormat;
import org.starling.training.TrainingConfiguration.AugmentationSettings;
import org.starling.training.TrainingConfiguration.ClassWeights;
import org.starling.training.TrainingConfiguration.Crop;
import org.starling.training.TrainingConfiguration.ImageStorage;
import org.starling.training.TrainingConfiguration.Kernels;
import org.starling.training.TrainingConfiguration.LightingColours;
import org.starling.training.TrainingConfiguration.OptimizerName;
import org.starling.training.TrainingConfiguration.OuterOptimizerName;
import org.starling.training.TrainingConfiguration.Payload;
import org.starling.training.TrainingConfiguration.Reshard;
import org.starling.training.TrainingConfiguration.Sampling;
import org.starling.training.TrainingConfiguration.ScheduleName;
import org.starling.training.TrainingConfiguration.StateRule;

/**
 * Every key of a training file: the one list that reading, checking, {@code --help-keys} and docs/configuration.md are made
 * from.
 */
public final class Settings {
    static final Setting<String> RUN_DIRECTORY = new Setting<>(
            "run.directory",
            new PathName(),
            Optional.empty(),
            false,
            "runs/NAME, for NAME.conf",
            "Folder that the run writes to; it must not exist unless the run is resumed");
    static final Setting<Long> RUN_SEED = of(
            "run.seed",
            new Whole(Long.MIN_VALUE, Long.MAX_VALUE),
            1L,
            """
            Seed of everything random: initial weights, order, augmentation, dropout, sharding, split""");
    static final Setting<Long> RUN_MEMBER = of(
            "run.member",
            whole(1),
            1L,
            """
            Which network of an ensemble this is: others have other initial weights, orders and changes of images, and the same validation images""");
    static final Setting<Long> RUN_WAIT_SECONDS =
            of("run.waitSeconds", whole(1), 300L, "How long the driver waits for its executors");

    static final Setting<String> MODEL_FILE =
            required("model.file", new PathName(), "The network, as Keras Sequential JSON (`model.to_json()`)");
    static final Setting<DataFormat> MODEL_DATA_FORMAT = of(
            "model.dataFormat",
            Choice.of(DataFormat.class),
            DataFormat.CHANNELS_LAST,
            """
            Axes of layers that name no data_format: Keras's image_data_format""");
    static final Setting<ConvolutionRemainder> MODEL_CONVOLUTION_REMAINDER = of(
            "model.convolutionRemainder",
            Choice.of(ConvolutionRemainder.class),
            ConvolutionRemainder.ERROR,
            """
            What a valid convolution whose window does not fit evenly is: an error, or floored as tf.keras does""");
    static final Setting<Kernels> MODEL_KERNELS = of(
            "model.kernels",
            Choice.of(Kernels.class),
            Kernels.STARLING,
            """
            What layers compute with: starling's own kernels where there are some, the same without Winograd's \
            algorithm (direct), or DL4J's alone (stock)""");
    static final Setting<Boolean> MODEL_ALLOW_MIXED_CPUS = of(
            "model.allowMixedCpus",
            new Flag(),
            false,
            """
            Let DL4J's own kernels compute on executors with different CPUs, although the last bits then depend on where a task runs""");

    static final Setting<String> MODEL_WEIGHTS = new Setting<>(
            "model.weights",
            new PathName(),
            Optional.empty(),
            false,
            "none",
            "Trained parameters to start from, by the names of layers: a run directory or its zip, DL4J's zip, or Keras weights (.h5)");
    static final Setting<Boolean> REPLACE_LAST_LAYER = of(
            "model.replaceLastLayer",
            new Flag(),
            false,
            """
            Of model.weights: give the last layer new parameters even where those fit, as it always gets where the number of classes differs""");

    static final Setting<String> DATA_TRAIN = required(
            "data.train",
            new PathName(),
            "The training images: a folder with a sub-folder a class, an IDX file or CIFAR files (docs/data.md)");
    static final Setting<String> DATA_VALIDATION = new Setting<>(
            "data.validation",
            new PathName(),
            Optional.empty(),
            false,
            "none",
            "The validation images; without them data.validationFraction of the training images is kept for validation");
    static final Setting<String> DATA_FORMAT = of(
            "data.format",
            Choice.of(
                    "auto",
                    "folder",
                    "idx",
                    "cifar10",
                    "cifar100",
                    "tar",
                    "list",
                    "parquet",
                    "sequencefile",
                    "prepared"),
            "auto",
            """
            How the images are stored; auto looks at the path""");
    static final Setting<Double> DATA_VALIDATION_FRACTION = of(
            "data.validationFraction",
            new Decimal(0, true, 1, false),
            0.1,
            """
            Part of the training images kept for validation where data.validation is not given; 0 for no validation""");
    static final Setting<Double> DATA_BAD_IMAGE_LIMIT = of(
            "data.badImageLimit",
            new Decimal(0, true, 1, true),
            0.01,
            """
            Largest fraction of unreadable images that is skipped; more end the run""");
    static final Setting<Reshard> DATA_RESHARD = of(
            "data.reshard",
            Choice.of(Reshard.class),
            Reshard.NEVER,
            """
            When training images are dealt to the replicas anew: never, or in each epoch (images then move between executors)""");
    static final Setting<Sampling> DATA_SAMPLING = of(
            "data.sampling",
            Choice.of(Sampling.class),
            Sampling.ALL,
            """
            How often training images come in an epoch: all once, or balanced, those of smaller classes several times, so that classes come equally often""");
    static final Setting<ImageStorage> DATA_STORAGE_LEVEL = of(
            "data.storageLevel",
            Choice.of(ImageStorage.class),
            ImageStorage.MEMORY_AND_DISK,
            """
            How executors keep the images they have read, not decoded; with none they are read anew in each epoch""");
    static final Setting<Long> DATA_SHORT_SIDE = of(
            "data.shortSide",
            new Whole(0, 1 << 14),
            0L,
            """
            Pixels to which a picture's short side is scaled before the network's input is cut out of it; 0 for as few as cover the input""");
    static final Setting<Crop> AUGMENTATION_CROP = of(
            "data.augmentation.crop",
            Choice.of(Crop.class),
            Crop.CENTRE,
            """
            Part of a training picture that is shown: the centre, one at a random place, or one of random size, shape and place (resized)""");
    static final Setting<Double> RESIZED_MIN_AREA = of(
            "data.augmentation.resizedCrop.minArea",
            new Decimal(0, false, 1, true),
            AugmentationSettings.NONE.resized().minArea(),
            """
            Smallest area of a resized crop, as a fraction of the picture""");
    static final Setting<Double> RESIZED_MAX_AREA = of(
            "data.augmentation.resizedCrop.maxArea",
            new Decimal(0, false, 1, true),
            AugmentationSettings.NONE.resized().maxArea(),
            """
            Largest area of a resized crop""");
    static final Setting<Double> RESIZED_MIN_ASPECT_RATIO = of(
            "data.augmentation.resizedCrop.minAspectRatio",
            new Decimal(0.01, true, 100, true),
            AugmentationSettings.NONE.resized().minAspectRatio(),
            """
            Smallest width by height of a resized crop""");
    static final Setting<Double> RESIZED_MAX_ASPECT_RATIO = of(
            "data.augmentation.resizedCrop.maxAspectRatio",
            new Decimal(0.01, true, 100, true),
            AugmentationSettings.NONE.resized().maxAspectRatio(),
            """
            Largest width by height of a resized crop""");
    static final Setting<Boolean> AUGMENTATION_MIRROR =
            of("data.augmentation.mirror", new Flag(), false, "Flip half of the training images left to right");
    static final Setting<Long> AUGMENTATION_SHIFT = of(
            "data.augmentation.shift",
            whole(0),
            0L,
            """
            Move training images by up to this many pixels in each direction""");
    static final Setting<Double> AUGMENTATION_BRIGHTNESS = strength(
            "data.augmentation.brightness", "Multiply a training image's values by a factor from 1 - this to 1 + this");
    static final Setting<Double> AUGMENTATION_CONTRAST = strength(
            "data.augmentation.contrast",
            "Do so with the differences of its values from the grey of its mean brightness");
    static final Setting<Double> AUGMENTATION_SATURATION = strength(
            "data.augmentation.saturation", "Do so with the differences of its colours from grey of their brightness");
    static final Setting<Double> AUGMENTATION_LIGHTING = of(
            "data.augmentation.lighting",
            new Decimal(0, true, 10, true),
            0.0,
            """
            Add a random colour along the axes of the set's colours to a training image; AlexNet's authors used 0.1""");
    static final Setting<LightingColours> AUGMENTATION_LIGHTING_COLOURS = of(
            "data.augmentation.lightingColours",
            Choice.of(LightingColours.class),
            LightingColours.SET,
            """
            Axes that lighting goes by: the training set's own, or those published for ImageNet""");
    static final Setting<Double> ERASING_PROBABILITY = of(
            "data.augmentation.erasing.probability",
            new Decimal(0, true, 1, true),
            0.0,
            """
            Part of the training images in which a rectangle is covered with the mean""");
    static final Setting<Double> ERASING_MIN_AREA = of(
            "data.augmentation.erasing.minArea",
            new Decimal(0, false, 1, true),
            AugmentationSettings.NONE.erasing().minArea(),
            """
            Smallest area of the rectangle, as a fraction of the network's input""");
    static final Setting<Double> ERASING_MAX_AREA = of(
            "data.augmentation.erasing.maxArea",
            new Decimal(0, false, 1, true),
            AugmentationSettings.NONE.erasing().maxArea(),
            """
            Largest area of the rectangle""");

    static final Setting<Long> EPOCHS = of("training.epochs", whole(1), 10L, "Passes over the training images");
    static final Setting<Long> BATCH = of("training.batch", whole(1), 32L, "Images a replica sees in one local step");
    static final Setting<Long> REPLICAS =
            of("training.replicas", whole(1), 1L, "Networks trained side by side, one RDD partition each");
    static final Setting<Long> STEPS_PER_ROUND =
            of("training.stepsPerRound", whole(1), 10L, "Local steps between two averagings of the replicas");
    static final Setting<OptimizerName> OPTIMIZER_NAME = of(
            "training.optimizer.name",
            Choice.of(OptimizerName.class),
            OptimizerName.MOMENTUM,
            """
            The update rule""");
    static final Setting<Double> WEIGHT_DECAY = of(
            "training.optimizer.weightDecay",
            atLeast(0),
            0.0,
            """
            L2 decay of kernels that have no regularizer of their own, not of biases: gradient += weightDecay w""");
    static final Setting<Double> MOMENTUM =
            of("training.optimizer.momentum", belowOne(), 0.9, "Momentum of momentum and nesterov");
    static final Setting<Double> BETA1 =
            of("training.optimizer.beta1", belowOne(), 0.9, "Decay of adam's first moment");
    static final Setting<Double> BETA2 =
            of("training.optimizer.beta2", belowOne(), 0.999, "Decay of adam's second moment");
    static final Setting<Double> EPSILON = of("training.optimizer.epsilon", positive(), 1e-7, "Adam's epsilon");
    static final Setting<StateRule> STATE = of(
            "training.optimizer.state",
            Choice.of(StateRule.class),
            StateRule.AVERAGE,
            """
            What becomes of the optimizer's state when the replicas are averaged: averaged too, kept by each replica, or zero""");
    static final Setting<ScheduleName> SCHEDULE_NAME = of(
            "training.schedule.name",
            Choice.of(ScheduleName.class),
            ScheduleName.CONSTANT,
            """
            Shape of the learning rate over a replica's steps""");
    static final Setting<Double> LEARNING_RATE =
            of("training.schedule.learningRate", positive(), 0.01, "Base learning rate");
    static final Setting<Long> WARMUP_STEPS = of(
            "training.schedule.warmupSteps",
            whole(0),
            0L,
            """
            Steps over which the rate rises from 0 to the base rate before the schedule begins""");
    static final Setting<Long> STEP_SIZE = of(
            "training.schedule.stepSize",
            whole(0),
            0L,
            """
            Of step, which needs it: steps between two changes of the rate""");
    static final Setting<Double> GAMMA =
            of("training.schedule.gamma", new Decimal(0, false, 1, true), 0.1, "Of step: factor at each change");
    static final Setting<Double> POWER =
            of("training.schedule.power", positive(), 1.0, "Of polynomial: its power, 1 for a straight line");
    static final Setting<Long> DECAY_STEPS = of(
            "training.schedule.decaySteps",
            whole(0),
            0L,
            """
            Of polynomial and cosine: steps until the end rate, 0 for all the run's steps after the warm-up""");
    static final Setting<Double> END_LEARNING_RATE = of(
            "training.schedule.endLearningRate",
            atLeast(0),
            0.0,
            """
            Of polynomial and cosine: the rate at the end; of plateau: the smallest rate""");
    static final Setting<Double> FACTOR = of(
            "training.schedule.factor",
            new Decimal(0, false, 1, false),
            0.1,
            """
            Of plateau: the rate is multiplied by it when validation top-1 stops improving""");
    static final Setting<Long> PATIENCE = of(
            "training.schedule.patience",
            whole(1),
            3L,
            """
            Of plateau: validations without improvement before the rate changes""");
    static final Setting<Double> MIN_DELTA = of(
            "training.schedule.minDelta",
            new Decimal(0, true, 1, false),
            0.001,
            """
            Of plateau: the least rise of top-1 that is an improvement""");
    static final Setting<Double> ARRAY_NORM = of(
            "training.clipping.arrayNorm",
            atLeast(0),
            0.0,
            """
            Largest L2 norm of one array's gradient, 0 for no limit""");
    static final Setting<Double> GLOBAL_NORM = of(
            "training.clipping.globalNorm",
            atLeast(0),
            0.0,
            """
            Largest L2 norm of the whole gradient, 0 for no limit""");
    static final Setting<Double> LABEL_SMOOTHING =
            of("training.labelSmoothing", belowOne(), 0.0, "Label smoothing s: y (1 - s) + s / classes, as Keras");
    static final Setting<ClassWeights> CLASS_WEIGHTS = of(
            "training.classWeights",
            new Weights(),
            ClassWeights.EQUAL,
            """
            Weight of a class's images in the loss, by class name; classes not named weigh 1. With balanced all classes weigh the same""");
    static final Setting<Long> VALIDATE_EVERY_EPOCHS =
            of("training.validateEveryEpochs", whole(1), 1L, "Epochs between two validations");
    static final Setting<Long> STOPPING_PATIENCE = of(
            "training.earlyStopping.patience",
            whole(0),
            0L,
            """
            Validations without improvement of top-1 before the run ends, 0 to never end early""");
    static final Setting<Double> STOPPING_MIN_DELTA = of(
            "training.earlyStopping.minDelta",
            new Decimal(0, true, 1, false),
            0.0,
            """
            The least rise of top-1 that is an improvement""");
    static final Setting<List<String>> FROZEN_LAYERS = of(
            "training.frozenLayers",
            new Names(),
            List.of(),
            """
            Names of layers whose parameters do not change""");
    static final Setting<Long> POST_LOCAL_EPOCHS = of(
            "training.postLocal.epochs",
            whole(0),
            0L,
            """
            Post-local SGD: epochs with training.stepsPerRound, after which another period follows; 0 for none""");
    static final Setting<Long> POST_LOCAL_STEPS_PER_ROUND = of(
            "training.postLocal.stepsPerRound",
            whole(1),
            16L,
            """
            Of post-local SGD: local steps between two averagings after those epochs""");
    static final Setting<Long> ADAPTIVE_MAX = of(
            "training.adaptive.maxStepsPerRound",
            whole(0),
            0L,
            """
            Adapt the steps between averagings to the replicas' variance, up to this many; 0 for training.stepsPerRound throughout""");
    static final Setting<Long> ADAPTIVE_MIN = of(
            "training.adaptive.minStepsPerRound",
            whole(1),
            1L,
            """
            Of adaptive: the fewest steps between averagings""");
    static final Setting<Long> ADAPTIVE_SAMPLED_EPOCHS = of(
            "training.adaptive.sampledEpochs",
            whole(1),
            1L,
            """
            Of adaptive: first epochs, with training.stepsPerRound, whose variance the others are compared with""");
    static final Setting<OuterOptimizerName> OUTER_OPTIMIZER = of(
            "training.outer.optimizer",
            Choice.of(OuterOptimizerName.class),
            OuterOptimizerName.NONE,
            """
            What is done with the change that a round makes: nothing more, SlowMo's momentum, or DiLoCo's Nesterov momentum""");
    static final Setting<Double> OUTER_LEARNING_RATE = new Setting<>(
            "training.outer.learningRate",
            positive(),
            Optional.empty(),
            false,
            "1 for slowmo, 0.7 for nesterov",
            "Of an outer optimizer: how much of the change is taken");
    static final Setting<Double> OUTER_MOMENTUM = new Setting<>(
            "training.outer.momentum",
            belowOne(),
            Optional.empty(),
            false,
            "0.5 for slowmo, 0.9 for nesterov",
            "Of an outer optimizer: its momentum from round to round");
    static final Setting<Double> EMA_DECAY = of(
            "training.ema.decay",
            belowOne(),
            0.0,
            """
            Decay of an exponential moving average of the parameters over rounds, which is then what is validated and \
            becomes the model; 0 for none""");
    static final Setting<Payload> PAYLOAD = of(
            "training.payload",
            Choice.of(Payload.class),
            Payload.FLOAT32,
            """
            What replicas send of the parameters: themselves, or their change in 2 bytes or in 1, with what that loses added to the next""");

    static final Setting<Long> EVERY_ROUNDS =
            of("checkpoint.everyRounds", whole(0), 0L, "Rounds between two checkpoints, 0 for none by rounds");
    static final Setting<Long> EVERY_EPOCHS =
            of("checkpoint.everyEpochs", whole(0), 1L, "Epochs between two checkpoints, 0 for none by epochs");
    static final Setting<Long> KEEP = of(
            "checkpoint.keep",
            whole(0),
            3L,
            """
            Newest checkpoints that stay, and with them the best by validation accuracy, 0 for all""");

    static final List<Setting<?>> ALL = List.of(
            RUN_DIRECTORY,
            RUN_SEED,
            RUN_MEMBER,
            RUN_WAIT_SECONDS,
            MODEL_FILE,
            MODEL_DATA_FORMAT,
            MODEL_CONVOLUTION_REMAINDER,
            MODEL_KERNELS,
            MODEL_ALLOW_MIXED_CPUS,
            MODEL_WEIGHTS,
            REPLACE_LAST_LAYER,
            DATA_TRAIN,
            DATA_VALIDATION,
            DATA_FORMAT,
            DATA_VALIDATION_FRACTION,
            DATA_BAD_IMAGE_LIMIT,
            DATA_RESHARD,
            DATA_SAMPLING,
            DATA_STORAGE_LEVEL,
            DATA_SHORT_SIDE,
            AUGMENTATION_CROP,
            RESIZED_MIN_AREA,
            RESIZED_MAX_AREA,
            RESIZED_MIN_ASPECT_RATIO,
            RESIZED_MAX_ASPECT_RATIO,
            AUGMENTATION_MIRROR,
            AUGMENTATION_SHIFT,
            AUGMENTATION_BRIGHTNESS,
            AUGMENTATION_CONTRAST,
            AUGMENTATION_SATURATION,
            AUGMENTATION_LIGHTING,
            AUGMENTATION_LIGHTING_COLOURS,
            ERASING_PROBABILITY,
            ERASING_MIN_AREA,
            ERASING_MAX_AREA,
            EPOCHS,
            BATCH,
            REPLICAS,
            STEPS_PER_ROUND,
            OPTIMIZER_NAME,
            WEIGHT_DECAY,
            MOMENTUM,
            BETA1,
            BETA2,
            EPSILON,
            STATE,
            SCHEDULE_NAME,
            LEARNING_RATE,
            WARMUP_STEPS,
            STEP_SIZE,
            GAMMA,
            POWER,
            DECAY_STEPS,
            END_LEARNING_RATE,
            FACTOR,
            PATIENCE,
            MIN_DELTA,
            ARRAY_NORM,
            GLOBAL_NORM,
            LABEL_SMOOTHING,
            CLASS_WEIGHTS,
            VALIDATE_EVERY_EPOCHS,
            STOPPING_PATIENCE,
            STOPPING_MIN_DELTA,
            FROZEN_LAYERS,
            POST_LOCAL_EPOCHS,
            POST_LOCAL_STEPS_PER_ROUND,
            ADAPTIVE_MAX,
            ADAPTIVE_MIN,
            ADAPTIVE_SAMPLED_EPOCHS,
            OUTER_OPTIMIZER,
            OUTER_LEARNING_RATE,
            OUTER_MOMENTUM,
            EMA_DECAY,
            PAYLOAD,
            EVERY_ROUNDS,
            EVERY_EPOCHS,
            KEEP);

    private Settings() {}

    /** The table of all keys, in Markdown: key, default, what is allowed, meaning. */
    public static String markdownTable() {
        StringBuilder table = new StringBuilder("| key | default | value | meaning |\n|---|---|---|---|\n");
        for (Setting<?> s : ALL) {
            table.append("| `%s` | %s | %s | %s |\n"
                    .formatted(s.key(), s.initialText(), s.type().allowed(), s.meaning()));
        }
        return table.toString();
    }

    /** The same for a terminal, one paragraph a key. */
    public static String help() {
        StringBuilder text = new StringBuilder();
        for (Setting<?> s : ALL) {
            text.append("%s%n    %s.%n    %s; default: %s%n"
                    .formatted(s.key(), s.meaning(), s.type().allowed(), s.initialText()));
        }
        return text.toString();
    }

    static Optional<Setting<?>> named(String key) {
        return ALL.stream().filter(s -> s.key().equals(key)).findFirst();
    }

    /** Whether some key lies below this name. */
    static boolean isSection(String name) {
        return ALL.stream().anyMatch(s -> s.key().startsWith(name + "."));
    }

    /** As a person would write it: 1, 0.01, 1e-7. */
    static String plain(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e6) {
            return Long.toString((long) value);
        }
        return Double.toString(value).replace(".0E", "e").replace('E', 'e');
    }

    private static <T> Setting<T> of(String key, SettingType<T> type, T initial, String meaning) {
        return new Setting<>(key, type, Optional.of(initial), false, type.render(initial), meaning);
    }

    private static <T> Setting<T> required(String key, SettingType<T> type, String meaning) {
        return new Setting<>(key, type, Optional.empty(), true, "required", meaning);
    }

    private static Whole whole(int min) {
        return new Whole(min, Integer.MAX_VALUE);
    }

    private static Decimal atLeast(double min) {
        return new Decimal(min, true, Double.POSITIVE_INFINITY, false);
    }

    private static Decimal positive() {
        return new Decimal(0, false, Double.POSITIVE_INFINITY, false);
    }

    private static Setting<Double> strength(String key, String meaning) {
        return of(key, new Decimal(0, true, 1, true), 0.0, meaning);
    }

    private static Decimal belowOne() {
        return new Decimal(0, true, 1, false);
    }
}
