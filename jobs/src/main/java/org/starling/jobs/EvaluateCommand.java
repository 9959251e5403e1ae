package org.starling.jobs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.data.ImageSource;
import org.starling.evaluation.Classifier;
import org.starling.evaluation.Evaluation;
import org.starling.evaluation.Evaluator;
import org.starling.evaluation.PredictionAverage;
import org.starling.evaluation.PredictionAverage.Mean;
import org.starling.evaluation.PredictionTable;
import org.starling.evaluation.WeightFit;
import org.starling.jobs.report.EvaluationPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code starling evaluate --model M --data D}. */
@Command(
        name = "evaluate",
        description = "Measures a model, or an ensemble of models and each of them, on labelled images.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  starling evaluate --model runs/quickstart --data data/fashion-mnist/t10k-images-idx3-ubyte.gz",
            "  starling evaluate --model runs/a --model runs/b --fit-weights photos/validation --data photos/test --out evaluations/both"
        })
final class EvaluateCommand extends ClassifyingJob {
    /** The table in the folder of {@code --out}. */
    private static final String PREDICTIONS = "predictions";

    /** What {@code --predictions} takes. */
    private enum Predictions {
        CSV(PredictionTable.Format.CSV),
        JSON(PredictionTable.Format.JSON),
        PARQUET(PredictionTable.Format.PARQUET),
        NONE(null);

        private final PredictionTable.Format format;

        Predictions(PredictionTable.Format format) {
            this.format = format;
        }
    }

    @Option(names = "--data", required = true, paramLabel = "D", description = "Labelled images.")
    private String data;

    @Option(
            names = "--fit-weights",
            paramLabel = "D",
            description = {
                "Labelled images on which an ensemble's weights are fitted (least loss of the arithmetic mean).",
                "Use images that are not trained on, and others than those of --data."
            })
    private Optional<String> fitted = Optional.empty();

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Write " + Evaluation.FILE + ", " + EvaluationPage.NAME + " and a table " + PREDICTIONS
                    + " there; nothing that exists is overwritten.")
    private Optional<String> out = Optional.empty();

    @Option(
            names = "--predictions",
            paramLabel = "F",
            defaultValue = "csv",
            description = "Format of the table: csv (the default), json, parquet, none.")
    private Predictions predictions;

    EvaluateCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() throws IOException {
        Classifier given = classifier();
        checkFit(given);
        Optional<Path> folder = out.map(path -> new Path(qualified("--out", path)));
        if (folder.isPresent()) {
            requireAbsent(folder.get());
        }
        try (JavaSparkContext spark = spark("starling evaluate")) {
            ImageSource images = ImageSource.open(spark, qualified("--data", data), inputFormat());
            Classifier classifier = fitted.isPresent() ? fitted(spark, given) : given;
            Evaluator evaluator = new Evaluator(classifier, batch(), tasks());
            Evaluation evaluation = evaluator.evaluate(spark, images, table(folder));
            out().print(evaluation.text());
            if (folder.isPresent()) {
                write(folder.get(), evaluation, evaluator.pictures(spark, images, evaluation));
            }
        }
        return ExitCode.OK;
    }

    private void checkFit(Classifier given) {
        if (fitted.isEmpty()) {
            return;
        }
        if (given.models().size() == 1) {
            throw new InputException(
                    "--fit-weights needs an ensemble, and there is one model. Name more with --model.");
        }
        if (hasWeights()) {
            throw new InputException("--fit-weights finds the weights that --weights gives. Leave one of the two out.");
        }
        if (given.average().mean() != Mean.ARITHMETIC) {
            throw new InputException("--fit-weights fits the weights of the arithmetic mean. Leave --average out.");
        }
    }

    private Classifier fitted(JavaSparkContext spark, Classifier given) {
        ImageSource images = ImageSource.open(spark, qualified("--fit-weights", fitted.orElseThrow()), inputFormat());
        double[] weights = new WeightFit(given, batch(), tasks()).weights(spark, images);
        return new Classifier(
                given.models(), new PredictionAverage(Mean.ARITHMETIC, weights), given.views(), given.foreign());
    }

    private void requireAbsent(Path folder) throws IOException {
        Evaluation.requireAbsent(folder, hadoop());
        for (String name : List.of(EvaluationPage.NAME, PREDICTIONS)) {
            Path path = new Path(folder, name);
            if (path.getFileSystem(hadoop()).exists(path)) {
                throw new InputException(path + ": exists already, and is not overwritten. Name another folder.");
            }
        }
    }

    private Optional<PredictionTable> table(Optional<Path> folder) {
        return folder.filter(path -> predictions != Predictions.NONE)
                .map(path -> new PredictionTable(new Path(path, PREDICTIONS).toString(), predictions.format, 1));
    }

    /** The JSON last: where it is, all is. */
    private void write(Path folder, Evaluation evaluation, List<byte[]> pictures) throws IOException {
        Path page = new Path(folder, EvaluationPage.NAME);
        FileSystem fileSystem = page.getFileSystem(hadoop());
        try (OutputStream stream = fileSystem.create(page, false)) {
            stream.write(new EvaluationPage(evaluation, pictures).html().getBytes(StandardCharsets.UTF_8));
        }
        Path json = evaluation.write(folder, hadoop());
        if (predictions != Predictions.NONE) {
            out().println("written: " + new Path(folder, PREDICTIONS));
        }
        out().println("written: " + page);
        out().println("written: " + json);
    }
}
