package org.starling.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.data.DataPlan;
import org.starling.data.ImageSource;
import org.starling.data.ShardedData;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.DataSettings;
import org.starling.training.TrainingConfiguration.Reshard;
import org.starling.training.TrainingConfiguration.Sampling;

/** The image sets of a training run, checked against its model. */
final class TrainingData {
    private TrainingData() {}

    static List<Path> paths(DataSettings data) {
        List<Path> paths = new ArrayList<>();
        paths.add(new Path(data.train()));
        data.validation().map(Path::new).ifPresent(paths::add);
        return paths;
    }

    static ShardedData prepare(JavaSparkContext spark, TrainingConfiguration configuration, SequentialModel model) {
        DataSettings settings = configuration.data();
        ImageSource train = ImageSource.open(spark, settings.train(), settings.format());
        requireFitting(train, settings, model);
        Optional<ImageSource> validation =
                settings.validation().map(path -> ImageSource.open(spark, path, settings.format()));
        return ShardedData.prepare(
                spark,
                new DataPlan(
                        train,
                        validation,
                        settings.validationFraction(),
                        settings.badImageLimit(),
                        model.input(),
                        settings.shortSide(),
                        configuration.training().replicas(),
                        settings.reshard() == Reshard.EPOCH,
                        settings.sampling() == Sampling.BALANCED,
                        configuration.run().seed()));
    }

    /** @throws InputException when the set has not the model's classes, or it cannot be augmented for the model */
    static void requireFitting(ImageSource train, DataSettings settings, SequentialModel model) {
        int classes = train.classes().size();
        if (classes != model.classes()) {
            throw new InputException("The training set " + settings.train() + " has " + classes
                    + " classes, the model " + model.name() + " (" + model.source() + ") has " + model.classes()
                    + " outputs. Give the last Dense layer " + classes + " units, or train on a set of "
                    + model.classes() + " classes.");
        }
        settings.augmentation().require(model);
    }

    /** What always guessing the training set's most frequent class scores on the validation set; 0 without one. */
    static double largestClassAccuracy(ShardedData data) {
        long[] counts = data.classCounts();
        int largest = 0;
        for (int c = 1; c < counts.length; c++) {
            if (counts[c] > counts[largest]) {
                largest = c;
            }
        }
        long images = Arrays.stream(data.validationClassCounts()).sum();
        return images == 0 ? 0 : (double) data.validationClassCounts()[largest] / images;
    }
}
