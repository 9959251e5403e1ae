package org.starling.jobs;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.data.ImageSource;
import org.starling.evaluation.PredictionTable;
import org.starling.evaluation.Predictor;
import org.starling.evaluation.Predictor.Predictions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code starling predict --model M --input PATH --out PATH}. */
@Command(
        name = "predict",
        description = {
            "Writes what a model, or an ensemble of models, takes images for, as a table with a row an image;",
            "or the activations of one of its layers. A table that was interrupted goes on when the same command is given again."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  starling predict --model runs/quickstart --input photos --out answers --format json --top 3",
            "  starling predict --model runs/quickstart --input photos --out features --format parquet --layer FC7"
        })
final class PredictCommand extends ClassifyingJob {
    @Option(names = "--input", required = true, paramLabel = "PATH", description = "Images, with or without labels.")
    private String input;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "PATH",
            description = "The table: a folder that does not exist, or that of a table that was interrupted.")
    private String out;

    @Option(
            names = "--format",
            paramLabel = "F",
            defaultValue = "csv",
            description = "csv (the default), json, parquet.")
    private PredictionTable.Format format;

    @Option(names = "--top", paramLabel = "K", description = "Classes a row, the most probable first (default: 1).")
    private Optional<Integer> top = Optional.empty();

    @Option(
            names = "--layer",
            paramLabel = "NAME",
            description = {
                "The activations of this layer of the Keras model instead of classes: features for other models.",
                "starling describe lists the layers."
            })
    private Optional<String> layer = Optional.empty();

    PredictCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() throws IOException {
        Predictor predictor = new Predictor(classifier(), batch(), tasks());
        PredictionTable table = new PredictionTable(qualified("--out", out), format, content());
        try (JavaSparkContext spark = spark("starling predict")) {
            ImageSource images = ImageSource.openUnlabelled(spark, qualified("--input", input), inputFormat());
            Predictions written = predictor.predict(spark, images, table, this::show);
            out().printf(
                            Locale.ROOT,
                            "%,d images in %.1f s, %,d of them could not be read%nwritten: %s%n",
                            written.images(),
                            written.seconds(),
                            written.badImages(),
                            table.folder());
        }
        return ExitCode.OK;
    }

    private PredictionTable.Content content() {
        if (layer.isPresent() && top.isPresent()) {
            throw new InputException(
                    "--top and --layer exclude each other: a table holds classes or activations. Leave one of them away.");
        }
        return layer.isPresent()
                ? new PredictionTable.Layer(layer.get())
                : new PredictionTable.Labels(positive("--top", top.orElse(1)));
    }

    private void show(int parts, int of) {
        if (parts > 0) {
            out().printf(Locale.ROOT, "going on: %,d of %,d parts are finished%n", parts, of);
        }
    }
}
