package org.starling.jobs;

import org.starling.jobs.bench.DataBench;
import org.starling.jobs.bench.DataOptions;
import org.starling.model.DataFormat;
import org.starling.model.ImageShape;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code starling bench data --data PATH}. */
@Command(
        name = "data",
        description = {
            "Times decoding, augmenting and batching of image files by one thread, and how long javax.imageio (and djpeg, where",
            "it is installed) takes to decode the same files."
        },
        footerHeading = "%nExample:%n",
        footer = "  starling bench data --data prepared/train --out data.json")
final class BenchDataCommand extends BenchmarkCommand {
    /** AlexNet's. */
    private static final ImageShape INPUT = new ImageShape(227, 227, 3, DataFormat.CHANNELS_LAST);

    @Mixin
    private DataOptions options;

    BenchDataCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        positive("--images", options.images());
        atLeast(0, "--short-side", options.shortSide());
        positive("--batch", options.batch());
        positive("--rounds", options.rounds());
        ImageShape shape = options.model().map(file -> model(file).input()).orElse(INPUT);
        String data = qualified("--data", options.data());
        return report(options.out(), () -> new DataBench(
                        images(data, options.format(), 1, options.images()), shape, options, out()::println)
                .run());
    }
}
