package org.starling.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.InputException;
import org.starling.model.DataFormat;
import org.starling.training.TrainingConfiguration;
import org.starling.training.TrainingConfiguration.ClassWeights;
import org.starling.training.TrainingConfiguration.OptimizerName;
import org.starling.training.TrainingConfiguration.ScheduleName;

class TrainingFileTest {
    private static final String LEAST = "model.file = m.json\ndata.train = images\n";

    @TempDir
    Path folder;

    private String file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        return file.toString();
    }

    private TrainingFile read(String text, String... assignments) throws IOException {
        return TrainingFile.read(file("a.conf", text), Arrays.asList(assignments), new Configuration());
    }

    private String error(String text, String... assignments) {
        return assertThrows(InputException.class, () -> read(text, assignments)).getMessage();
    }

    @Test
    void aFileWinsOverDefaultsAndAnAssignmentOverTheFile() throws IOException {
        TrainingConfiguration c = read(
                        LEAST + "training { epochs = 3, batch = 7, optimizer.name = Adam }", "training.epochs=4")
                .configuration();
        assertEquals(4, c.training().epochs());
        assertEquals(7, c.training().batch());
        assertEquals(1, c.training().replicas());
        assertEquals(OptimizerName.ADAM, c.training().optimizer().name());
    }

    @Test
    void namesAreListedInAFileAndOnTheCommandLine() throws IOException {
        List<String> names = List.of("conv1", "conv 2");
        String file = LEAST + "training.frozenLayers = [conv1, \"conv 2\"]";
        assertEquals(names, read(file).configuration().training().frozenLayers());
        for (String given : List.of("conv1,conv 2", "[conv1, \"conv 2\"]")) {
            assertEquals(
                    names,
                    read(LEAST, "training.frozenLayers=" + given)
                            .configuration()
                            .training()
                            .frozenLayers());
        }
        assertEquals(
                List.of(),
                read(file, "training.frozenLayers=[]")
                        .configuration()
                        .training()
                        .frozenLayers());
    }

    @Test
    void everyKeyReachesTheConfiguration() throws IOException {
        TrainingConfiguration c = read(LEAST
                        + """
                        run { directory = out, seed = -9, member = 6, waitSeconds = 5 }
                        model { dataFormat = channels_first, convolutionRemainder = floor, kernels = stock,
                                allowMixedCpus = true, weights = w.h5, replaceLastLayer = true }
                        data { format = idx, validationFraction = 0.25, badImageLimit = 0.5, shortSide = 256
                               reshard = epoch, sampling = balanced, storageLevel = disk_only
                               augmentation {
                                 crop = resized, mirror = true, shift = 2, lighting = 0.31, lightingColours = imagenet
                                 resizedCrop { minArea = 0.32, maxArea = 0.33, minAspectRatio = 0.34, maxAspectRatio = 0.35 }
                                 brightness = 0.36, contrast = 0.37, saturation = 0.38
                                 erasing { probability = 0.39, minArea = 0.41, maxArea = 0.42 }
                               } }
                        training {
                          epochs = 2, batch = 3, replicas = 4, stepsPerRound = 5
                          postLocal { epochs = 0, stepsPerRound = 24 }
                          adaptive { maxStepsPerRound = 28, minStepsPerRound = 2, sampledEpochs = 29 }
                          outer { optimizer = slowmo, learningRate = 0.25, momentum = 0.26 }
                          ema.decay = 0.27, payload = int8
                          optimizer { name = nesterov, weightDecay = 0.1, momentum = 0.2, beta1 = 0.3, beta2 = 0.4,
                                      epsilon = 1e-3, state = reset }
                          schedule { name = polynomial, learningRate = 0.7, warmupSteps = 6, stepSize = 7, gamma = 0.8,
                                     power = 2, decaySteps = 9, endLearningRate = 0.01, factor = 0.11, patience = 12,
                                     minDelta = 0.13 }
                          clipping { arrayNorm = 14, globalNorm = 15 }
                          labelSmoothing = 0.16
                          classWeights { Shirt = 1.7, "T-shirt/top" = 1.8 }
                          validateEveryEpochs = 19
                          earlyStopping { patience = 20, minDelta = 0.21 }
                          frozenLayers = [conv1, "conv 2"]
                        }
                        checkpoint { everyRounds = 22, everyEpochs = 23, keep = 24 }
                        """)
                .configuration();
        String expected =
                "TrainingConfiguration[run=RunSettings[directory=file:%1$s/out, seed=-9, member=6, waitSeconds=5], "
                        + "model=ModelSettings[file=file:%1$s/m.json, options=ModelOptions[dataFormat=CHANNELS_FIRST, "
                        + "convolutionRemainder=FLOOR], kernels=STOCK, allowMixedCpus=true, weights=Optional[file:%1$s/w.h5], replaceLastLayer=true], data=DataSettings[train=file:%1$s/images, validation=Optional.empty, "
                        + "format=idx, validationFraction=0.25, badImageLimit=0.5, reshard=EPOCH, sampling=BALANCED, storageLevel=DISK_ONLY, shortSide=256, augmentation=AugmentationSettings[crop=RESIZED, "
                        + "resized=ResizedCropSettings[minArea=0.32, maxArea=0.33, minAspectRatio=0.34, maxAspectRatio=0.35], "
                        + "mirror=true, shift=2, lighting=0.31, lightingColours=IMAGENET, brightness=0.36, contrast=0.37, "
                        + "saturation=0.38, erasing=ErasingSettings[probability=0.39, minArea=0.41, maxArea=0.42]]], training=TrainingSettings[epochs=2, batch=3, replicas=4, stepsPerRound=5, "
                        + "averaging=AveragingSettings[postLocal=PostLocalSettings[epochs=0, stepsPerRound=24], "
                        + "adaptive=AdaptiveSettings[maxStepsPerRound=28, minStepsPerRound=2, sampledEpochs=29], "
                        + "outer=OuterSettings[name=SLOWMO, learningRate=0.25, momentum=0.26], emaDecay=0.27, payload=INT8], "
                        + "optimizer=OptimizerSettings[name=NESTEROV, weightDecay=0.1, momentum=0.2, beta1=0.3, beta2=0.4, "
                        + "epsilon=0.001, state=RESET], schedule=ScheduleSettings[name=POLYNOMIAL, learningRate=0.7, "
                        + "warmupSteps=6, stepSize=7, gamma=0.8, power=2.0, decaySteps=9, endLearningRate=0.01, factor=0.11, "
                        + "patience=12, minDelta=0.13], clipping=ClippingSettings[arrayNorm=14.0, globalNorm=15.0], "
                        + "labelSmoothing=0.16, classWeights=ClassWeights[balanced=false, byName={Shirt=1.7, T-shirt/top=1.8}], validateEveryEpochs=19, "
                        + "earlyStopping=EarlyStoppingSettings[patience=20, minDelta=0.21], frozenLayers=[conv1, conv 2]], "
                        + "checkpoint=CheckpointSettings[everyRounds=22, everyEpochs=23, keep=24]]";
        assertEquals(expected.formatted(folder), c.toString());
    }

    @Test
    void theEffectiveTextReadsBackToTheSameConfiguration() throws IOException {
        TrainingFile first = read(
                LEAST + "training.classWeights { \"T-shirt/top\" = 2 }, data.validation = v",
                "training.schedule.learningRate=3e-5",
                "run.directory=" + folder.resolve("out"));
        TrainingFile second =
                TrainingFile.read(file("elsewhere/config.conf", first.effectiveText()), List.of(), new Configuration());
        assertEquals(first.configuration(), second.configuration());
        assertEquals(first.effectiveSettings(), second.effectiveSettings());
        assertTrue(first.effectiveText().contains("a.conf:1\n"), first.effectiveText());
        assertTrue(first.effectiveText().contains("learningRate = 3e-5  # the command line"), first.effectiveText());
    }

    @Test
    void aPathInAFileStartsFromItsFolderAndOneOfAnAssignmentFromTheWorkingDirectory() throws IOException {
        TrainingConfiguration c = read("model.file = ../m.json, data.train = \"hdfs://host/x\"", "data.validation=v")
                .configuration();
        assertEquals("file:" + folder.getParent() + "/m.json", c.model().file());
        assertEquals("hdfs://host/x", c.data().train());
        String working = Path.of("").toAbsolutePath().toString();
        assertEquals(Optional.of("file:" + working + "/v"), c.data().validation());
        assertEquals("file:" + working + "/runs/a", c.run().directory());
    }

    @Test
    void anIncludedFileIsFoundFromTheIncludingOneAndItsPathsFromItself() throws IOException {
        file("shared/base.conf", LEAST + "training.epochs = 6");
        TrainingConfiguration c =
                read("include \"shared/base.conf\"\ntraining.batch = 8").configuration();
        assertEquals(6, c.training().epochs());
        assertEquals(8, c.training().batch());
        assertEquals("file:" + folder + "/shared/images", c.data().train());
    }

    @Test
    void filesThatIncludeEachOtherAndUrlsAreRefused() throws IOException {
        file("b.conf", "include \"a.conf\"");
        assertTrue(error("include \"b.conf\"").contains("include each other"));
        assertTrue(error("include url(\"http://127.0.0.1/x\")").contains("includes a URL"));
    }

    @ParameterizedTest
    @CsvSource({
        "training.epoch = 3, training.epochs",
        "training.learningrate = 3, training.schedule.learningRate",
        "epochs = 3, training.epochs",
        "training.optimiser.name = sgd, training.optimizer.name",
        "optimizer.momentum = 0.5, training.optimizer.momentum",
        "checkpoints.everyEpochs = 1, checkpoint.everyEpochs",
        "data.valdiation = x, data.validation",
    })
    void anUnknownKeyNamesTheNearestOneAndItsPlace(String line, String nearest) {
        String error = error(LEAST + line);
        assertTrue(error.contains("a.conf:3: there is no setting '"), error);
        assertTrue(error.contains("Did you mean " + nearest + "?"), error);
    }

    @Test
    void aKeyThatIsNearToNoneNamesNone() {
        assertFalse(error(LEAST + "xyzzyplugh = 1").contains("Did you mean"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "training.epochs; 0; a whole number, 1 or more",
                "training.epochs; 2.5; a whole number, 1 or more",
                "training.epochs; many; a whole number, 1 or more",
                "training.epochs; 2147483648; a whole number, 1 or more",
                "training.epochs; true; a whole number, 1 or more",
                "training.optimizer.momentum; 1; a number, 0 or more and less than 1",
                "training.optimizer.momentum; -0.1; a number, 0 or more and less than 1",
                "training.schedule.learningRate; 0; a number greater than 0",
                "training.schedule.learningRate; NaN; a number greater than 0",
                "training.schedule.learningRate; 1e400; a number greater than 0",
                "training.schedule.gamma; 1.5; a number greater than 0 and at most 1",
                "training.optimizer.name; adagrad; one of sgd, momentum, nesterov, adam",
                "data.augmentation.mirror; maybe; true or false",
                "data.format; jpeg; one of auto, folder, idx, cifar10, cifar100",
                "training.classWeights; 3; balanced, or names with a number each",
                "training.classWeights; {a: -1}; balanced, or names with a number each",
                "training.frozenLayers; [a, a]; a list of names, each once",
            })
    void aWrongValueSaysKeyValuePlaceAndWhatIsAllowed(String key, String value, String allowed) {
        for (String error : List.of(error(LEAST + key + " = " + value), error(LEAST, key + "=" + value))) {
            assertTrue(error.contains(key), error);
            // HOCON reads a number that is too large as infinity, and writes an object in its own way.
            String shown = value.startsWith("{") ? "" : Pattern.quote(value) + "|Infinity";
            assertTrue(
                    Pattern.compile(key + " = \"?(" + shown + ")")
                            .matcher(error)
                            .find(),
                    error);
            assertTrue(error.contains("expected is " + allowed), error);
        }
        assertTrue(error(LEAST + key + " = " + value).contains("a.conf:3"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "training.schedule.name=step; needs training.schedule.stepSize",
                "training.schedule.name=plateau data.validationFraction=0; looks at validation accuracy",
                "training.earlyStopping.patience=2 data.validationFraction=0; looks at validation accuracy",
                "data.validation=v data.validationFraction=0.2; keep one of the two",
                "training.adaptive.maxStepsPerRound=9; must stay from training.adaptive.minStepsPerRound = 1 to",
                "training.adaptive.maxStepsPerRound=20 training.postLocal.epochs=1; keep one of the two",
                "data.augmentation.erasing.minArea=0.5; greater than data.augmentation.erasing.maxArea = 0.33",
                "model.replaceLastLayer=true; there is no model.weights",
                "training.schedule.endLearningRate=1; greater than training.schedule.learningRate",
            })
    void settingsThatContradictEachOtherAreRefused(String assignments, String reason) {
        String error = error(LEAST, assignments.split(" "));
        assertTrue(error.contains(reason), error);
    }

    @Test
    void givenValidationImagesTakeNothingFromTheTrainingImages() throws IOException {
        assertEquals(0, read(LEAST, "data.validation=v").configuration().data().validationFraction());
        assertEquals(0.1, read(LEAST).configuration().data().validationFraction());
    }

    @Test
    void anEmptyAssignmentTakesAnOptionalSettingBack() throws IOException {
        assertEquals(
                Optional.empty(),
                read(LEAST + "data.validation = v", "data.validation=")
                        .configuration()
                        .data()
                        .validation());
    }

    @Test
    void aClassWeightIsGivenByNameWhateverTheNameHolds() throws IOException {
        Map<String, Double> weights = read(
                        LEAST + "training.classWeights { Bag = 3 }", "training.classWeights.T-shirt/top v1.0=2")
                .configuration()
                .training()
                .classWeights()
                .byName();
        assertEquals(Map.of("Bag", 3.0, "T-shirt/top v1.0", 2.0), weights);
    }

    @Test
    void classesAreBalancedByWeightsOrBySamplingNotByBoth() throws IOException {
        String weights = LEAST + "training.classWeights = balanced";
        assertEquals(
                ClassWeights.BALANCED, read(weights).configuration().training().classWeights());
        assertEquals(
                new ClassWeights(false, Map.of("Bag", 2.0)),
                read(weights, "training.classWeights.Bag=2")
                        .configuration()
                        .training()
                        .classWeights());
        String message = error(weights + ", data.sampling = balanced");
        assertTrue(message.contains("data.sampling = balanced") && message.contains("keep one of the two"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"training {", "a = ${nowhere}", "training = 3"})
    void textThatCannotBeReadSaysWhere(String text) {
        assertTrue(error(LEAST + text).contains("a.conf"), error(LEAST + text));
    }

    @Test
    void whatEveryRunNeedsIsAskedFor() {
        assertTrue(error("model.file = m.json").contains("data.train is missing"));
        assertTrue(error("data.train = x").contains("model.file is missing"));
    }

    @Test
    void aMissingFileAndAFolderAreRefused() {
        for (Path path : List.of(folder, folder.resolve("nowhere.conf"))) {
            String error = assertThrows(
                            InputException.class,
                            () -> TrainingFile.read(path.toString(), List.of(), new Configuration()))
                    .getMessage();
            assertTrue(error.contains(path.toString()), error);
        }
    }

    @Test
    void passwordsInPathsAreNotWrittenDown() throws IOException {
        TrainingFile training = read(LEAST, "run.directory=ftp://me:hush@127.0.0.1/runs");
        assertTrue(training.configuration().run().directory().contains("hush"));
        assertFalse(training.effectiveText().contains("hush"));
        assertFalse(training.effectiveSettings().toString().contains("hush"));
    }

    @Test
    void aModelAloneTakesTheSettingsThatMeanSomethingToIt() {
        TrainingFile settings = TrainingFile.ofModel(
                List.of("model.dataFormat=channels_first", "training.batch=128"), new Configuration());
        assertEquals(DataFormat.CHANNELS_FIRST, settings.modelOptions().dataFormat());
        assertEquals(128, settings.batch());
        assertThrows(
                InputException.class, () -> TrainingFile.ofModel(List.of("training.epochs=2"), new Configuration()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"quickstart.conf", "alexnet.conf"})
    void theTrainingFilesOfTheProjectCanBeRead(String name) {
        TrainingConfiguration c = TrainingFile.read(
                        Path.of("..", "conf", name).toString(), List.of(), new Configuration())
                .configuration();
        assertTrue(
                Files.isRegularFile(Path.of(java.net.URI.create(c.model().file().replace("file:/", "file:///")))));
        assertEquals(name.equals("alexnet.conf"), c.training().schedule().name() == ScheduleName.PLATEAU);
    }
}
