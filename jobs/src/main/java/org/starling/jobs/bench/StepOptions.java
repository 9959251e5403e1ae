package org.starling.jobs.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The options of {@code bench step}, as they were given: whoever uses them checks them. */
public final class StepOptions {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "MODEL",
            description = "Keras Sequential JSON on any Hadoop path.")
    private String model;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "128",
            description = "Images of a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "5",
            description = {
                "Rounds (default: ${DEFAULT-VALUE}); each times a training step and an inference on Starling's kernels,",
                "the same on DL4J's, and what --against names."
            })
    private int steps;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "2",
            description = {
                "Rounds before the first that is timed, without --against (default: ${DEFAULT-VALUE}): Java's compiler works, and",
                "DL4J's workspaces learn their sizes. Small models need more."
            })
    private int warmup;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute (default: all processors).")
    private Optional<Integer> threads = Optional.empty();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of images, weights and dropout (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the figures go as JSON: a file on any Hadoop path that does not exist.")
    private Optional<String> out = Optional.empty();

    @Option(
            names = "--against",
            paramLabel = "COMMAND",
            description = {
                "Another program's benchmark, which the shell runs once a round; may be given several times. It prints one",
                "JSON object with train_images_per_second and inference_images_per_second."
            })
    private List<String> against = new ArrayList<>();

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = {
                "Images in files, as data.train names them: a round has a training step on them too, decoded and augmented",
                "meanwhile as in training."
            })
    private Optional<String> data = Optional.empty();

    @Option(
            names = "--data-images",
            paramLabel = "N",
            defaultValue = "1024",
            description = "The first so many of the set are used (default: ${DEFAULT-VALUE}).")
    private int dataImages;

    @Option(
            names = "--short-side",
            paramLabel = "N",
            defaultValue = "256",
            description = "As data.shortSide (default: ${DEFAULT-VALUE}).")
    private int shortSide;

    @Option(names = "--skip-stock", description = "Leave DL4J's own kernels out: for a quick look.")
    private boolean skipStock;

    /** What there is of the options among words that may hold others; for the launcher. */
    public static Optional<StepOptions> parse(List<String> words) {
        StepOptions options = new StepOptions();
        try {
            new CommandLine(options).setUnmatchedArgumentsAllowed(true).parseArgs(words.toArray(String[]::new));
            return Optional.of(options);
        } catch (CommandLine.ParameterException e) {
            return Optional.empty();
        }
    }

    public String model() {
        return model;
    }

    public int batch() {
        return batch;
    }

    public int steps() {
        return steps;
    }

    public int warmup() {
        return warmup;
    }

    public int threads() {
        return threads.orElseGet(Runtime.getRuntime()::availableProcessors);
    }

    public long seed() {
        return seed;
    }

    public Optional<String> out() {
        return out;
    }

    public List<String> against() {
        return against;
    }

    public Optional<String> data() {
        return data;
    }

    public int dataImages() {
        return dataImages;
    }

    public int shortSide() {
        return shortSide;
    }

    /** Networks in memory: one on Starling's kernels, one on DL4J's. */
    public int replicas() {
        return skipStock ? 1 : 2;
    }

    public boolean skipStock() {
        return skipStock;
    }
}
