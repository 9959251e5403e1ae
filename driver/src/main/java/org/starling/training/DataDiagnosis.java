package org.starling.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.data.BadImageException;
import org.starling.data.ImageDecoder;
import org.starling.data.ImageSource;
import org.starling.data.NamedImage;
import org.starling.model.ImageShape;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.DataSettings;

/** Looks at the images of a training: can executors read them, are they the model's, and can they be decoded? */
final class DataDiagnosis {
    /** Images that are decoded, evenly spaced over the set. */
    private static final int SAMPLE = 64;

    /** Classes of such different sizes are worth a word. */
    private static final int UNBALANCED = 20;

    private final JavaSparkContext spark;
    private final Executors executors;
    private final TrainingConfiguration configuration;
    private final SequentialModel model;
    private final Consumer<Finding> told;

    DataDiagnosis(
            JavaSparkContext spark,
            Executors executors,
            TrainingConfiguration configuration,
            SequentialModel model,
            Consumer<Finding> told) {
        this.spark = spark;
        this.executors = executors;
        this.configuration = configuration;
        this.model = model;
        this.told = told;
    }

    /** @throws org.starling.InputException when the data is not there, or not the model's */
    void run() {
        DataSettings settings = configuration.data();
        List<String> paths =
                TrainingData.paths(settings).stream().map(Path::toString).toList();
        for (String path : paths) {
            // Found missing here, in words of its own.
            ImageSource.open(spark, path, settings.format());
        }
        SerializableConfiguration hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
        List<String> unreadable =
                executors
                        .ask(number -> new ArrayList<>(ExecutorHealth.unreadable(paths, hadoop.value())))
                        .values()
                        .stream()
                        .flatMap(List::stream)
                        .distinct()
                        .toList();
        if (!unreadable.isEmpty()) {
            told.accept(Finding.problem(
                    "data",
                    "executors cannot read " + String.join(", ", unreadable),
                    "The data has to be on a file system that all machines share, where they may read."));
            return;
        }
        ImageSource train = ImageSource.open(spark, settings.train(), settings.format());
        TrainingData.requireFitting(train, settings, model);
        List<? extends NamedImage> images = train.images(spark);
        classes(train, images);
        sample(train, images);
    }

    private void classes(ImageSource train, List<? extends NamedImage> images) {
        long[] counts = new long[train.classes().size()];
        images.forEach(image -> counts[image.label()]++);
        long least = Arrays.stream(counts).min().orElse(0);
        long most = Arrays.stream(counts).max().orElse(0);
        String text = String.format(
                Locale.ROOT,
                "%,d training images of %,d classes, %,d to %,d of each",
                images.size(),
                counts.length,
                least,
                most);
        int step = configuration.training().batch() * configuration.training().replicas();
        if (least == 0) {
            String empty = IntStream.range(0, counts.length)
                    .filter(c -> counts[c] == 0)
                    .limit(5)
                    .mapToObj(train.classes()::get)
                    .collect(Collectors.joining(", "));
            told.accept(Finding.warning(
                    "data", text + "; none of " + empty, "Add images of them, or leave the classes out."));
        } else if (images.size() < step) {
            told.accept(Finding.warning(
                    "data",
                    "%s, fewer than the %,d of one step of all replicas".formatted(text, step),
                    "Take a smaller training.batch or fewer replicas."));
        } else if (most > UNBALANCED * least) {
            told.accept(Finding.warning("data", text, "Think of data.sampling=balanced."));
        } else {
            told.accept(Finding.ok("data", text));
        }
    }

    private void sample(ImageSource train, List<? extends NamedImage> images) {
        int step = Math.max(1, images.size() / SAMPLE);
        Set<String> names = new LinkedHashSet<>();
        for (int i = 0; i < images.size() && names.size() < SAMPLE; i += step) {
            names.add(images.get(i).name());
        }
        int shortSide = configuration.data().shortSide();
        ImageShape shape = model.input();
        List<String> bad = train
                .select(spark, List.of(List.copyOf(names)))
                .map(image -> {
                    try {
                        new ImageDecoder(shape, shortSide).decode(image);
                        return null;
                    } catch (BadImageException e) {
                        return image.name() + ": " + e.getMessage();
                    }
                })
                .collect()
                .stream()
                .filter(Objects::nonNull)
                .toList();
        double limit = configuration.data().badImageLimit();
        if (bad.isEmpty()) {
            told.accept(Finding.ok("images", "a sample of %,d can be decoded".formatted(names.size())));
            return;
        }
        String text =
                "%,d of a sample of %,d cannot be decoded, such as %s".formatted(bad.size(), names.size(), bad.get(0));
        told.accept(
                bad.size() > limit * names.size()
                        ? Finding.problem(
                                "images", text, "Take them out, or raise data.badImageLimit, which is " + limit + ".")
                        : Finding.warning("images", text, "They will be left out."));
    }
}
