package org.starling.jobs.bench;

import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of {@code bench data}, as they were given: whoever uses them checks them. */
public final class DataOptions {
    @Option(
            names = "--data",
            required = true,
            paramLabel = "PATH",
            description = "Images in files, as data.train names them; a prepared set's among them.")
    private String data;

    @Option(
            names = "--format",
            paramLabel = "F",
            defaultValue = "auto",
            description = "How they are stored, as data.format has it (default: ${DEFAULT-VALUE}).")
    private String format;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "Keras Sequential JSON of the network they are for (default: an input of 227x227x3).")
    private Optional<String> model = Optional.empty();

    @Option(
            names = "--short-side",
            paramLabel = "N",
            defaultValue = "256",
            description = "As data.shortSide (default: ${DEFAULT-VALUE}).")
    private int shortSide;

    @Option(
            names = "--images",
            paramLabel = "N",
            defaultValue = "512",
            description = "The first so many of the set are read (default: ${DEFAULT-VALUE}).")
    private int images;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "128",
            description = "Images of a minibatch (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description =
                    "Rounds that are timed, after one that is not; each goes over all images in each way (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the figures go as JSON: a file on any Hadoop path that does not exist.")
    private Optional<String> out = Optional.empty();

    public String data() {
        return data;
    }

    public String format() {
        return format;
    }

    public Optional<String> model() {
        return model;
    }

    public int shortSide() {
        return shortSide;
    }

    public int images() {
        return images;
    }

    public int batch() {
        return batch;
    }

    public int rounds() {
        return rounds;
    }

    public Optional<String> out() {
        return out;
    }
}
