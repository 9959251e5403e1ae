package org.starling.jobs.bench.averaging;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code bench averaging}, as they were given: whoever uses them checks them. */
public final class AveragingOptions {
    @Mixin
    private NetworkOptions network = new NetworkOptions();

    @Option(
            names = "--replicas",
            paramLabel = "N",
            defaultValue = "2",
            description = "Replicas, one core each (default: ${DEFAULT-VALUE}).")
    private int replicas;

    @Option(
            names = "--executors",
            paramLabel = "N",
            description = "Executors, which the replicas share (default: one for each replica).")
    private Optional<Integer> executors = Optional.empty();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description =
                    "Rounds of each application that are timed, after one that is not (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "3",
            description = "Applications of each kind, which take turns (default: ${DEFAULT-VALUE}).")
    private int repeats;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the figures go as JSON: a file on any Hadoop path that does not exist.")
    private Optional<String> out = Optional.empty();

    @Option(names = "--skip-dl4j", description = "Leave dl4j-spark out: for a quick look.")
    private boolean skipDl4j;

    @Option(
            names = "--conf",
            paramLabel = "KEY=VALUE",
            description = "A Spark setting of the applications; may be given several times.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(
            names = "--dl4j-conf",
            paramLabel = "KEY=VALUE",
            description = "A Spark setting of dl4j-spark's applications alone; wins over --conf.")
    private Map<String, String> dl4jSettings = new LinkedHashMap<>();

    public NetworkOptions network() {
        return network;
    }

    public int replicas() {
        return replicas;
    }

    public int executors() {
        return executors.orElse(replicas);
    }

    /** Replicas that train in one executor at the same time, at most. */
    int replicasPerExecutor() {
        return (replicas + executors() - 1) / executors();
    }

    public int rounds() {
        return rounds;
    }

    public int repeats() {
        return repeats;
    }

    public Optional<String> out() {
        return out;
    }

    public boolean skipDl4j() {
        return skipDl4j;
    }

    Map<String, String> settings() {
        return settings;
    }

    Map<String, String> dl4jSettings() {
        return dl4jSettings;
    }
}
