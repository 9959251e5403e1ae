package org.starling.jobs;

import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.data.ImageRecord;
import org.starling.jobs.bench.EvaluateBench;
import org.starling.jobs.bench.EvaluateOptions;
import org.starling.model.SequentialModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code starling bench evaluate --model MODEL}. */
@Command(
        name = "evaluate",
        description = {
            "Times the job evaluate on images in memory beside inference alone by the same processors, in turn: what Spark,",
            "decoding and counting add."
        },
        footerHeading = "%nExample:%n",
        footer = "  starling bench evaluate --model conf/models/alexnet.json --out evaluate.json")
final class BenchEvaluateCommand extends BenchmarkCommand {
    @Mixin
    private EvaluateOptions options;

    BenchEvaluateCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        positive("--images", options.images());
        positive("--batch", options.batch());
        positive("--tasks", options.tasks());
        positive("--rounds", options.rounds());
        atLeast(0, "--warmup", options.warmup());
        SequentialModel model = model(options.model());
        requireLocal();
        return report(options.out(), () -> {
            Optional<List<ImageRecord>> files =
                    options.data().map(path -> images(qualified("--data", path), "auto", 1, options.images()));
            try (JavaSparkContext spark = spark("starling bench evaluate")) {
                return new EvaluateBench(spark, model, files, options, out()::println).run();
            }
        });
    }

    private void requireLocal() {
        String master = sparkConf().get("spark.master");
        if (!master.startsWith("local") || master.startsWith("local-cluster")) {
            throw new InputException(
                    "--master %s cannot be used: inference alone is timed on this machine. Expected is local[*] or local[N]."
                            .formatted(master));
        }
    }
}
