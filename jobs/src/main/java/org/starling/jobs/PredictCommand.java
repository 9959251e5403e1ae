package org.starling.jobs;

import java.io.IOException;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.data.ImageSource;
import org.starling.evaluation.PredictionTable;
import org.starling.evaluation.Predictor;
import org.starling.evaluation.Predictor.Predictions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code starling predict --model M --input PATH --out PATH}. */
@Command(
        name = "predict",
        description =
                "Writes what a model, or an ensemble of models, takes images for, as a table with a row an image.",
        footerHeading = "%nExample:%n",
        footer = "  starling predict --model runs/quickstart --input photos --out answers --format json --top 3")
final class PredictCommand extends ClassifyingJob {
    @Option(names = "--input", required = true, paramLabel = "PATH", description = "Images, with or without labels.")
    private String input;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "PATH",
            description = "The table: a folder that does not exist.")
    private String out;

    @Option(
            names = "--format",
            paramLabel = "F",
            defaultValue = "csv",
            description = "csv (the default), json, parquet.")
    private PredictionTable.Format format;

    @Option(
            names = "--top",
            paramLabel = "K",
            defaultValue = "1",
            description = "Classes a row, the most probable first.")
    private int top;

    PredictCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() throws IOException {
        Predictor predictor = new Predictor(classifier(), batch(), tasks());
        PredictionTable table = new PredictionTable(qualified("--out", out), format, positive("--top", top));
        try (JavaSparkContext spark = spark("starling predict")) {
            ImageSource images = ImageSource.openUnlabelled(spark, qualified("--input", input), inputFormat());
            Predictions written = predictor.predict(spark, images, table);
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
}
