package org.starling.ml;

import java.io.IOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;
import org.starling.InputException;
import org.starling.Undeclared;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;
import org.starling.training.Trainer;
import org.starling.training.TrainingConfiguration.CheckpointSettings;
import org.starling.training.TrainingConfiguration.OptimizerSettings;

/**
 * Trains an image classifier on a DataFrame, as an estimator of Spark ML: replicas of a Keras network, each on its shard of the rows, whose parameters are
 * averaged. A model is a function of the rows and the parameters, whatever the order and partitions of the rows.
 *
 * <p>Required are the network ({@link #setModelFile} or {@link #setModelJson}) and a folder for runs ({@link #setRunDirectory}), on file systems that all
 * executors see.
 */
public final class ImageClassifier extends Estimator<ImageClassifierModel> implements DefaultParamsWritable {
    private static final long serialVersionUID = 1L;

    private final String uid;
    private final transient ClassifierParams params;
    private final transient Param<String> labelCol;
    private final transient Param<String> modelFile;
    private final transient Param<String> modelJson;
    private final transient Param<String> runDirectory;
    private final transient IntParam epochs;
    private final transient IntParam batch;
    private final transient IntParam replicas;
    private final transient IntParam stepsPerRound;
    private final transient DoubleParam learningRate;
    private final transient DoubleParam momentum;
    private final transient DoubleParam weightDecay;
    private final transient LongParam seed;

    public ImageClassifier() {
        this(Identifiable.randomUID("imageClassifier"));
    }

    /** @param uid of the stage */
    public ImageClassifier(String uid) {
        this.uid = uid;
        this.params = new ClassifierParams(this);
        labelCol = new Param<>(this, "labelCol", "column of the numbers of classes, from 0");
        modelFile = new Param<>(this, "modelFile", "path of the network, Keras Sequential JSON");
        modelJson = new Param<>(this, "modelJson", "the network itself, in the place of modelFile");
        runDirectory = new Param<>(
                this,
                "runDirectory",
                "folder in which each fit makes one of its own, for its images, checkpoints and model");
        epochs = new IntParam(this, "epochs", "passes over the images", ParamValidators.gt(0));
        batch = new IntParam(this, "batch", "images a replica sees in one local step", ParamValidators.gt(0));
        replicas = new IntParam(this, "replicas", "networks trained side by side", ParamValidators.gt(0));
        stepsPerRound =
                new IntParam(this, "stepsPerRound", "local steps between two averagings", ParamValidators.gt(0));
        learningRate = new DoubleParam(this, "learningRate", "the same in all steps", ParamValidators.gt(0));
        momentum = new DoubleParam(
                this,
                "momentum",
                "of the optimizer; 0 for plain gradient descent",
                ParamValidators.inRange(0, 1, true, false));
        weightDecay = new DoubleParam(
                this, "weightDecay", "of kernels without a regularizer of their own", ParamValidators.gtEq(0));
        seed = new LongParam(this, "seed", "of everything random");
        params.setDefaults();
        setDefault(labelCol, "label");
        setDefault(epochs, 10);
        setDefault(batch, 32);
        setDefault(replicas, 1);
        setDefault(stepsPerRound, 10);
        setDefault(learningRate, 0.01);
        setDefault(momentum, 0.9);
        setDefault(weightDecay, 0.0);
        setDefault(seed, 1L);
    }

    @Override
    public String uid() {
        return uid;
    }

    public Param<String> inputCol() {
        return params.inputCol;
    }

    public Param<String> predictionCol() {
        return params.predictionCol;
    }

    public Param<String> probabilityCol() {
        return params.probabilityCol;
    }

    public Param<String> errorCol() {
        return params.errorCol;
    }

    public Param<String> handleInvalid() {
        return params.handleInvalid;
    }

    public IntParam inferenceBatch() {
        return params.inferenceBatch;
    }

    public Param<String> labelCol() {
        return labelCol;
    }

    public Param<String> modelFile() {
        return modelFile;
    }

    public Param<String> modelJson() {
        return modelJson;
    }

