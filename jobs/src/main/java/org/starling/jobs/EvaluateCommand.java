package org.starling.jobs;

import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.data.ImageSource;
import org.starling.evaluation.Evaluation;
import org.starling.evaluation.Evaluator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code starling evaluate --model M --data D}. */
@Command(
        name = "evaluate",
        description = "Measures a model, or an ensemble of models, on labelled images.",
        footerHeading = "%nExample:%n",
        footer = "  starling evaluate --model runs/quickstart --data data/fashion-mnist/t10k-images-idx3-ubyte.gz")
final class EvaluateCommand extends ClassifyingJob {
    @Option(names = "--data", required = true, paramLabel = "D", description = "Labelled images.")
    private String data;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Write " + Evaluation.FILE + " there; one that exists is not overwritten.")
    private Optional<String> out = Optional.empty();

    EvaluateCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() throws IOException {
        Evaluator evaluator = new Evaluator(models(), batch(), tasks());
        Optional<Path> folder = out.map(path -> new Path(qualified("--out", path)));
        if (folder.isPresent()) {
            Evaluation.requireAbsent(folder.get(), hadoop());
        }
        try (JavaSparkContext spark = spark("starling evaluate")) {
            ImageSource images = ImageSource.open(spark, qualified("--data", data), inputFormat());
            Evaluation evaluation = evaluator.evaluate(spark, images);
            out().print(evaluation.text());
            if (folder.isPresent()) {
                out().println("written: " + evaluation.write(folder.get(), hadoop()));
            }
        }
        return ExitCode.OK;
    }
}
