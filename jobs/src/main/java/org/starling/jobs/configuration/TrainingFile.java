package org.starling.jobs.configuration;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.model.ModelOptions;
import org.starling.training.TrainingConfiguration;
import org.starling.training.TrainingConfiguration.AdaptiveSettings;
import org.starling.training.TrainingConfiguration.AugmentationSettings;
import org.starling.training.TrainingConfiguration.AveragingSettings;
import org.starling.training.TrainingConfiguration.CheckpointSettings;
import org.starling.training.TrainingConfiguration.ClassWeights;
import org.starling.training.TrainingConfiguration.ClippingSettings;
import org.starling.training.TrainingConfiguration.DataSettings;
import org.starling.training.TrainingConfiguration.EarlyStoppingSettings;
import org.starling.training.TrainingConfiguration.ErasingSettings;
import org.starling.training.TrainingConfiguration.ModelSettings;
import org.starling.training.TrainingConfiguration.OptimizerSettings;
import org.starling.training.TrainingConfiguration.OuterSettings;
import org.starling.training.TrainingConfiguration.PostLocalSettings;
import org.starling.training.TrainingConfiguration.ResizedCropSettings;
import org.starling.training.TrainingConfiguration.RunSettings;
import org.starling.training.TrainingConfiguration.Sampling;
import org.starling.training.TrainingConfiguration.ScheduleName;
import org.starling.training.TrainingConfiguration.ScheduleSettings;
import org.starling.training.TrainingConfiguration.TrainingSettings;

/**
 * A training file read with its assignments: defaults, then the file, then {@code key=value} in order. Every key is one of
 * {@link Settings}; paths are qualified, those of a file against its folder, those of an assignment against the working
 * directory.
 */
public final class TrainingFile {
    private static final String COMMAND_LINE = "the command line";
    private static final List<Setting<?>> MODEL_SETTINGS = List.of(
            Settings.MODEL_DATA_FORMAT,
            Settings.MODEL_CONVOLUTION_REMAINDER,
            Settings.BATCH,
            Settings.MODEL_WEIGHTS,
            Settings.REPLACE_LAST_LAYER,
            Settings.FROZEN_LAYERS);

    /** A value with where it was given. */
    private record Given(Object value, String place) {}

    private final Map<Setting<?>, Given> given = new HashMap<>();
    private final ConfigurationSource source;
    private final Configuration hadoop;
    private final String name;

    private TrainingFile(String file, Configuration hadoop) {
        this.source = new ConfigurationSource(hadoop);
        this.hadoop = hadoop;
        this.name = file;
    }

    /**
     * Reads and checks a training file.
     *
     * @param file path of the HOCON text, on any Hadoop FileSystem
     * @param assignments {@code key=value} texts, which win over the file
     * @throws InputException when the file cannot be read, a key is unknown, a value is of the wrong type or out of range, or
     *     settings contradict each other
     */
    public static TrainingFile read(String file, List<String> assignments, Configuration hadoop) {
        TrainingFile training = new TrainingFile(file, hadoop);
        training.addFile(training.source.read(file).root(), "");
        assignments.forEach(training::addAssignment);
        training.check();
        return training;
    }

    /**
     * The settings that say how a model file is read and how large a step is, where there is no training file.
     *
     * @param assignments {@code key=value} texts of those settings
     */
    public static TrainingFile ofModel(List<String> assignments, Configuration hadoop) {
        TrainingFile training = new TrainingFile(COMMAND_LINE, hadoop);
        assignments.forEach(training::addAssignment);
        for (Setting<?> setting : training.given.keySet()) {
            if (!MODEL_SETTINGS.contains(setting)) {
                throw new InputException("%s has no meaning here; there are %s."
                        .formatted(
                                setting.key(),
                                MODEL_SETTINGS.stream().map(Setting::key).collect(Collectors.joining(", "))));
            }
        }
        return training;
    }

