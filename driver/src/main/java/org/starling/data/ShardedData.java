package org.starling.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;

/**
 * A run's images, dealt to its replicas. They are not persisted yet: whoever goes over them more than once persists them.
 *
 * @param training what the replicas train on
 * @param validation what they validate on; none without validation
 * @param colours of the training images at the network's input size, validation images not among them; of a prepared set as it has them
 * @param classes class names by label
 * @param classCounts training images of each class
 * @param validationClassCounts validation images of each class
 * @param badImages unreadable images of both sets, named with their folder; they are in no shard
 * @param digest SHA-256 of the classes and of every used image's name, label and encoded bytes' checksum, or of a prepared set's checksums, in
 *     hexadecimal: it tells whether a resumed run has the same data. It depends neither on the replicas nor on where the data lies
 */
public record ShardedData(
        ShardedImages training,
        ShardedImages validation,
        ColourStatistics colours,
        List<String> classes,
        long[] classCounts,
        long[] validationClassCounts,
        List<BadImage> badImages,
        String digest) {

    private static final int BAD_IMAGES_SHOWN = 3;

    /** Of a task's result, with a name of some 40 characters. */
    private static final int BYTES_OF_ENTRY = 110;

    private static final int BYTES_WITH_SUMS = 280;

    /**
     * Finds out what there is, and deals the readable images. Every image is decoded once for that, in one Spark job for each set, unless the set is a
     * prepared one. The driver holds the images' names, labels and hashes (some 150 bytes and the name's length an image) while it does so, never
     * the images.
     *
     * @throws InputException when the classes do not suffice or do not agree, or too many images are unreadable
     */
    public static ShardedData prepare(JavaSparkContext context, DataPlan plan) {
        try {
            return deal(context, plan);
        } catch (Exception e) {
            Optional<InputException> input = InputException.within(e);
            if (input.isPresent()) {
                throw input.get();
            }
            throw e;
        } finally {
            context.sc().setJobDescription(null);
        }
    }

    /**
     * One of the two sets.
     *
     * @param images dealt
     * @param colours of its images; null where they are not known
     * @param bad images, named with their folder
     * @param lines what the digest is over
     */
    private record Portion(
            ShardedImages images,
            ColourStatistics colours,
            long[] classCounts,
            List<BadImage> bad,
            List<String> lines) {

        static Portion none(JavaSparkContext context, DataPlan plan) {
            return of(context, plan, null, List.of(), null, List.of(), false);
        }

        /**
         * @param source may be null where there are no images
         * @param balanced whether classes come equally often
         */
        static Portion of(
                JavaSparkContext context,
                DataPlan plan,
                ImageSource source,
                List<Census.Entry> images,
                ColourStatistics colours,
                List<BadImage> bad,
                boolean balanced) {
            long[] counts = new long[plan.training().classes().size()];
            images.forEach(image -> counts[image.label()]++);
            Optional<Oversampling> oversampling = oversampling(plan, counts, balanced);
            Dealing dealing = Dealing.of(images, plan.replicas(), plan.seed(), image -> oversampling
                    .map(times -> times.copies(image))
                    .orElse(1));
            List<String> lines = new ArrayList<>(List.of("images " + images.size()));
            images.stream()
                    .sorted(Comparator.comparing(Census.Entry::name))
                    .forEach(image -> lines.add(image.label() + " " + image.checksum() + " " + image.name()));
            return new Portion(
                    images.isEmpty()
                            ? ShardedImages.none(context, plan.replicas())
                            : dealt(
                                    context,
                                    plan,
                                    source.select(context, dealing.blocks()),
                                    oversampling,
                                    dealing.blockSizes()),
                    colours,
                    counts,
                    bad,
                    lines);
        }

        static Portion of(JavaSparkContext context, DataPlan plan, PreparedSource source, boolean balanced) {
            Optional<Oversampling> oversampling = oversampling(plan, source.classCounts(), balanced);
            int[] blockSizes =
                    oversampling.map(times -> source.blockSizes(context, times)).orElseGet(source::blockSizes);
            return new Portion(
                    dealt(context, plan, source.blocks(context), oversampling, blockSizes),
                    source.colours().forChannels(plan.input().channels()),
                    source.classCounts(),
                    List.of(),
                    source.digestLines());
        }

        private static Optional<Oversampling> oversampling(DataPlan plan, long[] classCounts, boolean balanced) {
            return balanced ? Optional.of(Oversampling.of(classCounts, plan.seed())) : Optional.empty();
        }

        private static ShardedImages dealt(
                JavaSparkContext context,
                DataPlan plan,
                JavaRDD<ImageRecord> blocks,
                Optional<Oversampling> oversampling,
                int[] blockSizes) {
            return new ShardedImages(
                    context,
                    oversampling
                            .map(times -> blocks.mapPartitions(times::repeated))
                            .orElse(blocks),
                    blockSizes,
                    ShardedImages.even(Arrays.stream(blockSizes).sum(), plan.replicas()),
                    new ShardedImages.Resharding(plan.reshard(), plan.seed()));
        }
    }

    private static ShardedData deal(JavaSparkContext context, DataPlan plan) {
        checkClasses(plan);
        Portion training;
        Portion validation;
        Optional<PreparedSource> known = known(plan.training());
        if (plan.validation().isEmpty() && plan.validationFraction() > 0) {
            Census census = survey(context, plan, plan.training(), true);
            checkEveryClassHasImages(plan.training(), census);
            int classes = plan.training().classes().size();
            ValidationSplit<Census.Entry> split =
                    ValidationSplit.of(census.images(), classes, plan.validationFraction(), plan.seed());
            checkCut(plan, split);
            ColourSums sums = new ColourSums();
            split.training().forEach(image -> sums.add(image.sums()));
            List<BadImage> bad = located(plan.training(), census.bad());
            training = Portion.of(
                    context, plan, plan.training(), split.training(), sums.statistics(), bad, plan.balanced());
            validation = Portion.of(context, plan, plan.training(), split.validation(), null, List.of(), false);
        } else {
            training = known.isPresent()
                    ? Portion.of(context, plan, known.get(), plan.balanced())
                    : surveyed(context, plan, plan.training(), true);
            validation = plan.validation().isEmpty()
                    ? Portion.none(context, plan)
                    : known(plan.validation().get())
                            .map(source -> Portion.of(context, plan, source, false))
                            .orElseGet(() ->
                                    surveyed(context, plan, plan.validation().get(), false));
        }
        List<String> classes = plan.training().classes();
        return new ShardedData(
                training.images(),
                validation.images(),
                training.colours(),
                classes,
                training.classCounts(),
                validation.classCounts(),
                Stream.of(training, validation).flatMap(p -> p.bad().stream()).toList(),
                digest(classes, training, validation));
    }

    /** The set, where everything about it is known: a prepared one. */
    private static Optional<PreparedSource> known(ImageSource source) {
        return source instanceof PreparedSource prepared ? Optional.of(prepared) : Optional.empty();
    }

    private static Portion surveyed(JavaSparkContext context, DataPlan plan, ImageSource source, boolean training) {
        Census census = survey(context, plan, source, false);
        if (training) {
            checkEveryClassHasImages(source, census);
        }
        return Portion.of(
                context,
                plan,
                source,
                census.images(),
                census.sums().statistics(),
                located(source, census.bad()),
                training && plan.balanced());
    }

    private static void checkClasses(DataPlan plan) {
        List<String> classes = plan.training().classes();
        if (classes.size() < 2) {
            throw new InputException("The training images in " + plan.training().folder() + " have " + classes.size()
                    + " class. A classifier needs at least two.");
        }
        Optional<ImageSource> validation = plan.validation();
        if (validation.isEmpty() || classes.equals(validation.get().classes())) {
            return;
        }
        List<String> others = validation.get().classes();
        boolean numberedPrefix =
                !validation.get().namesClasses() && !plan.training().namesClasses() && others.size() < classes.size();
        if (!numberedPrefix) {
            throw new InputException("The validation images in "
                    + validation.get().folder() + " have other classes than the training images in "
                    + plan.training().folder() + ": " + difference(classes, others)
                    + ". Expected the same classes in the same order.");
        }
    }

    private static String difference(List<String> training, List<String> validation) {
        for (int c = 0; c < Math.min(training.size(), validation.size()); c++) {
            if (!training.get(c).equals(validation.get(c))) {
                return "class " + c + " is '" + training.get(c) + "' in training and '" + validation.get(c)
                        + "' in validation";
            }
        }
        return training.size() + " classes in training, " + validation.size() + " in validation";
    }

    private static Census survey(JavaSparkContext context, DataPlan plan, ImageSource source, boolean sumsByImage) {
        requireRoom(context, source, sumsByImage);
        context.sc().setJobDescription("read and check the images in " + source.folder());
        Census census = Census.of(source.records(context), plan.input(), plan.shortSide(), sumsByImage);
        int bad = census.bad().size();
        int all = bad + census.images().size();
        if (bad == all || bad > plan.badImageLimit() * all) {
            throw new InputException(bad + " of " + all + " images in " + source.folder() + " cannot be read: "
                    + census.bad().stream()
                            .limit(BAD_IMAGES_SHOWN)
                            .map(image -> image.name() + " (" + image.reason() + ")")
                            .collect(Collectors.joining(", "))
                    + (bad > BAD_IMAGES_SHOWN ? ", ..." : "") + ". At most a fraction of " + plan.badImageLimit()
                    + " is skipped: repair or remove them, or raise data.badImageLimit.");
        }
        return census;
    }

    /** What the driver is told of each image must fit what Spark lets it take. */
    private static void requireRoom(JavaSparkContext context, ImageSource source, boolean sumsByImage) {
        long most = context.getConf().getSizeAsBytes("spark.driver.maxResultSize", "1g");
        long images = source.size().orElse(0);
        long bytes = images * (sumsByImage ? BYTES_WITH_SUMS : BYTES_OF_ENTRY);
        if (most > 0 && bytes > most) {
            throw new InputException(
                    ("%s has %,d images, and what the driver would be told of them is some %,d MB, more than"
                                    + " spark.driver.maxResultSize. Make a prepared set of it (starling prepare --validation-fraction ...)"
                                    + " and name its splits in data.train and data.validation, which need no such look at each image; or raise it.")
                            .formatted(source.folder(), images, bytes >> 20));
        }
    }

    private static List<BadImage> located(ImageSource source, List<BadImage> bad) {
        return bad.stream()
                .map(image -> new BadImage(source.folder() + "/" + image.name(), image.reason()))
                .toList();
    }

    private static void checkEveryClassHasImages(ImageSource source, Census census) {
        List<String> classes = source.classes();
        long[] counts = census.classCounts(classes.size());
        List<String> without = IntStream.range(0, counts.length)
                .filter(c -> counts[c] == 0)
                .mapToObj(classes::get)
                .toList();
        if (!without.isEmpty()) {
            throw new InputException(without.size() + " of " + classes.size() + " classes in " + source.folder()
                    + " have no readable images: "
                    + without.stream().limit(5).collect(Collectors.joining(", ")) + (without.size() > 5 ? ", ..." : "")
                    + ". Add images to each class, or remove the class.");
        }
    }

    private static void checkCut(DataPlan plan, ValidationSplit<?> split) {
        if (split.validation().isEmpty()) {
            throw new InputException("data.validationFraction = " + plan.validationFraction() + " of the "
                    + split.training().size() + " images in " + plan.training().folder()
                    + " is no image at all. Use a larger fraction, name a validation set, or set it to 0.");
        }
    }

    private static String digest(List<String> classes, Portion training, Portion validation) {
        LineDigest digest = new LineDigest();
        digest.add("classes " + classes.size());
        classes.forEach(digest::add);
        training.lines().forEach(digest::add);
        validation.lines().forEach(digest::add);
        return digest.value();
    }
}
