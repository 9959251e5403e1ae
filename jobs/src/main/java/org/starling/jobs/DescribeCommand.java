package org.starling.jobs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.data.ColourStatistics;
import org.starling.data.ImageSetSummary;
import org.starling.data.ImageSource;
import org.starling.data.Picture;
import org.starling.data.augmentation.Augmentation;
import org.starling.data.augmentation.AugmentationStep;
import org.starling.jobs.configuration.Redaction;
import org.starling.jobs.configuration.TrainingFile;
import org.starling.jobs.report.DataPage;
import org.starling.jobs.report.DataText;
import org.starling.jobs.run.FineTuningText;
import org.starling.jobs.run.ResultFile;
import org.starling.model.ImageShape;
import org.starling.model.LayerTable;
import org.starling.model.SequentialModel;
import org.starling.training.FineTuning;
import org.starling.training.TrainingConfiguration;
import org.starling.training.TrainingEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code starling describe MODEL [key=value ...]}, and {@code starling describe --data PATH}. */
@Command(
        name = "describe",
        description = {
            "Shows a model's layers: output shape, kernel, parameters, multiply-adds, and the memory of a replica.",
            "With --data it shows a set of images: counts of each class, sizes, bad images, and as a page samples too."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  starling describe conf/models/alexnet.json training.batch=128",
            "  starling describe conf/models/alexnet.json model.weights=runs/alexnet training.frozenLayers=CONV1,CONV2",
            "  starling describe --data photos --page photos.html",
            "  starling describe --data photos --page photos.html my.conf data.augmentation.mirror=true"
        })
final class DescribeCommand extends Job {
    private static final int EPOCHS_SHOWN = 12;

    @Parameters(
            index = "0..*",
            paramLabel = "MODEL|CONF|key=value",
            description = {
                "Keras Sequential JSON on any Hadoop path, then model.dataFormat, model.convolutionRemainder, training.batch, model.weights and",
                "training.frozenLayers as in a training file. With --data, a training file whose augmentation the page shows, and any of its settings."
            })
    private List<String> arguments = new ArrayList<>();

    @Option(names = "--data", paramLabel = "PATH", description = "Images, as data.train names them.")
    private Optional<String> data = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "F",
            defaultValue = "auto",
            description = "How they are stored, as data.format has it (default: ${DEFAULT-VALUE}).")
    private String format;

    @Option(
            names = "--page",
            paramLabel = "FILE",
            description = "Where the page goes: a file on any Hadoop path that does not exist.")
    private Optional<String> page = Optional.empty();

    DescribeCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        if (data.isPresent()) {
            return describeData(qualified("--data", data.get()));
        }
        if (arguments.isEmpty() || page.isPresent()) {
            throw new InputException("describe needs MODEL, or --data PATH, with --page FILE where a page is wanted.");
        }
        TrainingFile settings = TrainingFile.ofModel(arguments.subList(1, arguments.size()), hadoop());
        SequentialModel model = SequentialModel.read(new Path(arguments.get(0)), hadoop(), settings.modelOptions());
        // One replica here would have all of them.
        int threads = Runtime.getRuntime().availableProcessors();
        TrainingEvent.FineTuning fineTuning = FineTuning.of(model, settings.model(), settings.frozenLayers(), hadoop());
        out().print(new LayerTable(model, settings.batch(), threads).text());
        FineTuningText.lines(fineTuning).forEach(out()::println);
        return ExitCode.OK;
    }

    private int describeData(String folder) {
        if (!arguments.isEmpty() && page.isEmpty()) {
            throw new InputException(
                    "'" + arguments.get(0)
                            + "' is a training file for --page, which is missing. Give --page FILE, or leave the training file out.");
        }
        Optional<Training> training = arguments.isEmpty() ? Optional.empty() : Optional.of(training());
        Optional<ResultFile> file = page.map(path -> ResultFile.claim("--page", qualified("--page", path), hadoop()));
        try (JavaSparkContext spark = spark("starling describe")) {
            ImageSetSummary set = ImageSetSummary.of(spark, ImageSource.open(spark, folder, format));
            out().print(new DataText(set).text());
            if (file.isPresent()) {
                file.get().write(html(folder, set, training).getBytes(StandardCharsets.UTF_8));
                out().println("written: " + file.get().shown());
            }
        } finally {
            file.ifPresent(ResultFile::close);
        }
        return ExitCode.OK;
    }

    /** What the page shows of a training file; found wrong before the images are looked at. */
    private record Training(TrainingConfiguration configuration, ImageShape shape) {}

    private Training training() {
        TrainingConfiguration configuration = TrainingFile.read(
                        qualified("CONF", arguments.get(0)), arguments.subList(1, arguments.size()), hadoop())
                .configuration();
        SequentialModel model = SequentialModel.read(
                new Path(configuration.model().file()),
                hadoop(),
                configuration.model().options());
        configuration.data().augmentation().require(model);
        return new Training(configuration, model.input());
    }

    private String html(String folder, ImageSetSummary set, Optional<Training> training) {
        List<byte[]> augmented = List.of();
        String words = "";
        if (training.isPresent()) {
            TrainingConfiguration configuration = training.get().configuration();
            ImageShape shape = training.get().shape();
            ColourStatistics colours = set.colours().forChannels(shape.channels());
            Augmentation augmentation = configuration.data().augmentation().steps(colours);
            augmented = Picture.augmented(
                    set.example(),
                    shape,
                    configuration.data().shortSide(),
                    colours.mean(),
                    augmentation,
                    configuration.run().seed(),
                    EPOCHS_SHOWN);
            words = augmentation.steps().isEmpty()
                    ? "nothing is changed"
                    : augmentation.steps().stream().map(AugmentationStep::name).collect(Collectors.joining(", "));
        }
        return new DataPage(new Path(folder).getName(), Redaction.ofUri(folder), set, augmented, words).html();
    }
}
