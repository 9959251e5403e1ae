package org.starling.jobs.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.starling.jobs.configuration.Redaction;
import org.starling.layers.LayerClock.Pass;
import org.starling.model.SequentialModel;

/**
 * What {@code bench step} measured: a table for people, and JSON. A figure is its median over the rounds; ratios are taken round by round.
 *
 * @param kernels provider of Starling's kernels, such as {@code vector-512}
 * @param nativeThreads threads that DL4J's native code took
 * @param peakBefore GFLOP/s of fused multiply-adds alone, on all threads, before the first round
 * @param peakAfter and after the last
 * @param stock empty where DL4J's kernels were left out
 * @param peers in the order of the command line
 * @param data steps on images from files, where they were asked for
 */
public record StepReport(
        Machine machine,
        SequentialModel model,
        StepOptions options,
        String kernels,
        int nativeThreads,
        double peakBefore,
        double peakAfter,
        Speeds starling,
        Optional<Speeds> stock,
        List<PeerSpeeds> peers,
        Optional<DataSteps.Result> data,
        LayerTimes layers)
        implements BenchmarkReport {
    /** Beyond this difference of the two peaks, the figures are of two machines. */
    private static final double STEADY = 0.05;

    static String peerName(int index) {
        return "against " + (index + 1);
    }

    /** A peak is what can be reached: the better of the two. */
    double peak() {
        return Math.max(peakBefore, peakAfter);
    }

    private boolean steady() {
        return Math.abs(peakBefore - peakAfter) <= STEADY * peak();
    }

    @Override
    public String text() {
        ReportLines text = new ReportLines();
        text.add("");
        text.add("model     %s, batch %d, %,d parameters", model.name(), options.batch(), model.parameterCount());
        text.add("machine   %s, %d processors, %s", machine.cpu(), machine.processors(), machine.jdk());
        text.add("threads   %d of Starling's, %d of DL4J's native code", options.threads(), nativeThreads);
        text.add("kernels   %s, FMA peak %.1f GFLOP/s before and %.1f after", kernels, peakBefore, peakAfter);
        if (!steady()) {
            text.add("          the two differ by more than 5 %%: the machine was not quiet, measure again");
        }
        text.add("");
        text.add("%-24s %9s %9s %9s", "images per second", "median", "min", "max");
        speeds(text, "starling", starling);
        stock.ifPresent(speeds -> speeds(text, "stock dl4j", speeds));
        for (int i = 0; i < peers.size(); i++) {
            speeds(text, peerName(i), peers.get(i).speeds());
        }
        for (int i = 0; i < peers.size(); i++) {
            text.add("%s: %s", peerName(i), Redaction.ofText(peers.get(i).command()));
        }
        if (stock.isPresent() || !peers.isEmpty()) {
            text.add("");
            text.add("%-24s %9s %9s %9s", "times as fast as", "median", "min", "max");
            stock.ifPresent(speeds -> ratios(text, "stock dl4j", speeds));
            for (int i = 0; i < peers.size(); i++) {
                ratios(text, peerName(i), peers.get(i).speeds());
            }
        }
        data.ifPresent(result -> result.text(text));
        layerLines(text);
        return text.toString();
    }

    private void speeds(ReportLines text, String name, Speeds speeds) {
        samples(text, name + " training", speeds.train());
        samples(text, name + " inference", speeds.inference());
    }

    private void ratios(ReportLines text, String name, Speeds speeds) {
        samples(text, name + " training", starling.train().over(speeds.train()));
        samples(text, name + " inference", starling.inference().over(speeds.inference()));
    }

    private static void samples(ReportLines text, String name, Samples samples) {
        text.add("%-24s %9.2f %9.2f %9.2f", name, samples.median(), samples.min(), samples.max());
    }

    private void layerLines(ReportLines text) {
        text.add("");
        text.add(
                "%-14s %12s %9s %8s %13s %9s %8s",
                "training step", "forward ms", "GFLOP/s", "of peak", "backward ms", "GFLOP/s", "of peak");
        for (LayerWork work : LayerWork.of(model, options.batch())) {
            Optional<Samples> forward = layers.of(work.name(), Pass.FORWARD);
            Optional<Samples> backward = layers.of(work.name(), Pass.BACKWARD);
            if (forward.isPresent() || backward.isPresent()) {
                text.add(
                        "%-14s %12s %9s %8s %13s %9s %8s",
                        work.name(),
                        milliseconds(forward),
                        rate(work.forward(), forward, "%.1f", 1),
                        rate(work.forward(), forward, "%.3f", peak()),
                        milliseconds(backward),
                        rate(work.backward(), backward, "%.1f", 1),
                        rate(work.backward(), backward, "%.3f", peak()));
            }
        }
        text.add("%-14s %12.1f  (all else: layers on DL4J's code, loss, update)", "rest", restMilliseconds());
    }

    private static String milliseconds(Optional<Samples> seconds) {
        return seconds.map(s -> String.format(Locale.ROOT, "%.1f", 1e3 * s.median()))
                .orElse("");
    }

    private static String rate(long operations, Optional<Samples> seconds, String format, double unit) {
        return seconds.filter(s -> operations > 0)
                .map(s -> String.format(Locale.ROOT, format, gflops(operations, s) / unit))
                .orElse("");
    }

    private static double gflops(long operations, Samples seconds) {
        return operations / seconds.median() / 1e9;
    }

    /** What the median step takes beside the medians of the layers. */
    private double restMilliseconds() {
        double step = 1e3 * options.batch() / starling.train().median();
        double inLayers = model.layers().stream()
                .flatMap(layer -> Stream.of(Pass.values()).map(pass -> layers.of(layer.name(), pass)))
                .flatMap(Optional::stream)
                .mapToDouble(seconds -> 1e3 * seconds.median())
                .sum();
        return step - inLayers;
    }

    @Override
    public byte[] json() {
        return Figures.text(object());
    }

    ObjectNode object() {
        ObjectNode root = Figures.of("step", machine)
                .put("model", model.name())
                .put("model_file", Redaction.ofUri(options.model()))
                .put("parameters", model.parameterCount())
                .put("batch", options.batch())
                .put("steps", options.steps())
                .put("warmup", options.warmup())
                .put("seed", options.seed())
                .put("kernels", kernels)
                .put("threads", options.threads())
                .put("stock_dl4j_threads", nativeThreads)
                .put("fma_peak_gflops", Figures.rounded(peak()))
                .put("fma_peak_before_gflops", Figures.rounded(peakBefore))
                .put("fma_peak_after_gflops", Figures.rounded(peakAfter))
                .put("fma_peak_steady", steady());
        medians(root, "", starling);
        stock.ifPresent(speeds -> medians(root, "stock_dl4j_", speeds));
        data.ifPresent(result -> result.json(root));
        ObjectNode spread = root.putObject("spread");
        spread(spread, "", starling);
        stock.ifPresent(speeds -> spread(spread, "stock_dl4j_", speeds));
        stock.ifPresent(speeds -> ratios(root.putObject("ratios_to_stock_dl4j"), speeds));
        ArrayNode against = root.putArray("against");
        for (PeerSpeeds peer : peers) {
            ObjectNode node = against.addObject().put("command", Redaction.ofText(peer.command()));
            medians(node, "", peer.speeds());
            spread(node.putObject("spread"), "", peer.speeds());
            ratios(node.putObject("ratios"), peer.speeds());
            ArrayNode reports = node.putArray("reports");
            peer.reports().forEach(reports::add);
        }
        ArrayNode layerNodes = root.putArray("layers");
        for (LayerWork work : LayerWork.of(model, options.batch())) {
            layer(layerNodes, work);
        }
        return root.put("rest_ms", Figures.rounded(restMilliseconds()));
    }

    private static void medians(ObjectNode node, String prefix, Speeds speeds) {
        node.put(prefix + PeerProgram.TRAIN, Figures.rounded(speeds.train().median()))
                .put(
                        prefix + PeerProgram.INFERENCE,
                        Figures.rounded(speeds.inference().median()));
    }

    private static void spread(ObjectNode node, String prefix, Speeds speeds) {
        Figures.spread(node.putObject(prefix + PeerProgram.TRAIN), speeds.train());
        Figures.spread(node.putObject(prefix + PeerProgram.INFERENCE), speeds.inference());
    }

    private void ratios(ObjectNode node, Speeds speeds) {
        Figures.spread(node.putObject("train"), starling.train().over(speeds.train()));
        Figures.spread(node.putObject("inference"), starling.inference().over(speeds.inference()));
    }

    /** Layers on DL4J's code are not timed, and not listed. */
    private void layer(ArrayNode list, LayerWork work) {
        Optional<Samples> forward = layers.of(work.name(), Pass.FORWARD);
        Optional<Samples> backward = layers.of(work.name(), Pass.BACKWARD);
        if (forward.isPresent() || backward.isPresent()) {
            ObjectNode node = list.addObject().put("name", work.name()).put("type", work.type());
            forward.ifPresent(seconds -> pass(node, "forward", work.forward(), seconds));
            backward.ifPresent(seconds -> pass(node, "backward", work.backward(), seconds));
        }
    }

    private void pass(ObjectNode node, String pass, long operations, Samples seconds) {
        node.put(pass + "_ms", Figures.rounded(1e3 * seconds.median()));
        if (operations > 0) {
            node.put(pass + "_gflops", Figures.rounded(gflops(operations, seconds)))
                    .put(pass + "_fraction_of_peak", Figures.rounded(gflops(operations, seconds) / peak()));
        }
        ArrayNode samples = node.putArray(pass + "_ms_samples");
        seconds.values().forEach(value -> samples.add(Figures.rounded(1e3 * value)));
    }
}
