package org.starling.jobs.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.starling.jobs.configuration.Redaction;
import org.starling.model.ImageShape;

/**
 * What {@code bench data} measured: images a second by one thread.
 *
 * @param shape of the network's input
 * @param images of a round
 * @param bytes of their files
 * @param pipeline from files in memory to minibatches
 * @param imageio decoding alone
 * @param djpeg the program; empty where it is not installed
 */
public record DataReport(
        Machine machine,
        DataOptions options,
        ImageShape shape,
        int images,
        long bytes,
        Samples pipeline,
        Samples imageio,
        Optional<Samples> djpeg)
        implements BenchmarkReport {

    /** How many times as long the pipeline takes, round by round. */
    private Samples pipelineOverImageio() {
        return imageio.over(pipeline);
    }

    private Map<String, Samples> samples() {
        Map<String, Samples> samples = new LinkedHashMap<>();
        samples.put("pipeline_images_per_second", pipeline);
        samples.put("imageio_images_per_second", imageio);
        samples.put("pipeline_over_imageio", pipelineOverImageio());
        djpeg.ifPresent(s -> samples.put("djpeg_images_per_second", s));
        return samples;
    }

    @Override
    public String text() {
        ReportLines lines = new ReportLines();
        lines.add("");
        lines.add(
                "images    %,d files of %,d bytes on average, for %dx%dx%d, batch %d",
                images, bytes / images, shape.height(), shape.width(), shape.channels(), options.batch());
        lines.add("machine   %s, %d processors, %s", machine.cpu(), machine.processors(), machine.jdk());
        lines.add("");
        lines.table("by one thread", samples());
        return lines.toString();
    }

    @Override
    public byte[] json() {
        ObjectNode root = Figures.of("data", machine)
                .put("data", Redaction.ofUri(options.data()))
                .put("images", images)
                .put("bytes", bytes)
                .put("height", shape.height())
                .put("width", shape.width())
                .put("channels", shape.channels())
                .put("short_side", options.shortSide())
                .put("batch", options.batch())
                .put("rounds", options.rounds());
        Figures.samples(root, samples());
        return Figures.text(root);
    }
}
