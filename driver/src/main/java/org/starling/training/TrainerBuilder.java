package org.starling.training;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.starling.InputException;
import org.starling.data.ImageSource;
import org.starling.data.augmentation.AugmentationStep;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.AugmentationSettings;
import org.starling.training.TrainingConfiguration.AveragingSettings;
import org.starling.training.TrainingConfiguration.CheckpointSettings;
import org.starling.training.TrainingConfiguration.ClassWeights;
import org.starling.training.TrainingConfiguration.ClippingSettings;
import org.starling.training.TrainingConfiguration.DataSettings;
import org.starling.training.TrainingConfiguration.EarlyStoppingSettings;
import org.starling.training.TrainingConfiguration.ImageStorage;
import org.starling.training.TrainingConfiguration.Kernels;
import org.starling.training.TrainingConfiguration.ModelSettings;
import org.starling.training.TrainingConfiguration.OptimizerSettings;
import org.starling.training.TrainingConfiguration.Reshard;
import org.starling.training.TrainingConfiguration.RunSettings;
import org.starling.training.TrainingConfiguration.Sampling;
import org.starling.training.TrainingConfiguration.ScheduleName;
import org.starling.training.TrainingConfiguration.ScheduleSettings;
import org.starling.training.TrainingConfiguration.TrainingSettings;

/**
 * Puts a {@link Training} together. Only the model is required; everything else is as in a training file without the setting of that name. Paths are
 * of any Hadoop FileSystem.
 */
public final class TrainerBuilder {
    private static final double USUAL_VALIDATION_FRACTION = 0.1;

    private String modelFile = "";
    private String modelText = "";
    private ModelOptions modelOptions = ModelOptions.DEFAULT;
    private Kernels kernels = Kernels.STARLING;
    private Optional<String> weights = Optional.empty();
    private boolean replaceLastLayer;
    private List<String> frozenLayers = List.of();
    private Optional<String> validation = Optional.empty();
    private Optional<Double> validationFraction = Optional.empty();
    private String format = ImageSource.AUTO;
    private double badImageLimit = 0.01;
    private Reshard reshard = Reshard.NEVER;
    private Sampling sampling = Sampling.ALL;
    private ImageStorage storageLevel = ImageStorage.MEMORY_AND_DISK;
    private int shortSide;
    private List<AugmentationStep> augmentation = List.of();
    private int epochs = 10;
    private int batch = 32;
    private int replicas = 1;
    private int stepsPerRound = 10;
    private AveragingSettings averaging = AveragingSettings.PLAIN;
    private OptimizerSettings optimizer = OptimizerSettings.momentum(0.9);
    private ScheduleSettings schedule = ScheduleSettings.constant(0.01);
    private Optional<LearningRate> learningRate = Optional.empty();
    private ClippingSettings clipping = new ClippingSettings(0, 0);
    private double labelSmoothing;
    private ClassWeights classWeights = ClassWeights.EQUAL;
    private int validateEveryEpochs = 1;
    private EarlyStoppingSettings earlyStopping = new EarlyStoppingSettings(0, 0);
    private CheckpointSettings checkpoint = new CheckpointSettings(0, 1, 3);
    private String runDirectory = "";
    private long seed = 1;
    private int waitSeconds = 300;
    private final List<TrainingListener> listeners = new ArrayList<>();

    TrainerBuilder() {}

    /** Path of the network as Keras Sequential JSON. */
    public TrainerBuilder model(String file) {
        modelFile = given("model", file);
        return this;
    }

    /** The network itself as Keras Sequential JSON, in the place of a file. */
    public TrainerBuilder modelJson(String json) {
        modelText = given("modelJson", json);
        return this;
    }

    /** How the JSON is read where it is silent. */
    public TrainerBuilder modelOptions(ModelOptions options) {
        modelOptions = given("modelOptions", options);
        return this;
    }

    /** What layers compute with. */
    public TrainerBuilder kernels(Kernels choice) {
        kernels = given("kernels", choice);
        return this;
    }

    /** Path of a trained model whose parameters the training starts from, layer by layer by name. */
    public TrainerBuilder weights(String model) {
        weights = Optional.of(given("weights", model));
        return this;
    }

    /** The last layer gets new parameters although those of {@link #weights} fit. */
    public TrainerBuilder replaceLastLayer() {
        replaceLastLayer = true;
        return this;
    }

