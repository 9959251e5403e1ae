package org.starling.jobs;

import java.util.List;
import java.util.Optional;
import org.starling.InputException;
import org.starling.data.ImageRecord;
import org.starling.jobs.bench.StepBench;
import org.starling.jobs.bench.StepOptions;
import org.starling.jobs.launch.GivenMemory;
import org.starling.model.SequentialModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code starling bench step --model MODEL}. */
@Command(
        name = "step",
        description =
                "Times training steps and inference of a model on this machine: Starling, stock DL4J and others in turn.",
        footerHeading = "%nExample:%n",
        footer = "  starling bench step --model conf/models/alexnet.json --batch 128 --steps 5 --out step.json")
final class BenchStepCommand extends BenchmarkCommand {
    @Mixin
    private StepOptions options;

    BenchStepCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        positive("--batch", options.batch());
        positive("--steps", options.steps());
        positive("--threads", options.threads());
        int processors = Runtime.getRuntime().availableProcessors();
        if (options.threads() > processors) {
            // A replica's team would have fewer, and what is reported be wrong.
            throw new InputException(
                    "--threads %d is more than the processors of this machine that Java may use: expected at most %d."
                            .formatted(options.threads(), processors));
        }
        atLeast(0, "--warmup", options.warmup());
        if (!sparkConf().get("spark.master").startsWith("local")) {
            throw new InputException("bench step measures this machine, and --master %s is another place. Leave it out."
                    .formatted(sparkConf().get("spark.master")));
        }
        SequentialModel model = model(options.model());
        if ((long) options.batch() * model.input().length() > Integer.MAX_VALUE) {
            throw new InputException(
                    "--batch %,d of images of %,d values is more than an array holds. Take a smaller one."
                            .formatted(options.batch(), model.input().length()));
        }
        if (options.data().isPresent() && options.dataImages() < options.batch()) {
            throw new InputException("--data-images %d are less than a batch of %d. Give as many at least."
                    .formatted(options.dataImages(), options.batch()));
        }
        atLeast(0, "--short-side", options.shortSide());
        String memory = GivenMemory.check(model, options.batch(), options.replicas(), options.threads());
        return report(options.out(), () -> {
            out().println("memory    " + memory);
            Optional<List<ImageRecord>> data = options.data()
                    .map(path -> images(qualified("--data", path), "auto", options.batch(), options.dataImages()));
            return new StepBench(model, options, data, out()::println).run();
        });
    }
}