    public Param<String> runDirectory() {
        return runDirectory;
    }

    public IntParam epochs() {
        return epochs;
    }

    public IntParam batch() {
        return batch;
    }

    public IntParam replicas() {
        return replicas;
    }

    public IntParam stepsPerRound() {
        return stepsPerRound;
    }

    public DoubleParam learningRate() {
        return learningRate;
    }

    public DoubleParam momentum() {
        return momentum;
    }

    public DoubleParam weightDecay() {
        return weightDecay;
    }

    public LongParam seed() {
        return seed;
    }

    /** As {@link ImageClassifierModel#setInputCol}. */
    public ImageClassifier setInputCol(String name) {
        return with(params.inputCol, name);
    }

    /** As {@link ImageClassifierModel#setPredictionCol}. */
    public ImageClassifier setPredictionCol(String name) {
        return with(params.predictionCol, name);
    }

    /** As {@link ImageClassifierModel#setProbabilityCol}. */
    public ImageClassifier setProbabilityCol(String name) {
        return with(params.probabilityCol, name);
    }

    /** As {@link ImageClassifierModel#setErrorCol}. */
    public ImageClassifier setErrorCol(String name) {
        return with(params.errorCol, name);
    }

    /** As {@link ImageClassifierModel#setHandleInvalid}; {@code skip} and {@code keep} leave such rows out of the training. */
    public ImageClassifier setHandleInvalid(String how) {
        return with(params.handleInvalid, how);
    }

    /** As {@link ImageClassifierModel#setInferenceBatch}. */
    public ImageClassifier setInferenceBatch(int pictures) {
        return with(params.inferenceBatch, pictures);
    }

    /**
     * Column of the numbers of classes, of any numeric type, from 0 to one less than the network has outputs ({@code label} unless it is set). Where it has the
     * metadata of StringIndexer, the model knows the classes' names.
     */
    public ImageClassifier setLabelCol(String name) {
        return with(labelCol, name);
    }

    /** Path of the network, {@code model.to_json()} of a Keras Sequential model, on any Hadoop FileSystem. */
    public ImageClassifier setModelFile(String path) {
        return with(modelFile, path);
    }

    /** The text of the network, in the place of a file. */
    public ImageClassifier setModelJson(String json) {
        return with(modelJson, json);
    }

    /** Folder on a file system that all executors see, in which each fit makes one of its own. Models stay there, and are read from there. */
    public ImageClassifier setRunDirectory(String path) {
        return with(runDirectory, path);
    }

    /** Passes over the images (10). */
    public ImageClassifier setEpochs(int count) {
        return with(epochs, count);
    }

    /** Images a replica sees in one local step (32). */
    public ImageClassifier setBatch(int images) {
        return with(batch, images);
    }

    /** Networks trained side by side (1); not more than the cluster has slots for tasks. */
    public ImageClassifier setReplicas(int count) {
        return with(replicas, count);
    }

    /** Local steps between two averagings (10). */
    public ImageClassifier setStepsPerRound(int steps) {
        return with(stepsPerRound, steps);
    }

    /** The learning rate, constant (0.01). */
    public ImageClassifier setLearningRate(double rate) {
        return with(learningRate, rate);
    }

    /** Of heavy-ball momentum (0.9); 0 for plain gradient descent. */
    public ImageClassifier setMomentum(double factor) {
        return with(momentum, factor);
    }

    /** Weight decay of kernels without a regularizer of their own (0). */
    public ImageClassifier setWeightDecay(double decay) {
        return with(weightDecay, decay);
    }

    /** Of everything random (1). */
    public ImageClassifier setSeed(long number) {
        return with(seed, number);
    }

    private <T> ImageClassifier with(Param<T> param, Object value) {
        @SuppressWarnings("unchecked")
        T typed = (T) value;
        set(param, typed);
        return this;
    }

    @Override
    public StructType transformSchema(StructType schema) {
        TrainingImages.requireLabel(schema, getOrDefault(labelCol));
        return params.transformed(schema, null);
    }

