package org.starling.jobs;

import java.util.Optional;
import org.starling.InputException;
import org.starling.jobs.bench.averaging.AveragingBench;
import org.starling.jobs.bench.averaging.AveragingOptions;
import org.starling.jobs.bench.cluster.SparkInstallation;
import org.starling.model.SequentialModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code starling bench averaging --parameters N --replicas R}. */
@Command(
        name = "averaging",
        description = {
            "Times rounds of parameter averaging, Starling's and dl4j-spark's in turn, on a standalone cluster of",
            "separate JVMs: the one that --master names, or else one that it starts on this machine."
        },
        footerHeading = "%nExample:%n",
        footer = "  starling bench averaging --parameters 62378344 --replicas 2 --rounds 5 --out averaging.json")
final class BenchAveragingCommand extends BenchmarkCommand {
    @Mixin
    private AveragingOptions options;

    BenchAveragingCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        positive("--replicas", options.replicas());
        positive("--executors", options.executors());
        if (options.executors() > options.replicas()) {
            throw new InputException(
                    "--executors %d is more than --replicas %d, and an executor without a replica has nothing to do: expected at most as many."
                            .formatted(options.executors(), options.replicas()));
        }
        positive("--rounds", options.rounds());
        positive("--repeats", options.repeats());
        positive("--batch", options.network().batch());
        SequentialModel network = options.network().network(this::model);
        Optional<String> cluster = master().filter(url -> !url.equals("local[*]"));
        cluster.filter(url -> !url.startsWith("spark://")).ifPresent(url -> {
            throw new InputException(
                    "bench averaging measures executors in JVMs of their own on a standalone cluster, and --master %s is no such place. Give spark://HOST:PORT, or leave it out for a cluster on this machine."
                            .formatted(url));
        });
        SparkInstallation installation = SparkInstallation.ofThisJvm();
        return report(
                options.out(), () -> new AveragingBench(options, network, cluster, installation, out()::println).run());
    }
}
