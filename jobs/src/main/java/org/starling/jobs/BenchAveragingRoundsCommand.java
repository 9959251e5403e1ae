package org.starling.jobs;

import org.apache.spark.api.java.JavaSparkContext;
import org.starling.jobs.bench.averaging.AveragingApplication;
import org.starling.jobs.bench.averaging.NetworkOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code starling bench averaging-rounds}: one application of {@code bench averaging}, which submits it. Prints figures as JSON. */
@Command(
        name = "averaging-rounds",
        hidden = true,
        description = "One application of bench averaging: prints its figures as a line of JSON.")
final class BenchAveragingRoundsCommand extends BenchmarkCommand {
    @Option(names = "--of", required = true, paramLabel = "KIND", description = "starling or dl4j.")
    private String kind;

    @Mixin
    private NetworkOptions network;

    @Option(names = "--replicas", required = true, paramLabel = "N", description = "Replicas.")
    private int replicas;

    @Option(names = "--executors", required = true, paramLabel = "N", description = "Executors that share them.")
    private int executors;

    @Option(names = "--rounds", required = true, paramLabel = "N", description = "Rounds that are timed.")
    private int rounds;

    BenchAveragingRoundsCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        try (JavaSparkContext spark = spark("starling bench averaging: " + kind)) {
            out().println(new AveragingApplication(spark)
                    .run(kind, network.network(this::model), network.batch(), replicas, executors, rounds));
        }
        return ExitCode.OK;
    }
}