    /** Names of layers whose parameters do not change. */
    public TrainerBuilder frozenLayers(String... names) {
        frozenLayers = List.of(given("frozenLayers", names));
        return this;
    }

    /** Path of validation images. */
    public TrainerBuilder validation(String data) {
        validation = Optional.of(given("validation", data));
        return this;
    }

    /** Part of the training images kept for validation where {@link #validation} gives none: 0.1 unless it is said; 0 for no validation. */
    public TrainerBuilder validationFraction(double fraction) {
        validationFraction = Optional.of(fraction);
        return this;
    }

    /** How the images are stored, as {@code data.format} says it: folder, idx, parquet and so on; auto looks at the path. */
    public TrainerBuilder format(String name) {
        format = given("format", name);
        return this;
    }

    /** Largest fraction of unreadable images that is skipped. */
    public TrainerBuilder badImageLimit(double fraction) {
        badImageLimit = fraction;
        return this;
    }

    /** When training images are dealt to the replicas anew. */
    public TrainerBuilder reshard(Reshard when) {
        reshard = given("reshard", when);
        return this;
    }

    /** How often training images come in an epoch. */
    public TrainerBuilder sampling(Sampling how) {
        sampling = given("sampling", how);
        return this;
    }

    /** How executors keep the images they have read. */
    public TrainerBuilder storageLevel(ImageStorage level) {
        storageLevel = given("storageLevel", level);
        return this;
    }

    /** Pixels to which a picture's short side is scaled before the input is cut out of it; 0 for as few as cover the input. */
    public TrainerBuilder shortSide(int pixels) {
        shortSide = pixels;
        return this;
    }

    /** Random changes of training pictures, in this order: those of {@code org.starling.data.augmentation} and the program's own. */
    public TrainerBuilder augmentation(AugmentationStep... steps) {
        augmentation = List.of(steps);
        return this;
    }

    /** Passes over the training images. */
    public TrainerBuilder epochs(int passes) {
        epochs = passes;
        return this;
    }

    /** Images a replica sees in one local step. */
    public TrainerBuilder batch(int images) {
        batch = images;
        return this;
    }

    /** Networks trained side by side, one RDD partition each. */
    public TrainerBuilder replicas(int count) {
        replicas = count;
        return this;
    }

    /** Local steps between two averagings. */
    public TrainerBuilder stepsPerRound(int steps) {
        stepsPerRound = steps;
        return this;
    }

    /** What is more than the mean after every {@code stepsPerRound} steps. */
    public TrainerBuilder averaging(AveragingSettings settings) {
        averaging = given("averaging", settings);
        return this;
    }

    /** The update rule. */
    public TrainerBuilder optimizer(OptimizerSettings rule) {
        optimizer = given("optimizer", rule);
        return this;
    }

    /** The same learning rate throughout. Of this, {@link #learningRate(LearningRate)} and {@link #schedule} the last one counts. */
    public TrainerBuilder learningRate(double rate) {
        return schedule(ScheduleSettings.constant(rate));
    }

    /** A learning rate of the program's own. */
    public TrainerBuilder learningRate(LearningRate rate) {
        learningRate = Optional.of(given("learningRate", rate));
        return this;
    }

    /** One of Starling's schedules, such as {@code ScheduleSettings.cosine(0.02).withWarmup(50)}. */
    public TrainerBuilder schedule(ScheduleSettings settings) {
        schedule = given("schedule", settings);
        learningRate = Optional.empty();
        return this;
    }

    /** Largest norms of gradients. */
    public TrainerBuilder clipping(ClippingSettings settings) {
        clipping = given("clipping", settings);
        return this;
    }

    /** Label smoothing s: y (1 - s) + s / classes. */
    public TrainerBuilder labelSmoothing(double smoothing) {
        labelSmoothing = smoothing;
        return this;
    }

    /** Weights of classes' images in the loss. */
    public TrainerBuilder classWeights(ClassWeights weights) {
        classWeights = given("classWeights", weights);
        return this;
    }

    /** Epochs between two validations. */
    public TrainerBuilder validateEveryEpochs(int count) {
        validateEveryEpochs = count;
        return this;
    }

