package org.starling.jobs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.checkpoint.ForeignModelOptions;
import org.starling.jobs.configuration.QualifiedPath;
import org.starling.model.ConvolutionRemainder;
import org.starling.model.ImageSize;
import picocli.CommandLine.Option;

/** What a command line says of a model that another program wrote, and that does not say it itself. */
final class ForeignModelArguments {
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,4})x([1-9][0-9]{0,4})x([13])");
    private static final int LARGEST_LABELS = 16 << 20;

    @Option(
            names = "--architecture",
            paramLabel = "JSON",
            description = "Of Keras weights (.h5): their network, the text of model.to_json().")
    private Optional<String> architecture = Optional.empty();

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description = {
                "Of a DL4J zip or Keras weights: a line a class, in the order of the network's outputs.",
                "Without them classes are numbers from 0 on."
            })
    private Optional<String> labels = Optional.empty();

    @Option(
            names = "--image-size",
            paramLabel = "HxWxC",
            description = "Of a DL4J zip: height, width and channels of its images, as in 28x28x1.")
    private Optional<String> imageSize = Optional.empty();

    @Option(
            names = "--mean",
            paramLabel = "M,M,M",
            description = "Of a DL4J zip or Keras weights: what is subtracted from values 0 to 255 (default: 0).")
    private Optional<String> mean = Optional.empty();

    @Option(
            names = "--deviation",
            paramLabel = "D,D,D",
            description = "By what is then divided, a number or one a channel (default: 1); 255 for values 0 to 1.")
    private Optional<String> deviation = Optional.empty();

    @Option(
            names = "--short-side",
            paramLabel = "PIXELS",
            defaultValue = "0",
            description = "Of a DL4J zip or Keras weights: as data.shortSide of a training file (default: 0).")
    private int shortSide;

    @Option(
            names = "--convolution-remainder",
            paramLabel = "R",
            defaultValue = "error",
            description =
                    "Of Keras weights: as model.convolutionRemainder of a training file, error (the default) or floor.")
    private ConvolutionRemainder remainder;

    /** @throws InputException when a value cannot be used */
    ForeignModelOptions options(Configuration hadoop) {
        return new ForeignModelOptions(
                architecture
                        .map(path -> QualifiedPath.of(path, "--architecture", hadoop))
                        .orElse(null),
                labels.map(path -> lines(new Path(QualifiedPath.of(path, "--labels", hadoop)), hadoop))
                        .orElse(List.of()),
                imageSize.map(ForeignModelArguments::size).orElse(null),
                mean.map(text -> numbers("--mean", text, -Double.MAX_VALUE)).orElse(List.of()),
                deviation
                        .map(text -> numbers("--deviation", text, Double.MIN_NORMAL))
                        .orElse(List.of()),
                Job.atLeast(0, "--short-side", shortSide),
                remainder);
    }

    private static ImageSize size(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new InputException(
                    "--image-size %s cannot be used; expected are height, width and channels (1 or 3), as in 28x28x1."
                            .formatted(text));
        }
        return new ImageSize(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)));
    }

    private static List<Double> numbers(String option, String text, double least) {
        try {
            List<Double> numbers =
                    Arrays.stream(text.split(",", -1)).map(Double::parseDouble).toList();
            if (numbers.stream().anyMatch(number -> !Double.isFinite(number) || number < least)) {
                throw new NumberFormatException(text);
            }
            return numbers;
        } catch (NumberFormatException e) {
            throw new InputException(
                    "%s %s cannot be used; expected is a number%s, or one a channel with commas between."
                            .formatted(option, text, least > 0 ? " above 0" : ""),
                    e);
        }
    }

    private static List<String> lines(Path file, Configuration hadoop) {
        try (InputStream in = file.getFileSystem(hadoop).open(file)) {
            byte[] bytes = in.readNBytes(LARGEST_LABELS + 1);
            if (bytes.length > LARGEST_LABELS) {
                throw new InputException(
                        "--labels %s: it is larger than 16 MB; expected is a line a class.".formatted(file));
            }
            List<String> lines = new String(bytes, StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
            if (lines.isEmpty() || lines.stream().distinct().count() != lines.size()) {
                throw new InputException("--labels %s: expected is a line a class, each once.".formatted(file));
            }
            return lines;
        } catch (FileNotFoundException e) {
            throw new InputException("--labels %s: there is no such file.".formatted(file), e);
        } catch (IOException e) {
            throw new InputException("--labels %s: it cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }
}