    private void addFile(ConfigObject section, String prefix) {
        List<Map.Entry<String, ConfigValue>> inOrder = section.entrySet().stream()
                .sorted(Comparator.comparing(entry -> entry.getValue().origin().lineNumber()))
                .toList();
        for (Map.Entry<String, ConfigValue> entry : inOrder) {
            String key = prefix + entry.getKey();
            ConfigValue value = entry.getValue();
            Optional<Setting<?>> setting = Settings.named(key);
            boolean filled = value instanceof ConfigObject object && !object.isEmpty();
            if (setting.isPresent()) {
                add(setting.get(), value.unwrapped(), value.origin());
            } else if (filled) {
                addFile((ConfigObject) value, key + ".");
            } else if (!Settings.isSection(key)) {
                throw unknown(key, ConfigurationSource.place(value.origin()));
            } else if (value.valueType() != ConfigValueType.NULL && value.valueType() != ConfigValueType.OBJECT) {
                throw new InputException(
                        "%s: '%s' is a section of settings, as in %s { ... }, and cannot be set to a value."
                                .formatted(ConfigurationSource.place(value.origin()), key, key));
            }
        }
    }

    private void add(Setting<?> setting, Object value, ConfigOrigin origin) {
        String place = ConfigurationSource.place(origin);
        if (value == null) {
            return;
        }
        Object read = read(setting, value, place);
        if (setting.type() instanceof SettingType.PathName) {
            read = QualifiedPath.of(read.toString(), source.folder(origin), place + ": " + setting.key(), hadoop);
        }
        given.put(setting, new Given(read, place));
    }

