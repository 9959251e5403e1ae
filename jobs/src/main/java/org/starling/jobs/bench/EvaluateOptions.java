package org.starling.jobs.bench;

import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of {@code bench evaluate}, as they were given: whoever uses them checks them. */
public final class EvaluateOptions {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "MODEL",
            description =
                    "Keras Sequential JSON on any Hadoop path; its weights are those that a training begins with.")
    private String model;

    @Option(
            names = "--images",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Images of a pass (default: ${DEFAULT-VALUE}).")
    private int images;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = {
                "Images in files, as data.train names them, to be decoded too (default: noise that needs no decoding).",
                "Where they are fewer than --images they come several times."
            })
    private Optional<String> data = Optional.empty();

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Pictures that a network computes at once (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--tasks",
            paramLabel = "N",
            defaultValue = "4",
            description = "Parts into which the images are cut (default: ${DEFAULT-VALUE}).")
    private int tasks;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "10",
            description =
                    "Rounds that are timed; each has a pass of evaluation and one of inference alone, which are first in turn (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "4",
            description =
                    "Rounds before the first that is timed (default: ${DEFAULT-VALUE}): Java's compiler works beside what is measured.")
    private int warmup;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the figures go as JSON: a file on any Hadoop path that does not exist.")
    private Optional<String> out = Optional.empty();

    public String model() {
        return model;
    }

    public int images() {
        return images;
    }

    public Optional<String> data() {
        return data;
    }

    public int batch() {
        return batch;
    }

    public int tasks() {
        return tasks;
    }

    public int rounds() {
        return rounds;
    }

    public int warmup() {
        return warmup;
    }

    public Optional<String> out() {
        return out;
    }
}