    /** Ends the run where validation top-1 does not rise any more. */
    public TrainerBuilder earlyStopping(EarlyStoppingSettings settings) {
        earlyStopping = given("earlyStopping", settings);
        return this;
    }

    /** When checkpoints are written, and how many stay: after each epoch, the newest 3 and the best, unless it is said. */
    public TrainerBuilder checkpoint(CheckpointSettings settings) {
        checkpoint = given("checkpoint", settings);
        return this;
    }

    /**
     * Where checkpoints and the model go; nothing may be there unless the run is resumed. In local mode it may be left out, and the run is then gone when
     * the JVM ends.
     */
    public TrainerBuilder runDirectory(String directory) {
        runDirectory = given("runDirectory", directory);
        return this;
    }

    /** Of everything random. */
    public TrainerBuilder seed(long number) {
        seed = number;
        return this;
    }

    /** How long the driver waits for its executors. */
    public TrainerBuilder waitSeconds(int seconds) {
        waitSeconds = seconds;
        return this;
    }

    /** Is told of everything, at the driver, after those that were added before. What it throws ends the run. */
    public TrainerBuilder listener(TrainingListener listener) {
        listeners.add(given("listener", listener));
        return this;
    }

    /** @throws InputException when an argument cannot be used; the message names it */
    public Training build() {
        check();
        Optional<SequentialModel> model = modelText.isEmpty()
                ? Optional.empty()
                : Optional.of(SequentialModel.parse(modelText, "modelJson", modelOptions));
        TrainingConfiguration configuration = configuration();
        Extensions extensions = new Extensions(model, augmentation, learningRate, listeners);
        SortedMap<String, String> settings = ConfigurationText.of(configuration);
        if (learningRate.isPresent()) {
            settings.keySet().removeIf(key -> key.startsWith("training.schedule."));
        }
        settings.putAll(extensions.settings());
        return new Training(configuration, settings, extensions);
    }

    private TrainingConfiguration configuration() {
        return new TrainingConfiguration(
                new RunSettings(runDirectory, seed, 1, waitSeconds),
                new ModelSettings(modelFile, modelOptions, kernels, false, weights, replaceLastLayer),
                new DataSettings(
                        "",
                        validation,
                        format,
                        validation.isPresent() ? 0 : validationFraction.orElse(USUAL_VALIDATION_FRACTION),
                        badImageLimit,
                        reshard,
                        sampling,
                        storageLevel,
                        shortSide,
                        AugmentationSettings.NONE),
                new TrainingSettings(
                        epochs,
                        batch,
                        replicas,
                        stepsPerRound,
                        averaging,
                        optimizer,
                        schedule,
                        clipping,
                        labelSmoothing,
                        classWeights,
                        validateEveryEpochs,
                        earlyStopping,
                        frozenLayers),
                checkpoint);
    }

    private void check() {
        if (modelFile.isEmpty() == modelText.isEmpty()) {
            throw new InputException((modelFile.isEmpty() ? "No model is given" : "Two models are given")
                    + "; a training has one, of a file by model(...) or of its text by modelJson(...).");
        }
        checkFormat();
        atLeast(1, "epochs", epochs);
        atLeast(1, "batch", batch);
        atLeast(1, "replicas", replicas);
        atLeast(1, "stepsPerRound", stepsPerRound);
        atLeast(1, "validateEveryEpochs", validateEveryEpochs);
        atLeast(1, "waitSeconds", waitSeconds);
        atLeast(0, "shortSide", shortSide);
        within(badImageLimit >= 0 && badImageLimit <= 1, "badImageLimit", badImageLimit, "a number from 0 to 1");
        within(
                labelSmoothing >= 0 && labelSmoothing < 1,
                "labelSmoothing",
                labelSmoothing,
                "a number from 0 to below 1");
        checkOptimizer();
        checkSchedule();
        checkClipping();
        checkValidation();
        checkCheckpoint();
        checkAugmentation();
    }

    private void checkFormat() {
        try {
            ImageSource.requireFormat(format);
        } catch (InputException e) {
            throw new InputException("format(\"%s\"): %s".formatted(format, e.getMessage()), e);
        }
    }