    private void addAssignment(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new InputException(
                    "'%s' on the command line is not a setting; key=value is expected, such as training.epochs=5."
                            .formatted(assignment));
        }
        String key = assignment.substring(0, equals).strip();
        String value = assignment.substring(equals + 1).strip();
        String classWeights = Settings.CLASS_WEIGHTS.key();
        if (key.startsWith(classWeights + ".")) {
            addWeight(key.substring(classWeights.length() + 1), value);
            return;
        }
        Setting<?> setting = Settings.named(key).orElseThrow(() -> unknown(key, COMMAND_LINE));
        if (value.isEmpty() && setting.initial().isEmpty() && !setting.required()) {
            given.remove(setting);
            return;
        }
        Object read =
                read(setting, setting.type() instanceof SettingType.Weights ? object(value) : value, COMMAND_LINE);
        if (setting.type() instanceof SettingType.PathName) {
            read = QualifiedPath.of(value, COMMAND_LINE + ": " + key, hadoop);
        }
        given.put(setting, new Given(read, COMMAND_LINE));
    }

    private void addWeight(String className, String value) {
        Map<String, Double> weights =
                new LinkedHashMap<>(get(Settings.CLASS_WEIGHTS).byName());
        String key = Settings.CLASS_WEIGHTS.key() + "." + className;
        weights.put(
                className,
                SettingType.Weights.WEIGHT
                        .read(value)
                        .orElseThrow(() -> wrong(key, value, COMMAND_LINE, SettingType.Weights.WEIGHT.allowed())));
        given.put(Settings.CLASS_WEIGHTS, new Given(new ClassWeights(false, weights), COMMAND_LINE));
    }

    /** A {@code {...}} text of the command line as a map; anything else as it is. */
    private static Object object(String value) {
        try {
            return value.startsWith("{")
                    ? ConfigFactory.parseString(value).root().unwrapped()
                    : value;
        } catch (ConfigException e) {
            return value;
        }
    }

    private static Object read(Setting<?> setting, Object value, String place) {
        return setting.type()
                .read(value)
                .map(v -> (Object) v)
                .orElseThrow(
                        () -> wrong(setting.key(), value, place, setting.type().allowed()));
    }

    private static InputException wrong(String key, Object value, String place, String allowed) {
        String shown = value instanceof String text ? "\"" + Redaction.ofText(text) + "\"" : String.valueOf(value);
        return new InputException("%s: %s = %s cannot be used; expected is %s.".formatted(place, key, shown, allowed));
    }

    private static InputException unknown(String key, String place) {
        List<String> keys = Settings.ALL.stream().map(Setting::key).toList();
        String hint =
                NearestName.of(key, keys).map("Did you mean %s? "::formatted).orElse("");
        return new InputException("%s: there is no setting '%s'. %s'starling train --help-keys' lists all settings."
                .formatted(place, key, hint));
    }

    @SuppressWarnings("unchecked")
    private <T> T get(Setting<T> setting) {
        Given value = given.get(setting);
        return value == null ? initial(setting) : (T) value.value();
    }

    /** The outer optimizer's values follow from its name. */
    @SuppressWarnings("unchecked")
    private <T> T initial(Setting<T> setting) {
        if (setting.equals(Settings.OUTER_LEARNING_RATE)) {
            return (T) (Double) get(Settings.OUTER_OPTIMIZER).learningRate();
        }
        if (setting.equals(Settings.OUTER_MOMENTUM)) {
            return (T) (Double) get(Settings.OUTER_OPTIMIZER).momentum();
        }
        return setting.initial().orElse(null);
    }

    private int integer(Setting<Long> setting) {
        return Math.toIntExact(get(setting));
    }

    private String place(Setting<?> setting) {
        Given value = given.get(setting);
        return value == null ? name : value.place();
    }

    private void check() {
        for (Setting<?> setting : Settings.ALL) {
            if (setting.required() && get(setting) == null) {
                throw new InputException(
                        "%s: %s is missing; every run needs it: %s.".formatted(name, setting.key(), setting.meaning()));
            }
        }
        boolean cut =
                given.containsKey(Settings.DATA_VALIDATION_FRACTION) && get(Settings.DATA_VALIDATION_FRACTION) > 0;
        if (get(Settings.DATA_VALIDATION) != null && cut) {
            contradiction(
                    Settings.DATA_VALIDATION_FRACTION,
                    "validation images are given by data.validation (%s); keep one of the two"
                            .formatted(place(Settings.DATA_VALIDATION)));
        }
        if (get(Settings.SCHEDULE_NAME) == ScheduleName.STEP && get(Settings.STEP_SIZE) == 0) {
            contradiction(Settings.SCHEDULE_NAME, "this schedule needs training.schedule.stepSize, 1 or more");
        }
        if (get(Settings.END_LEARNING_RATE) > get(Settings.LEARNING_RATE)) {
            contradiction(
                    Settings.END_LEARNING_RATE,
                    "it is greater than training.schedule.learningRate = " + get(Settings.LEARNING_RATE));
        }
        if (get(Settings.REPLACE_LAST_LAYER) && get(Settings.MODEL_WEIGHTS) == null) {
            contradiction(Settings.REPLACE_LAST_LAYER, "there is no model.weights, so all layers begin anew");
        }
        if (get(Settings.DATA_SAMPLING) == Sampling.BALANCED
                && get(Settings.CLASS_WEIGHTS).balanced()) {
            contradiction(
                    Settings.CLASS_WEIGHTS,
                    "with data.sampling = balanced classes come equally often already; keep one of the two");
        }
        checkOrder(Settings.RESIZED_MIN_AREA, Settings.RESIZED_MAX_AREA);
        checkOrder(Settings.RESIZED_MIN_ASPECT_RATIO, Settings.RESIZED_MAX_ASPECT_RATIO);
        checkOrder(Settings.ERASING_MIN_AREA, Settings.ERASING_MAX_AREA);
        if (get(Settings.ADAPTIVE_MAX) > 0) {
            checkAdaptive();
        }
        if (!validates()) {
            String need =
                    "it looks at validation accuracy, and neither data.validation nor data.validationFraction is given";
            if (get(Settings.SCHEDULE_NAME) == ScheduleName.PLATEAU) {
                contradiction(Settings.SCHEDULE_NAME, need);
            }
            if (get(Settings.STOPPING_PATIENCE) > 0) {
                contradiction(Settings.STOPPING_PATIENCE, need);
            }
        }
    }

    private void checkOrder(Setting<Double> least, Setting<Double> most) {
        if (get(least) > get(most)) {
            contradiction(least, "it is greater than %s = %s".formatted(most.key(), get(most)));
        }
    }

    private void checkAdaptive() {
        long steps = get(Settings.STEPS_PER_ROUND);
        if (steps < get(Settings.ADAPTIVE_MIN) || steps > get(Settings.ADAPTIVE_MAX)) {
            contradiction(
                    Settings.STEPS_PER_ROUND,
                    "the period begins with it and must stay from training.adaptive.minStepsPerRound = %d to maxStepsPerRound = %d"
                            .formatted(get(Settings.ADAPTIVE_MIN), get(Settings.ADAPTIVE_MAX)));
        }
        if (get(Settings.POST_LOCAL_EPOCHS) > 0) {
            contradiction(
                    Settings.ADAPTIVE_MAX,
                    "training.postLocal.epochs (%s) sets the period too; keep one of the two"
                            .formatted(place(Settings.POST_LOCAL_EPOCHS)));
        }
    }

    private boolean validates() {
        return get(Settings.DATA_VALIDATION) != null || get(Settings.DATA_VALIDATION_FRACTION) > 0;
    }

    private <T> void contradiction(Setting<T> setting, String problem) {
        throw new InputException("%s: %s = %s cannot be used: %s."
                .formatted(place(setting), setting.key(), setting.type().render(get(setting)), problem));
    }

    /** The merged settings. */
    public TrainingConfiguration configuration() {
        return new TrainingConfiguration(
                new RunSettings(
                        runDirectory(),
                        get(Settings.RUN_SEED),
                        integer(Settings.RUN_MEMBER),
                        integer(Settings.RUN_WAIT_SECONDS)),
                model(),
                new DataSettings(
                        get(Settings.DATA_TRAIN),
                        Optional.ofNullable(get(Settings.DATA_VALIDATION)),
                        get(Settings.DATA_FORMAT),
                        get(Settings.DATA_VALIDATION) == null ? get(Settings.DATA_VALIDATION_FRACTION) : 0,
                        get(Settings.DATA_BAD_IMAGE_LIMIT),
                        get(Settings.DATA_RESHARD),
                        get(Settings.DATA_SAMPLING),
                        get(Settings.DATA_STORAGE_LEVEL),
                        integer(Settings.DATA_SHORT_SIDE),
                        augmentation()),
                training(),
                new CheckpointSettings(
                        integer(Settings.EVERY_ROUNDS), integer(Settings.EVERY_EPOCHS), integer(Settings.KEEP)));
    }

    /** The settings of the model. */
    public ModelSettings model() {
        return new ModelSettings(
                get(Settings.MODEL_FILE),
                modelOptions(),
                get(Settings.MODEL_KERNELS),
                get(Settings.MODEL_ALLOW_MIXED_CPUS),
                Optional.ofNullable(get(Settings.MODEL_WEIGHTS)),
                get(Settings.REPLACE_LAST_LAYER));
    }

    /** Names of layers whose parameters do not change. */
    public List<String> frozenLayers() {
        return get(Settings.FROZEN_LAYERS);
    }

    private AugmentationSettings augmentation() {
        return new AugmentationSettings(
                get(Settings.AUGMENTATION_CROP),
                new ResizedCropSettings(
                        get(Settings.RESIZED_MIN_AREA),
                        get(Settings.RESIZED_MAX_AREA),
                        get(Settings.RESIZED_MIN_ASPECT_RATIO),
                        get(Settings.RESIZED_MAX_ASPECT_RATIO)),
                get(Settings.AUGMENTATION_MIRROR),
                integer(Settings.AUGMENTATION_SHIFT),
                get(Settings.AUGMENTATION_LIGHTING),
                get(Settings.AUGMENTATION_LIGHTING_COLOURS),
                get(Settings.AUGMENTATION_BRIGHTNESS),
                get(Settings.AUGMENTATION_CONTRAST),
                get(Settings.AUGMENTATION_SATURATION),
                new ErasingSettings(
                        get(Settings.ERASING_PROBABILITY),
                        get(Settings.ERASING_MIN_AREA),
                        get(Settings.ERASING_MAX_AREA)));
    }

    /** How model files are read where they are silent. */
    public ModelOptions modelOptions() {
        return new ModelOptions(get(Settings.MODEL_DATA_FORMAT), get(Settings.MODEL_CONVOLUTION_REMAINDER));
    }

    /** Images in a step. */
    public int batch() {
        return integer(Settings.BATCH);
    }

    private TrainingSettings training() {
        return new TrainingSettings(
                integer(Settings.EPOCHS),
                batch(),
                integer(Settings.REPLICAS),
                integer(Settings.STEPS_PER_ROUND),
                averaging(),
                new OptimizerSettings(
                        get(Settings.OPTIMIZER_NAME),
                        get(Settings.WEIGHT_DECAY),
                        get(Settings.MOMENTUM),
                        get(Settings.BETA1),
                        get(Settings.BETA2),
                        get(Settings.EPSILON),
                        get(Settings.STATE)),
                new ScheduleSettings(
                        get(Settings.SCHEDULE_NAME),
                        get(Settings.LEARNING_RATE),
                        integer(Settings.WARMUP_STEPS),
                        integer(Settings.STEP_SIZE),
                        get(Settings.GAMMA),
                        get(Settings.POWER),
                        integer(Settings.DECAY_STEPS),
                        get(Settings.END_LEARNING_RATE),
                        get(Settings.FACTOR),
                        integer(Settings.PATIENCE),
                        get(Settings.MIN_DELTA)),
                new ClippingSettings(get(Settings.ARRAY_NORM), get(Settings.GLOBAL_NORM)),
                get(Settings.LABEL_SMOOTHING),
                new ClassWeights(
                        get(Settings.CLASS_WEIGHTS).balanced(),
                        new TreeMap<>(get(Settings.CLASS_WEIGHTS).byName())),
                integer(Settings.VALIDATE_EVERY_EPOCHS),
                new EarlyStoppingSettings(integer(Settings.STOPPING_PATIENCE), get(Settings.STOPPING_MIN_DELTA)),
                frozenLayers());
    }

    private AveragingSettings averaging() {
        return new AveragingSettings(
                new PostLocalSettings(
                        integer(Settings.POST_LOCAL_EPOCHS), integer(Settings.POST_LOCAL_STEPS_PER_ROUND)),
                new AdaptiveSettings(
                        integer(Settings.ADAPTIVE_MAX),
                        integer(Settings.ADAPTIVE_MIN),
                        integer(Settings.ADAPTIVE_SAMPLED_EPOCHS)),
                new OuterSettings(
                        get(Settings.OUTER_OPTIMIZER), get(Settings.OUTER_LEARNING_RATE), get(Settings.OUTER_MOMENTUM)),
                get(Settings.EMA_DECAY),
                get(Settings.PAYLOAD));
    }

    private String runDirectory() {
        String directory = get(Settings.RUN_DIRECTORY);
        if (directory != null) {
            return directory;
        }
        String file = new Path(name).getName();
        String base = file.contains(".") ? file.substring(0, file.lastIndexOf('.')) : file;
        return QualifiedPath.of("runs/" + base, Settings.RUN_DIRECTORY.key(), hadoop);
    }

    /** Key to value of every setting that has one, as HOCON writes them. Passwords in URIs are hidden. */
    public SortedMap<String, String> effectiveSettings() {
        SortedMap<String, String> settings = new TreeMap<>();
        for (Setting<?> setting : Settings.ALL) {
            rendered(setting).ifPresent(value -> settings.put(setting.key(), value));
        }
        return settings;
    }

    /**
     * All settings as HOCON text that reads back to the same configuration; each says where it came from. Passwords in URIs are
     * hidden.
     */
    public String effectiveText() {
        StringBuilder text =
                new StringBuilder("# Every setting of this run: defaults, then %s, then the command line.\n"
                        .formatted(Redaction.ofUri(name)));
        for (Setting<?> setting : Settings.ALL) {
            Given value = given.get(setting);
            String place = value == null ? "default" : Redaction.ofUri(value.place());
            rendered(setting).ifPresent(v -> text.append("%s = %s  # %s\n".formatted(setting.key(), v, place)));
        }
        return text.toString();
    }

    private <T> Optional<String> rendered(Setting<T> setting) {
        if (setting.equals(Settings.RUN_DIRECTORY)) {
            return Optional.of(Settings.RUN_DIRECTORY.type().render(runDirectory()));
        }
        boolean unused = setting.equals(Settings.DATA_VALIDATION_FRACTION) && get(Settings.DATA_VALIDATION) != null;
        return Optional.ofNullable(unused ? null : get(setting)).map(setting.type()::render);
    }
}
