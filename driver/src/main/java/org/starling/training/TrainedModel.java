package org.starling.training;

import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.checkpoint.ModelFile;
import org.starling.checkpoint.SavedModel;
import org.starling.data.ImageSource;
import org.starling.evaluation.Classifier;
import org.starling.evaluation.Evaluation;
import org.starling.evaluation.Evaluator;
import org.starling.evaluation.PredictionTable;
import org.starling.evaluation.Predictor;
import org.starling.evaluation.Predictor.Predictions;

/** What a training has made. The parameters are in its file, in the run directory; they are read when they are needed. */
public final class TrainedModel {
    private final JavaSparkContext spark;
    private final TrainingEvent.End end;
    private final TrainingHistory history;

    TrainedModel(JavaSparkContext spark, TrainingEvent.End end, TrainingHistory history) {
        this.spark = spark;
        this.end = end;
        this.history = history;
    }

    /** Path of the model's zip, which plain DL4J opens. Without a run directory it is gone when this JVM ends: {@link #save} it. */
    public String path() {
        return end.model();
    }

    /** Validation top-1 of the model, from 0 to 1; empty without validation. */
    public OptionalDouble accuracy() {
        return end.validationAccuracy();
    }

    /** Why the training ended: {@code epochs} or {@code early stopping}. */
    public String endedBy() {
        return end.reason();
    }

    /** How it went. */
    public TrainingHistory history() {
        return history;
    }

    /**
     * Copies the model: the zip, and the JSON beside it with labels, input and normalization.
     *
     * @param zip where nothing is, on any Hadoop FileSystem; ends in {@code .zip}
     * @throws InputException when the zip or its JSON exists, or cannot be written
     */
    public void save(String zip) {
        if (!zip.endsWith(".zip")) {
            throw new InputException(
                    "save(\"%s\"): a model's name ends in .zip; expected is \"%<s.zip\".".formatted(zip));
        }
        try {
            ModelFile.copy(new Path(path()), new Path(zip), spark.hadoopConfiguration());
        } catch (IllegalArgumentException | IOException e) {
            throw new InputException("save(\"%s\"): the model cannot be written: %s".formatted(zip, e.getMessage()), e);
        }
    }

    /**
     * Measures it on labelled images, every one counted once.
     *
     * @param data their path, on any Hadoop FileSystem
     * @throws InputException when they cannot be used, or have other classes
     */
    public Evaluation evaluate(String data) {
        try {
            return new Evaluator(classifier()).evaluate(spark, ImageSource.open(spark, data, ImageSource.AUTO));
        } catch (RuntimeException e) {
            throw InputException.within(e).orElseThrow(() -> e);
        }
    }

    /**
     * Writes a table with a row an image.
     *
     * @param images path of images, with or without labels
     * @throws InputException when they cannot be used, or the table exists
     */
    public Predictions predict(String images, PredictionTable table) {
        try {
            return new Predictor(classifier())
                    .predict(spark, ImageSource.openUnlabelled(spark, images, ImageSource.AUTO), table);
        } catch (RuntimeException e) {
            throw InputException.within(e).orElseThrow(() -> e);
        }
    }

    /** Its parameters in memory, for networks of the program's own. */
    public SavedModel load() {
        return SavedModel.shared(new Path(path()), spark.hadoopConfiguration());
    }

    private Classifier classifier() {
        return Classifier.of(List.of(path()));
    }
}
