package org.starling.jobs.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.starling.jobs.configuration.Redaction;
import org.starling.model.SequentialModel;

/**
 * What {@code bench evaluate} measured: images a second.
 *
 * @param evaluation the job, from images in memory to its result
 * @param inference the network alone, on one minibatch over and over
 */
public record EvaluateReport(
        Machine machine, SequentialModel model, EvaluateOptions options, Samples evaluation, Samples inference)
        implements BenchmarkReport {

    private Map<String, Samples> samples() {
        Map<String, Samples> samples = new LinkedHashMap<>();
        samples.put("evaluate_images_per_second", evaluation);
        samples.put("inference_images_per_second", inference);
        samples.put("evaluate_over_inference", evaluation.over(inference));
        return samples;
    }

    @Override
    public String text() {
        ReportLines lines = new ReportLines();
        lines.add("");
        lines.add(
                "model     %s, %,d images in %d tasks, batch %d, %s",
                model.name(),
                options.images(),
                options.tasks(),
                options.batch(),
                options.data().isPresent() ? "decoded from files" : "noise that is not decoded");
        lines.add("machine   %s, %d processors, %s", machine.cpu(), machine.processors(), machine.jdk());
        lines.add("");
        lines.table("", samples());
        return lines.toString();
    }

    @Override
    public byte[] json() {
        ObjectNode root = Figures.of("evaluate", machine).put("model", model.name());
        options.data().ifPresent(data -> root.put("data", Redaction.ofUri(data)));
        root.put("images", options.images())
                .put("tasks", options.tasks())
                .put("batch", options.batch())
                .put("rounds", options.rounds())
                .put("warmup", options.warmup());
        Figures.samples(root, samples());
        return Figures.text(root);
    }
}
