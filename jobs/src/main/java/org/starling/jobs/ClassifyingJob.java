package org.starling.jobs;

import java.util.ArrayList;
import java.util.List;
import org.starling.evaluation.Evaluator;
import picocli.CommandLine.Option;

/** What {@code evaluate} and {@code predict} share: models, and how images are handed to them. */
abstract class ClassifyingJob extends Job {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "M",
            description = "A model zip or a run directory; several for an ensemble, whose predictions are averaged.")
    private List<String> models = new ArrayList<>();

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
            description = "Images that a network computes at once (default: ${DEFAULT-VALUE}).")
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

    ClassifyingJob(Environment environment) {
        super(environment);
    }

    List<String> models() {
        return qualified("--model", models);
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
