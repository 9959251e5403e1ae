package org.starling.jobs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.starling.InputException;
import org.starling.data.ImageSetSummary;
import org.starling.data.ImageSource;
import org.starling.data.Preparation;
import org.starling.data.PreparationSettings;
import org.starling.data.PreparedCheck;
import org.starling.data.PreparedSet;
import org.starling.jobs.configuration.Redaction;
import org.starling.jobs.report.DataPage;
import org.starling.jobs.run.ResultFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code starling prepare --data PATH --out DIR}. */
@Command(
        name = "prepare",
        description = {
            "Turns images into a set of shards: Parquet files of equal size with a manifest, which all jobs read.",
            "A preparation that was interrupted goes on when the same command is given again."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  starling prepare --data photos --out prepared --validation-fraction 0.1",
            "  starling prepare --check prepared"
        })
final class PrepareCommand extends Job {
    private static final Logger LOG = LoggerFactory.getLogger(PrepareCommand.class);
    private static final String OVERVIEW = "overview.html";

    @Option(names = "--data", paramLabel = "PATH", description = "The images, as data.train names them.")
    private Optional<String> data = Optional.empty();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The set's folder: one that does not exist, or that of a preparation that was interrupted.")
    private Optional<String> out = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "F",
            defaultValue = "auto",
            description =
                    "auto (the default), folder, idx, cifar10, cifar100, tar, list, parquet, sequencefile, prepared.")
    private String format;

    @Option(
            names = "--short-side",
            paramLabel = "N",
            defaultValue = "256",
            description =
                    "Pixels to which the short side of larger pictures is scaled (default: ${DEFAULT-VALUE}); 0 keeps all as they are.")
    private int shortSide;

    @Option(
            names = "--quality",
            paramLabel = "Q",
            defaultValue = "0.95",
            description = "Of the JPEG files of scaled pictures, up to 1 (default: ${DEFAULT-VALUE}).")
    private double quality;

    @Option(
            names = "--validation-fraction",
            paramLabel = "F",
            defaultValue = "0",
            description = "Part of each class that is kept for validation (default: ${DEFAULT-VALUE}).")
    private double validationFraction;

    @Option(
            names = "--shard-images",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Most images of a shard (default: ${DEFAULT-VALUE}).")
    private int shardImages;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of splits and order (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--bad-image-limit",
            paramLabel = "F",
            defaultValue = "0.01",
            description = "Largest fraction of the images that may be unreadable (default: ${DEFAULT-VALUE}).")
    private double badImageLimit;

    @Option(
            names = "--check",
            paramLabel = "DIR",
            description = "Read a prepared set instead, and say what is damaged.")
    private Optional<String> check = Optional.empty();

    PrepareCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        if (check.isPresent() && data.isEmpty() && out.isEmpty()) {
            return check(qualified("--check", check.get()));
        }
        if (check.isPresent() || data.isEmpty() || out.isEmpty()) {
            throw new InputException("prepare needs --data PATH and --out DIR, or --check DIR alone.");
        }
        PreparationSettings settings = settings();
        String folder = qualified("--out", out.get());
        try (JavaSparkContext spark = spark("starling prepare")) {
            ImageSource source = ImageSource.open(spark, qualified("--data", data.get()), format);
            long start = System.nanoTime();
            PreparedSet set = new Preparation(source, settings, folder).run(spark, this::show);
            report(set, (System.nanoTime() - start) / 1e9);
            overview(spark, folder, set);
            out().println("written: " + folder);
        }
        return ExitCode.OK;
    }

    /** A page about the set, in its folder; one that is there stays. It does not name the folder: two preparations of one source give the same bytes. */
    private void overview(JavaSparkContext spark, String folder, PreparedSet set) {
        Path file = new Path(folder, OVERVIEW);
        try {
            if (file.getFileSystem(hadoop()).exists(file)) {
                return;
            }
        } catch (IOException e) {
            throw new InputException(file + " cannot be looked for: " + e.getMessage() + ".", e);
        }
        try (ResultFile page = ResultFile.claim("--out", file.toString(), hadoop())) {
            ImageSetSummary summary = ImageSetSummary.ofPrepared(spark, new Path(folder, PreparedSet.TRAIN).toString());
            String source = Redaction.ofUri(set.source());
            page.write(new DataPage(new Path(source).getName(), "prepared from " + source, summary, List.of(), "")
                    .html()
                    .getBytes(StandardCharsets.UTF_8));
        } catch (RuntimeException e) {
            // The set is whole without it.
            LOG.warn("No overview of {}", folder, e);
            out().println("overview  could not be made: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            return;
        }
        out().println("overview  " + Redaction.ofUri(file.toString()));
    }

    private PreparationSettings settings() {
        if (shortSide < 0) {
            throw new InputException(
                    "--short-side %d cannot be used; expected is a number of pixels, or 0 to keep pictures as they are."
                            .formatted(shortSide));
        }
        fraction("--quality", quality, true);
        fraction("--validation-fraction", validationFraction, false);
        fraction("--bad-image-limit", badImageLimit, false);
        return new PreparationSettings(
                shortSide, quality, validationFraction, positive("--shard-images", shardImages), seed, badImageLimit);
    }

    /** @param whole whether the number is above 0 and may be 1; from 0 on and below 1 if not */
    private static void fraction(String option, double value, boolean whole) {
        boolean usable = whole ? value > 0 && value <= 1 : value >= 0 && value < 1;
        if (!usable) {
            throw new InputException("%s %s cannot be used; expected is a number %s."
                    .formatted(option, value, whole ? "above 0, up to 1" : "from 0 on, below 1"));
        }
    }

    private void show(Preparation.Progress progress) {
        out().printf(Locale.ROOT, "shards    %,d of %,d%n", progress.shards(), progress.of());
    }

    private void report(PreparedSet set, double seconds) {
        set.splits().forEach((name, split) -> out().printf(
                        Locale.ROOT,
                        "%-9s %,d images in %,d shards; %,d to %,d of each of %,d classes%n",
                        name.equals("validation") ? "validate" : name,
                        split.images(),
                        split.shards().size(),
                        Arrays.stream(split.classCounts()).min().orElse(0),
                        Arrays.stream(split.classCounts()).max().orElse(0),
                        split.classCounts().length));
        out().printf(
                        Locale.ROOT,
                        "colours   mean %s, deviation %s%n",
                        values(set.colours().mean()),
                        values(set.colours().deviation()));
        if (set.badImages() > 0) {
            out().printf(Locale.ROOT, "bad       %,d images, listed in quarantine.jsonl%n", set.badImages());
        }
        out().printf(Locale.ROOT, "seconds   %.1f%n", seconds);
    }

    private static String values(double[] values) {
        return String.join(
                " ",
                Arrays.stream(values)
                        .mapToObj(value -> String.format(Locale.ROOT, "%.1f", value))
                        .toList());
    }

    private int check(String folder) {
        List<String> defects;
        try (JavaSparkContext spark = spark("starling prepare --check")) {
            defects = PreparedCheck.defects(spark, folder);
        }
        if (!defects.isEmpty()) {
            throw new InputException(folder + " is damaged: " + String.join("; ", defects)
                    + ". Prepare the set again, into another folder.");
        }
        out().println(folder + " is as its manifest says.");
        return ExitCode.OK;
    }
}
