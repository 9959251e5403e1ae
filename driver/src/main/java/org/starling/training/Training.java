package org.starling.training;

import java.io.IOException;
import java.nio.file.Files;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.starling.InputException;
import org.starling.training.TrainingConfiguration.DataSettings;
import org.starling.training.TrainingConfiguration.ModelSettings;
import org.starling.training.TrainingConfiguration.RunSettings;

/** What {@link Trainer#builder} has made: everything of a training but Spark and the training images. */
public final class Training {
    private final TrainingConfiguration configuration;
    private final SortedMap<String, String> settings;
    private final Extensions extensions;
    private final StopRequest stop = new StopRequest();

    /** @param configuration without training images, and perhaps without a run directory; its paths are as the program gave them */
    Training(TrainingConfiguration configuration, SortedMap<String, String> settings, Extensions extensions) {
        this.configuration = configuration;
        this.settings = settings;
        this.extensions = extensions;
    }

    /** The settings, by the names of a training file; training images and a directory that was not given are empty. */
    public TrainingConfiguration configuration() {
        return configuration;
    }

    /**
     * Trains from the first epoch to the last and writes the model into the run directory, where no run may be.
     *
     * @param data path of the labelled training images, on any Hadoop FileSystem
     * @throws InputException when something that was given cannot be used
     * @throws DivergedException when a replica leaves the finite numbers
     * @throws StoppedException after {@link #stop}
     */
    public TrainedModel fit(SparkSession spark, String data) {
        return fit(JavaSparkContext.fromSparkContext(spark.sparkContext()), data);
    }

    /** As {@link #fit(SparkSession, String)}. */
    public TrainedModel fit(JavaSparkContext spark, String data) {
        return train(spark, data, false);
    }

    /**
     * Goes on from the newest checkpoint in the run directory that is whole. Model, images, seed, batch, stepsPerRound and optimizer have to be those that
     * the run began with; what else has changed is told to {@link TrainingListener#onResume}.
     */
    public TrainedModel resume(SparkSession spark, String data) {
        return resume(JavaSparkContext.fromSparkContext(spark.sparkContext()), data);
    }

    /** As {@link #resume(SparkSession, String)}. */
    public TrainedModel resume(JavaSparkContext spark, String data) {
        return train(spark, data, true);
    }

    /**
     * Asks what is being trained to stop: it gives up the round under way, writes a checkpoint of the last complete one and ends with a
     * {@link StoppedException}, as whatever this object trains from now on does. Returns at once; may be called by any thread, a listener's too.
     */
    public void stop() {
        stop.make();
    }

    private TrainedModel train(JavaSparkContext spark, String data, boolean resume) {
        TrainingHistory history = new TrainingHistory();
        Trainer trainer =
                new Trainer(spark, complete(spark, data, resume), settings, extensions.toldFirst(history), stop);
        return new TrainedModel(spark, trainer.run(resume), history);
    }

    /** With every path as all machines understand it. */
    private TrainingConfiguration complete(JavaSparkContext spark, String data, boolean resume) {
        Configuration hadoop = spark.hadoopConfiguration();
        RunSettings run = configuration.run();
        ModelSettings model = configuration.model();
        DataSettings d = configuration.data();
        String directory = run.directory().isEmpty()
                ? temporaryDirectory(spark, resume)
                : qualified("runDirectory", run.directory(), hadoop);
        return new TrainingConfiguration(
                new RunSettings(directory, run.seed(), run.member(), run.waitSeconds()),
                new ModelSettings(
                        extensions.model().isPresent() ? "" : qualified("model", model.file(), hadoop),
                        model.options(),
                        model.kernels(),
                        model.allowMixedCpus(),
                        model.weights().map(path -> qualified("weights", path, hadoop)),
                        model.replaceLastLayer()),
                new DataSettings(
                        qualified("the training images", data, hadoop),
                        d.validation().map(path -> qualified("validation", path, hadoop)),
                        d.format(),
                        d.validationFraction(),
                        d.badImageLimit(),
                        d.reshard(),
                        d.sampling(),
                        d.storageLevel(),
                        d.shortSide(),
                        d.augmentation()),
                configuration.training(),
                configuration.checkpoint());
    }

    private static String qualified(String argument, String path, Configuration hadoop) {
        try {
            Path given = new Path(path);
            return given.getFileSystem(hadoop).makeQualified(given).toString();
        } catch (IllegalArgumentException | IOException e) {
            throw new InputException(
                    "%s: \"%s\" is not a path of a file system that can be reached: %s"
                            .formatted(argument, path, e.getMessage()),
                    e);
        }
    }

    /** Gone when this JVM ends. */
    private static String temporaryDirectory(JavaSparkContext spark, boolean resume) {
        if (resume) {
            throw new InputException(
                    "resume needs the directory of the run that it goes on with: give it by runDirectory(...).");
        }
        if (!spark.isLocal()) {
            throw new InputException(
                    "A training on %s needs a directory that all its executors see, for checkpoints and"
                            + " the model: give one by runDirectory(\"hdfs://...\").".formatted(spark.master()));
        }
        try {
            Path directory = new Path(Files.createTempDirectory("starling-run").toUri());
            FileSystem local = directory.getFileSystem(spark.hadoopConfiguration());
            local.deleteOnExit(directory);
            return directory.toString();
        } catch (IOException e) {
            throw new InputException(
                    "No directory for the run can be made in %s: %s. Give one by runDirectory(...)."
                            .formatted(System.getProperty("java.io.tmpdir"), e.getMessage()),
                    e);
        }
    }
}
