package org.starling.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.model.DataFormat;
import org.starling.model.ImageShape;
import scala.Tuple2;

/**
 * What a set of images is like, for a person.
 *
 * @param classes names by label; empty for a set without labels
 * @param classCounts readable images of each class
 * @param images readable ones in all
 * @param looked at so many of them for what follows
 * @param bytes of their files or values
 * @param kinds how many images there are of each: JPEG, PNG and so on, and RAW for values
 * @param heights how many pictures have so many rows
 * @param widths how many pictures have so many columns
 * @param colours of the pictures, scaled to 64 x 64
 * @param samples some of each class, the same ones at every look
 * @param example the first of them, as it is stored
 * @param bad images that cannot be read: how many
 * @param someBad the first of them by name
 */
public record ImageSetSummary(
        List<String> classes,
        long[] classCounts,
        long images,
        long looked,
        long bytes,
        SortedMap<String, Long> kinds,
        SortedMap<Integer, Long> heights,
        SortedMap<Integer, Long> widths,
        ColourStatistics colours,
        List<Sample> samples,
        ImageRecord example,
        long bad,
        List<BadImage> someBad) {
    /** Classes that are shown. */
    private static final int SAMPLED_CLASSES = 48;

    private static final int SAMPLES_OF_CLASS = 4;
    private static final int BAD_SHOWN = 20;

    /** Images of a prepared set that say what its pictures are like. */
    private static final int ENOUGH = 20_000;

    private static final ImageShape THUMBNAIL = new ImageShape(112, 112, 3, DataFormat.CHANNELS_LAST);
    private static final ImageShape SUMMED = new ImageShape(64, 64, 3, DataFormat.CHANNELS_LAST);
    private static final ImageDecoder SMALL = new ImageDecoder(SUMMED, 0);

    /**
     * An image to look at.
     *
     * @param name of the image
     * @param label of its class, or -1
     * @param height of it in pixels
     * @param width of it
     * @param png a square of its centre
     */
    public record Sample(String name, int label, int height, int width, byte[] png) implements Serializable {
        static Sample of(ImageRecord image) throws BadImageException {
            Pixels picture = ImageDecoder.pixels(image);
            return new Sample(
                    image.name(), image.label(), picture.height(), picture.width(), Picture.png(image, THUMBNAIL, 0));
        }
    }

    /**
     * Reads all images of a set, in one Spark job.
     *
     * @throws InputException when there is none that can be read
     */
    public static ImageSetSummary of(JavaSparkContext spark, ImageSource source) {
        int classes = Math.max(1, source.classes().size());
        spark.sc().setJobDescription("look at the images in " + source.folder());
        try {
            Part all = source.records(spark)
                    .mapPartitions(images -> {
                        Part part = new Part(classes);
                        images.forEachRemaining(part::add);
                        return List.of(part).iterator();
                    })
                    .reduce(Part::merged);
            if (all.images == 0) {
                throw new InputException("None of the " + all.bad + " images in " + source.folder() + " can be read"
                        + (all.someBad.isEmpty()
                                ? ""
                                : ": " + all.someBad.get(0).reason()) + ".");
            }
            List<String> chosen = Stream.of(all.samples)
                    .filter(ofClass -> !ofClass.isEmpty())
                    .limit(SAMPLED_CLASSES)
                    .flatMap(List::stream)
                    .map(Candidate::name)
                    .toList();
            // Only now, and of these: pictures are more than the driver takes of every task.
            String first = chosen.get(0);
            List<Tuple2<Sample, ImageRecord>> pictures = source.select(spark, List.of(chosen))
                    .map(image -> new Tuple2<>(Sample.of(image), image.name().equals(first) ? image : null))
                    .collect();
            return new ImageSetSummary(
                    source.classes(),
                    all.classCounts,
                    all.images,
                    all.images,
                    all.bytes,
                    all.kinds,
                    all.heights,
                    all.widths,
                    all.colours.statistics(),
                    pictures.stream().map(Tuple2::_1).toList(),
                    pictures.get(0)._2(),
                    all.bad,
                    List.copyOf(all.someBad));
        } finally {
            spark.sc().setJobDescription(null);
        }
    }

    /**
     * Of a split of a prepared set: its manifest has the counts, and its first shards are a sample of its pictures.
     *
     * @param folder of the split, or of a set with one
     * @throws InputException when it is none
     */
    public static ImageSetSummary ofPrepared(JavaSparkContext spark, String folder) {
        PreparedSource split = PreparedSource.open(SourceFiles.at(folder, spark.hadoopConfiguration()), true);
        ImageSetSummary sample = of(spark, split.first(ENOUGH));
        return new ImageSetSummary(
                split.classes(),
                split.classCounts(),
                LongStream.of(split.classCounts()).sum(),
                sample.looked(),
                sample.bytes(),
                sample.kinds(),
                sample.heights(),
                sample.widths(),
                split.colours(),
                sample.samples(),
                sample.example(),
                0,
                List.of());
    }

    /** @param hash of the name: those with the smallest are shown */
    private record Candidate(long hash, String name) implements Serializable {
        private static final Comparator<Candidate> ORDER =
                Comparator.comparingLong(Candidate::hash).thenComparing(Candidate::name);
    }

    /** What is known of some of the images. */
    private static final class Part implements Serializable {
        private static final long serialVersionUID = 1L;
        private final long[] classCounts;
        private final TreeMap<String, Long> kinds = new TreeMap<>();
        private final TreeMap<Integer, Long> heights = new TreeMap<>();
        private final TreeMap<Integer, Long> widths = new TreeMap<>();
        private final ColourSums colours = new ColourSums();
        private final List<Candidate>[] samples;
        private final ArrayList<BadImage> someBad = new ArrayList<>();
        private long images;
        private long bytes;
        private long bad;

        @SuppressWarnings({"unchecked", "rawtypes"})
        Part(int classes) {
            classCounts = new long[classes];
            samples = new List[classes];
            for (int c = 0; c < samples.length; c++) {
                samples[c] = new ArrayList<>();
            }
        }

        void add(ImageRecord image) {
            try {
                Pixels picture = ImageDecoder.pixels(image);
                Pixels colour = picture.withChannels(SUMMED.channels());
                colours.add(SMALL.cut(colour, SMALL.rendering(colour)));
                images++;
                bytes += image.bytes().length;
                int label = Math.max(0, image.label());
                classCounts[label]++;
                kinds.merge(kind(image), 1L, Long::sum);
                heights.merge(picture.height(), 1L, Long::sum);
                widths.merge(picture.width(), 1L, Long::sum);
                propose(image, samples[label]);
            } catch (BadImageException e) {
                bad++;
                someBad.add(new BadImage(image.name(), e.getMessage()));
                cutBad();
            }
        }

        private static String kind(ImageRecord image) {
            return image.encoding() == ImageRecord.Encoding.FILE
                    ? ImageFileFormat.of(image.bytes()).map(Enum::name).orElse("?")
                    : "RAW";
        }

        private static void propose(ImageRecord image, List<Candidate> best) {
            long hash = SeededHash.of(0, SeededHash.Purpose.SAMPLE, image.name());
            if (best.size() < SAMPLES_OF_CLASS
                    || hash <= best.get(SAMPLES_OF_CLASS - 1).hash()) {
                best.add(new Candidate(hash, image.name()));
                cut(best);
            }
        }

        private static void cut(List<Candidate> best) {
            best.sort(Candidate.ORDER);
            if (best.size() > SAMPLES_OF_CLASS) {
                best.subList(SAMPLES_OF_CLASS, best.size()).clear();
            }
        }

        private void cutBad() {
            someBad.sort(Comparator.comparing(BadImage::name));
            if (someBad.size() > BAD_SHOWN) {
                someBad.subList(BAD_SHOWN, someBad.size()).clear();
            }
        }

        Part merged(Part other) {
            Part all = new Part(classCounts.length);
            for (Part part : List.of(this, other)) {
                all.images += part.images;
                all.bytes += part.bytes;
                all.bad += part.bad;
                all.someBad.addAll(part.someBad);
                all.colours.add(part.colours);
                part.kinds.forEach((kind, count) -> all.kinds.merge(kind, count, Long::sum));
                part.heights.forEach((height, count) -> all.heights.merge(height, count, Long::sum));
                part.widths.forEach((width, count) -> all.widths.merge(width, count, Long::sum));
                for (int c = 0; c < classCounts.length; c++) {
                    all.classCounts[c] += part.classCounts[c];
                }
                for (int c = 0; c < samples.length; c++) {
                    all.samples[c].addAll(part.samples[c]);
                }
            }
            all.cutBad();
            Stream.of(all.samples).forEach(Part::cut);
            return all;
        }
    }
}
