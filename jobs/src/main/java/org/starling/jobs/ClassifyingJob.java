package org.starling.jobs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.checkpoint.ModelFile;
import org.starling.data.augmentation.Views;
import org.starling.evaluation.Classifier;
import org.starling.evaluation.Evaluator;
import org.starling.evaluation.PredictionAverage;
import org.starling.evaluation.PredictionAverage.Mean;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code evaluate} and {@code predict} share: models, and how images are handed to them. */
abstract class ClassifyingJob extends Job {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "M",
            description = {
                "A run directory or its zip, a folder of run directories, a zip of DL4J's, or Keras weights (.h5).",
                "Several are an ensemble, whose predictions are averaged."
            })
    private List<String> models = new ArrayList<>();

    @Option(
            names = "--average",
            paramLabel = "MEAN",
            defaultValue = "arithmetic",
            description = "Of an ensemble's predictions: arithmetic (the default), geometric.")
    private Mean mean;

    @Option(
            names = "--weights",
            paramLabel = "W,W,...",
            description = "How much each model of an ensemble counts, in their order (default: all the same).")
    private Optional<String> weights = Optional.empty();

    @Option(
            names = "--crops",
            paramLabel = "C",
            defaultValue = "centre",
            description =
                    "What is seen of an image: centre (the default), or ten, its corners and centre and those mirrored.")
    private Views views;

    @Option(
            names = "--input-format",
            paramLabel = "F",
            defaultValue = "auto",
            description =
                    "How the images are stored: auto (the default), folder, idx, cifar10, cifar100, tar, list, parquet, sequencefile, prepared.")
    private String inputFormat;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "" + Evaluator.BATCH,
            description = "Pictures that a network computes at once (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--tasks",
            paramLabel = "N",
            defaultValue = "" + Evaluator.TASKS,
            description = {
                "Parts into which the images are cut (default: ${DEFAULT-VALUE}); more for a cluster with more cores.",
                "Another batch or number of tasks may change the last digits of probabilities."
            })
    private int tasks;

    @Mixin
    private ForeignModelArguments foreign = new ForeignModelArguments();

    ClassifyingJob(Environment environment) {
        super(environment);
    }

    /** @throws InputException when the weights are not those of the models */
    Classifier classifier() throws IOException {
        List<String> all = new ArrayList<>();
        for (String model : qualified("--model", models)) {
            for (Path path : ModelFile.within(new Path(model), hadoop())) {
                all.add(path.toString());
            }
        }
        return new Classifier(
                all,
                weights.isPresent() ? weighted(weights.get(), all.size()) : PredictionAverage.equal(mean, all.size()),
                views,
                foreign.options(hadoop()));
    }

    boolean hasWeights() {
        return weights.isPresent();
    }

    private PredictionAverage weighted(String text, int models) {
        try {
            double[] numbers = Arrays.stream(text.split(",", -1))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            if (numbers.length != models) {
                throw new IllegalArgumentException(numbers.length + " numbers");
            }
            return new PredictionAverage(mean, numbers);
        } catch (IllegalArgumentException e) {
            throw new InputException(
                    "--weights %s cannot be used; expected are %d numbers, as there are models, none negative and not all 0, such as %s."
                            .formatted(text, models, String.join(",", Collections.nCopies(models, "1"))),
                    e);
        }
    }

    String inputFormat() {
        return inputFormat;
    }

    int batch() {
        return positive("--batch", batch);
    }

    int tasks() {
        return positive("--tasks", tasks);
    }
}