    private void checkOptimizer() {
        fraction("optimizer: momentum", optimizer.momentum());
        fraction("optimizer: beta1", optimizer.beta1());
        fraction("optimizer: beta2", optimizer.beta2());
        positive("optimizer: epsilon", optimizer.epsilon());
        notNegative("optimizer: weightDecay", optimizer.weightDecay());
    }

    private void checkSchedule() {
        positive("schedule: learningRate", schedule.learningRate());
        atLeast(0, "schedule: warmupSteps", schedule.warmupSteps());
        if (schedule.name() == ScheduleName.STEP) {
            atLeast(1, "schedule: stepSize", schedule.stepSize());
        }
        positive("schedule: gamma", schedule.gamma());
        positive("schedule: power", schedule.power());
        atLeast(0, "schedule: decaySteps", schedule.decaySteps());
        notNegative("schedule: endLearningRate", schedule.endLearningRate());
        atLeast(1, "schedule: patience", schedule.patience());
        fraction("schedule: factor", schedule.factor());
        fraction("schedule: minDelta", schedule.minDelta());
    }

    private void checkClipping() {
        notNegative("clipping: arrayNorm", clipping.arrayNorm());
        notNegative("clipping: globalNorm", clipping.globalNorm());
    }

    private void checkValidation() {
        atLeast(0, "earlyStopping: patience", earlyStopping.patience());
        fraction("earlyStopping: minDelta", earlyStopping.minDelta());
        double part = validationFraction.orElse(USUAL_VALIDATION_FRACTION);
        fraction("validationFraction", part);
        if (validation.isPresent() && validationFraction.orElse(0.0) > 0) {
            throw new InputException(
                    "validationFraction(%s) cannot be used: validation images are given by validation(...); keep one of the two."
                            .formatted(part));
        }
        boolean needed =
                learningRate.isEmpty() && schedule.name() == ScheduleName.PLATEAU || earlyStopping.patience() > 0;
        if (needed && validation.isEmpty() && part == 0) {
            throw new InputException(
                    "%s looks at validation accuracy, and there is no validation: give images by validation(...), or a validationFraction(...) above 0."
                            .formatted(earlyStopping.patience() > 0 ? "earlyStopping" : "schedule: plateau"));
        }
    }

    private void checkCheckpoint() {
        atLeast(0, "checkpoint: everyRounds", checkpoint.everyRounds());
        atLeast(0, "checkpoint: everyEpochs", checkpoint.everyEpochs());
        atLeast(0, "checkpoint: keep", checkpoint.keep());
    }

    private void checkAugmentation() {
        Set<String> names = new HashSet<>();
        for (AugmentationStep step : augmentation) {
            String type = step.getClass().getName();
            if (step.name() == null || step.name().isBlank()) {
                throw new InputException(
                        "augmentation: the step %s has no name(); what it draws depends on that.".formatted(type));
            }
            if (!names.add(step.name())) {
                throw new InputException(
                        "augmentation: two steps are named %s, and would draw alike. Give %s another name()."
                                .formatted(step.name(), type));
            }
            try (ObjectOutputStream out = new ObjectOutputStream(OutputStream.nullOutputStream())) {
                out.writeObject(step);
            } catch (IOException e) {
                throw new InputException(
                        "augmentation: the step %s cannot be sent to executors (%s). Make it a record, or a static class, of serializable fields."
                                .formatted(type, e),
                        e);
            }
        }
    }

    private static <T> T given(String argument, T value) {
        boolean missing = value == null || value instanceof String text && text.isBlank();
        if (missing) {
            throw new InputException(
                    "%s(%s): a value is expected.".formatted(argument, value == null ? "null" : "\"\""));
        }
        return value;
    }

    private static void atLeast(int least, String argument, int value) {
        within(value >= least, argument, value, "a whole number, %d or more".formatted(least));
    }

    private static void fraction(String argument, double value) {
        within(value >= 0 && value < 1, argument, value, "a number from 0 to below 1");
    }

    private static void positive(String argument, double value) {
        within(value > 0 && Double.isFinite(value), argument, value, "a number above 0");
    }

    private static void notNegative(String argument, double value) {
        within(value >= 0 && Double.isFinite(value), argument, value, "a number, 0 or more");
    }

    private static void within(boolean usable, String argument, Number value, String expected) {
        if (!usable) {
            throw new InputException("%s = %s cannot be used; expected is %s.".formatted(argument, value, expected));
        }
    }
}
