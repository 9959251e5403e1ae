package org.starling.jobs.bench.averaging;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.starling.jobs.bench.BenchmarkReport;
import org.starling.jobs.bench.Figures;
import org.starling.jobs.bench.Machine;
import org.starling.jobs.bench.ReportLines;
import org.starling.jobs.bench.Samples;
import org.starling.jobs.configuration.Redaction;
import org.starling.model.SequentialModel;

/**
 * What {@code bench averaging} measured. A figure of rounds is its median over the timed rounds of all applications; a peak is the largest.
 *
 * @param machine the drivers', and the executors' unless a master was named
 * @param master URL of the cluster, empty for one of the benchmark's own
 * @param network what was averaged
 * @param dl4j empty where it was left out
 */
record AveragingReport(
        Machine machine,
        Optional<String> master,
        AveragingOptions options,
        SequentialModel network,
        Contestant starling,
        Optional<Contestant> dl4j)
        implements BenchmarkReport {
    private static final String DL4J = "dl4j_";
    private static final String SECONDS = "seconds_per_round";

    /** By name of the field. */
    private Map<String, Samples> samples(Contestant contestant) {
        Map<String, Samples> samples = new LinkedHashMap<>();
        samples.put(SECONDS, contestant.seconds());
        contestant.of(RoundFigures::trainSeconds).ifPresent(s -> samples.put("train_seconds_per_round", s));
        contestant.of(RoundFigures::averagingFraction).ifPresent(s -> samples.put("averaging_fraction_of_round", s));
        contestant
                .of(round -> (double) round.shuffleBytes() / options.replicas())
                .ifPresent(s -> samples.put("shuffle_bytes_per_replica", s));
        contestant.of(RoundFigures::resultBytes).ifPresent(s -> samples.put("driver_result_bytes", s));
        contestant.of(RoundFigures::broadcastBytes).ifPresent(s -> samples.put("driver_broadcast_bytes", s));
        contestant.of(RoundFigures::servedBytes).ifPresent(s -> samples.put("driver_served_bytes", s));
        return samples;
    }

    private static Map<String, Samples> peaks(Contestant contestant) {
        Map<String, Samples> peaks = new LinkedHashMap<>();
        peaks.put("driver_peak_heap_bytes", contestant.ofApplications(ApplicationFigures::driverPeakHeapBytes));
        peaks.put("executor_peak_heap_bytes", contestant.ofApplications(ApplicationFigures::executorPeakHeapBytes));
        return peaks;
    }

    private static double times(Contestant other, Contestant starling) {
        return other.seconds().median() / starling.seconds().median();
    }

    /** How many times as fast, application by application. */
    private static Samples timesByApplication(Contestant other, Contestant starling) {
        return new Samples(IntStream.range(0, starling.applications())
                .mapToObj(i -> other.seconds(i).median() / starling.seconds(i).median())
                .toList());
    }

    @Override
    public String text() {
        ReportLines lines = new ReportLines();
        lines.add("");
        lines.add(
                "network   %s, %,d parameters, batch %d a replica",
                network.name(), network.parameterCount(), options.network().batch());
        lines.add("machine   %s, %d processors, %s", machine.cpu(), machine.processors(), machine.jdk());
        lines.add(
                "cluster   %s, %d replicas on %d executors",
                master.map(Redaction::ofUri).orElse("Spark standalone on this machine"),
                options.replicas(),
                options.executors());
        lines.add("");
        lines.add("%-36s %15s %15s %15s", "a round", "median", "min", "max");
        contestant(lines, "starling ", starling);
        dl4j.ifPresent(other -> contestant(lines, "dl4j ", other));
        dl4j.ifPresent(other -> {
            lines.add("");
            Samples spread = timesByApplication(other, starling);
            lines.add(
                    "%-36s %15.2f %15.2f %15.2f",
                    "times as fast as dl4j", times(other, starling), spread.min(), spread.max());
        });
        return lines.toString();
    }

    private void contestant(ReportLines lines, String name, Contestant contestant) {
        samples(contestant)
                .forEach((field, samples) -> lines.add(
                        field.endsWith("bytes") || field.contains("bytes_")
                                ? "%-36s %,15.0f %,15.0f %,15.0f"
                                : "%-36s %15.3f %15.3f %15.3f",
                        name + field.replace('_', ' '),
                        samples.median(),
                        samples.min(),
                        samples.max()));
        peaks(contestant)
                .forEach((field, samples) ->
                        lines.add("%-36s %15s %15s %,15.0f", name + field.replace('_', ' '), "", "", samples.max()));
    }

    @Override
    public byte[] json() {
        return Figures.text(object());
    }

    ObjectNode object() {
        ObjectNode root = Figures.of("averaging", machine)
                .put("master", master.map(Redaction::ofUri).orElse("own"))
                .put("model", network.name())
                .put("parameters", network.parameterCount())
                .put("batch", options.network().batch())
                .put("replicas", options.replicas())
                .put("executors", options.executors())
                .put("rounds", options.rounds())
                .put("repeats", options.repeats());
        medians(root, "", starling);
        dl4j.ifPresent(other -> medians(root, DL4J, other));
        dl4j.ifPresent(other -> root.put("times_dl4j", Figures.rounded(times(other, starling))));
        ObjectNode spread = root.putObject("spread");
        spread(spread, "", starling);
        dl4j.ifPresent(other -> spread(spread, DL4J, other));
        dl4j.ifPresent(other ->
                Figures.spread(spread.putObject("times_dl4j_by_application"), timesByApplication(other, starling)));
        settings(root.putObject("settings"), Averaging.Kind.STARLING);
        dl4j.ifPresent(other -> settings(root.putObject(DL4J + "settings"), Averaging.Kind.DL4J));
        return root;
    }

    private void medians(ObjectNode node, String prefix, Contestant contestant) {
        samples(contestant).forEach((field, samples) -> node.put(prefix + field, Figures.rounded(samples.median())));
        peaks(contestant).forEach((field, samples) -> node.put(prefix + field, Figures.rounded(samples.max())));
    }

    private void spread(ObjectNode node, String prefix, Contestant contestant) {
        samples(contestant).forEach((field, samples) -> Figures.spread(node.putObject(prefix + field), samples));
        peaks(contestant).forEach((field, samples) -> Figures.spread(node.putObject(prefix + field), samples));
    }

    private void settings(ObjectNode node, Averaging.Kind kind) {
        new ApplicationSettings(options, network)
                .of(kind)
                .forEach((key, value) ->
                        node.put(key, Redaction.ofText(key + "=" + value).substring(key.length() + 1)));
    }
}
