package org.starling.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.starling.InputException;
import org.starling.Version;

/**
 * Which image goes into which shard, and in which order: a function of the images' names and labels and of the settings. Names are sorted by a
 * seeded hash, so that a shard is a sample of its split, and cut into shards that are equal to within one image.
 *
 * @param shards of all splits
 * @param digest SHA-256 of the settings, the source, and every image's name and label, in hexadecimal
 */
record PreparationPlan(List<PlannedShard> shards, String digest) {

    /** What a manifest holds with ease. */
    private static final int MOST_SHARDS = 100_000;

    /**
     * One shard.
     *
     * @param split it belongs to
     * @param number in its split, from 0
     * @param images names, in the order in which they are stored
     */
    record PlannedShard(String split, int number, List<String> images) implements Serializable {
        String name() {
            return PreparedSet.Shard.name(number);
        }

        /** Its place in the set's folder. */
        String file() {
            return split + "/" + name();
        }
    }

    /** @throws InputException when a split would have no image, or there would be too many shards */
    static PreparationPlan of(List<? extends NamedImage> images, ImageSource source, PreparationSettings settings) {
        int classes = source.classes().size();
        List<PlannedShard> shards = new ArrayList<>();
        if (settings.validationFraction() > 0) {
            ValidationSplit<NamedImage> split = ValidationSplit.of(
                    List.<NamedImage>copyOf(images), classes, settings.validationFraction(), settings.seed());
            shards.addAll(cut(PreparedSet.TRAIN, split.training(), settings));
            if (split.validation().isEmpty()) {
                throw new InputException(
                        "A fraction of %s of the %d images in %s is no image at all. Use a larger one, or none."
                                .formatted(settings.validationFraction(), images.size(), source.folder()));
            }
            shards.addAll(cut(PreparedSet.VALIDATION, split.validation(), settings));
        } else {
            shards.addAll(cut(PreparedSet.TRAIN, images, settings));
        }
        if (shards.size() > MOST_SHARDS) {
            throw new InputException("%d images in shards of %d are %d shards, expected at most %d. Put more into each."
                    .formatted(images.size(), settings.shardImages(), shards.size(), MOST_SHARDS));
        }
        return new PreparationPlan(shards, digest(images, source, settings));
    }

    private static List<PlannedShard> cut(
            String split, List<? extends NamedImage> images, PreparationSettings settings) {
        record Card(String name, long hash) {}
        List<String> names = images.stream()
                .map(image ->
                        new Card(image.name(), SeededHash.of(settings.seed(), SeededHash.Purpose.SHARD, image.name())))
                .sorted(Comparator.comparingLong(Card::hash).thenComparing(Card::name))
                .map(Card::name)
                .toList();
        int count = (names.size() + settings.shardImages() - 1) / settings.shardImages();
        List<PlannedShard> shards = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = (int) ((long) i * names.size() / count);
            int to = (int) ((i + 1L) * names.size() / count);
            shards.add(new PlannedShard(split, i, List.copyOf(names.subList(from, to))));
        }
        return shards;
    }

    private static String digest(List<? extends NamedImage> images, ImageSource source, PreparationSettings settings) {
        LineDigest digest = new LineDigest();
        digest.add(Version.current() + " format " + PreparedSet.FORMAT_VERSION + " " + settings.stored());
        digest.add(source.format() + " " + source.location() + " " + source.state());
        source.classes().forEach(digest::add);
        images.stream()
                .sorted(Comparator.comparing(NamedImage::name))
                .forEach(image -> digest.add(image.label() + " " + image.name()));
        return digest.value();
    }
}
