package org.starling.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;

/**
 * A run's images, dealt to its replicas. Both RDDs have one partition a replica with one {@link Shard} in it, and are not
 * persisted yet: whoever goes over them more than once persists them.
 *
 * @param training what the replicas train on
 * @param validation what they validate on; empty shards without validation
 * @param trainingSizes images of each training shard
 * @param validationSizes images of each validation shard
 * @param normalization statistics of the training images at the network's input size, validation images not among them
 * @param classes class names by label
 * @param classCounts training images of each class
 * @param validationClassCounts validation images of each class
 * @param badImages unreadable images of both sets, named with their folder; they are in no shard
 * @param digest SHA-256 of the classes and of every used image's name, label and encoded bytes' checksum, in hexadecimal: it
 *     tells whether a resumed run has the same data. It depends neither on the replicas nor on where the data lies
 */
public record ShardedData(
        JavaRDD<Shard> training,
        JavaRDD<Shard> validation,
        int[] trainingSizes,
        int[] validationSizes,
        Normalization normalization,
        List<String> classes,
        long[] classCounts,
        long[] validationClassCounts,
        List<BadImage> badImages,
        String digest) {

    private static final int BAD_IMAGES_SHOWN = 3;

    /**
     * Decodes every image once, in one Spark job for each set, and deals the readable ones. The driver holds the images' names,
     * labels and hashes (some 150 bytes and the name's length an image) while it does so, never the images.
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

    private static ShardedData deal(JavaSparkContext context, DataPlan plan) {
        List<String> classes = plan.training().classes();
        checkClasses(plan);
        boolean cut = plan.validation().isEmpty() && plan.validationFraction() > 0;
        JavaRDD<ImageRecord> trainingRecords = plan.training().records(context);
        Census census = survey(context, plan, plan.training(), trainingRecords, cut);
        checkEveryClassHasImages(plan.training(), census);
        List<BadImage> bad = new ArrayList<>(located(plan.training(), census.bad()));
        Census training = census;
        Census validation = new Census(List.of(), List.of(), null);
        JavaRDD<ImageRecord> validationRecords = trainingRecords;
        if (cut) {
            ValidationSplit<Census.Entry> split =
                    ValidationSplit.of(census.images(), classes.size(), plan.validationFraction(), plan.seed());
            training = new Census(split.training(), census.bad(), null);
            validation = new Census(split.validation(), List.of(), null);
            checkCut(plan, split);
        } else if (plan.validation().isPresent()) {
            ImageSource source = plan.validation().get();
            validationRecords = source.records(context);
            validation = survey(context, plan, source, validationRecords, false);
            bad.addAll(located(source, validation.bad()));
        }
        Dealing trainingHands = Dealing.of(training.images(), plan.replicas(), plan.seed());
        Dealing validationHands = Dealing.of(validation.images(), plan.replicas(), plan.seed());
        return new ShardedData(
                trainingHands.shards(context, trainingRecords),
                validation.images().isEmpty()
                        ? emptyShards(context, plan.replicas())
                        : validationHands.shards(context, validationRecords),
                trainingHands.sizes(),
                validationHands.sizes(),
                training.totals().statistics().normalization(),
                classes,
                training.classCounts(classes.size()),
                validation.classCounts(classes.size()),
                List.copyOf(bad),
                digest(classes, training.images(), validation.images()));
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

    private static Census survey(
            JavaSparkContext context,
            DataPlan plan,
            ImageSource source,
            JavaRDD<ImageRecord> records,
            boolean sumsByImage) {
        context.sc().setJobDescription("read and check the images in " + source.folder());
        Census census = Census.of(records, plan.input(), sumsByImage);
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

    private static JavaRDD<Shard> emptyShards(JavaSparkContext context, int replicas) {
        List<Integer> numbers = IntStream.range(0, replicas).boxed().toList();
        return context.parallelize(numbers, replicas).map(replica -> new Shard(replica, List.of()));
    }

    private static String digest(List<String> classes, List<Census.Entry> training, List<Census.Entry> validation) {
        LineDigest digest = new LineDigest();
        digest.add("classes " + classes.size());
        classes.forEach(digest::add);
        for (List<Census.Entry> images : List.of(training, validation)) {
            digest.add("images " + images.size());
            images.stream()
                    .sorted(Comparator.comparing(Census.Entry::name))
                    .forEach(image -> digest.add(image.label() + " " + image.checksum() + " " + image.name()));
        }
        return digest.value();
    }
}
