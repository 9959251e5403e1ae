package org.starling.jobs;

import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.export.ModelExport;
import org.starling.export.ModelExport.Format;
import org.starling.jobs.configuration.Redaction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code starling export --model M --out FILE}. */
@Command(
        name = "export",
        description = "Writes a trained model for other programs, as ONNX or safetensors.",
        footerHeading = "%nExample:%n",
        footer = "  starling export --model runs/quickstart --out quickstart.onnx")
final class ExportCommand extends Job {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "M",
            description = "A run directory or its zip, a zip of DL4J's, or Keras weights (.h5).")
    private String model;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "Where it goes: a file that does not exist.")
    private String out;

    @Option(
            names = "--format",
            paramLabel = "F",
            description = "onnx, safetensors (default: the ending of the file's name).")
    private Optional<Format> format = Optional.empty();

    @Option(
            names = "--normalized-input",
            description = "The ONNX model takes images that are normalized already, not values 0 to 255.")
    private boolean normalized;

    @Mixin
    private ForeignModelArguments foreign = new ForeignModelArguments();

    ExportCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        Path file = new Path(qualified("--out", out));
        ModelExport.write(
                new Path(qualified("--model", model)),
                foreign.options(hadoop()),
                file,
                format.orElseGet(() -> ofEnding(file.getName())),
                normalized,
                hadoop());
        out().println("written: " + Redaction.ofUri(file.toString()));
        return ExitCode.OK;
    }

    private static Format ofEnding(String name) {
        for (Format format : Format.values()) {
            if (name.toLowerCase(Locale.ROOT).endsWith("." + format.name().toLowerCase(Locale.ROOT))) {
                return format;
            }
        }
        throw new InputException(
                "--out %s: its name does not say in which format it is to be. End it with .onnx or .safetensors, or give --format."
                        .formatted(name));
    }
}