    /**
     * Trains.
     *
     * @throws InputException when a parameter, the network or a row cannot be used
     */
    @Override
    public ImageClassifierModel fit(Dataset<?> dataset) {
        transformSchema(dataset.schema());
        JavaSparkContext spark =
                JavaSparkContext.fromSparkContext(dataset.sparkSession().sparkContext());
        Configuration hadoop = spark.hadoopConfiguration();
        SequentialModel model = model(hadoop);
        Path run = newRun(hadoop);
        try {
            FileSystem fs = run.getFileSystem(hadoop);
            Path images = new Path(run, "images");
            String label = getOrDefault(labelCol);
            new TrainingImages(dataset.schema(), params.value(params.inputCol), label, model.classes())
                    .write(dataset.toDF(), images, TrainingImages.names(dataset.schema(), label, model.classes()));
            String trained = train(spark, model, run, images);
            fs.delete(images, true);
            return copyValues(ImageClassifierModel.of(uid, new Path(trained), dataset.sparkSession()), ParamMap.empty())
                    .setParent(this);
        } catch (IOException e) {
            throw new InputException("The run directory %s cannot be written: %s".formatted(run, e.getMessage()), e);
        } catch (Exception e) {
            // What a task threw arrives wrapped in Spark's exceptions.
            throw InputException.within(e).<RuntimeException>orElseThrow(() -> Undeclared.thrown(e));
        }
    }

    private SequentialModel model(Configuration hadoop) {
        if (isDefined(modelFile) == isDefined(modelJson)) {
            throw new InputException((isDefined(modelFile) ? "Two networks are given" : "No network is given")
                    + ". Give one, by its file with setModelFile or by its text with setModelJson.");
        }
        return isDefined(modelFile)
                ? SequentialModel.read(new Path(getOrDefault(modelFile)), hadoop, ModelOptions.DEFAULT)
                : SequentialModel.parse(getOrDefault(modelJson), "modelJson", ModelOptions.DEFAULT);
    }

    private Path newRun(Configuration hadoop) {
        if (!isDefined(runDirectory)) {
            throw new InputException(
                    "No run directory is given. Name a folder on a file system that all executors see, with setRunDirectory.");
        }
        Path folder = new Path(getOrDefault(runDirectory));
        try {
            Path qualified = folder.getFileSystem(hadoop).makeQualified(folder);
            return new Path(qualified, uid + "-" + UUID.randomUUID());
        } catch (IOException e) {
            throw new InputException("The run directory %s cannot be reached: %s".formatted(folder, e.getMessage()), e);
        }
    }

    /** Trains, and returns where the model is. */
    private String train(JavaSparkContext spark, SequentialModel model, Path run, Path images) {
        boolean strict = params.value(params.handleInvalid).equals(ClassifierParams.ERROR);
        return Trainer.builder()
                .modelJson(model.json())
                .format("parquet")
                .validationFraction(0)
                .badImageLimit(strict ? 0 : 1)
                .epochs((int) getOrDefault(epochs))
                .batch((int) getOrDefault(batch))
                .replicas((int) getOrDefault(replicas))
                .stepsPerRound((int) getOrDefault(stepsPerRound))
                .optimizer(optimizer())
                .learningRate((double) getOrDefault(learningRate))
                .checkpoint(new CheckpointSettings(0, 1, 1))
                .runDirectory(run.toString())
                .seed((long) getOrDefault(seed))
                .build()
                .fit(spark, images.toString())
                .path();
    }

    private OptimizerSettings optimizer() {
        double factor = (double) getOrDefault(momentum);
        return (factor > 0 ? OptimizerSettings.momentum(factor) : OptimizerSettings.sgd())
                .withWeightDecay((double) getOrDefault(weightDecay));
    }

    @Override
    public ImageClassifier copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    /** Reads what {@link #write} has written. */
    public static MLReader<ImageClassifier> read() {
        return new DefaultParamsReader<>();
    }

    /** An estimator that was saved. */
    public static ImageClassifier load(String path) {
        return read().load(path);
    }
}
