package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.InputException;
import org.starling.LocalSpark;
import org.starling.data.ShardedImages.Resharding;
import org.starling.model.DataFormat;
import org.starling.model.ImageShape;

class ShardedDataTest {
    private static final ImageShape SHAPE = new ImageShape(6, 5, 3, DataFormat.CHANNELS_LAST);
    private static final int[] CLASS_SIZES = {7, 20, 13};

    @TempDir
    Path folder;

    private int[] next = new int[1];

    /** Folders a, b, c of PNGs at three sizes. */
    private Path images(String name, int... sizes) throws IOException {
        Path root = folder.resolve(name);
        for (int c = 0; c < sizes.length; c++) {
            Files.createDirectories(root.resolve("" + (char) ('a' + c)));
            for (int i = 0; i < sizes[c]; i++) {
                int seed = next[0]++;
                TestImages.writePicture(
                        root.resolve((char) ('a' + c) + "/" + i + ".png"), 6 + seed % 3, 5 + seed % 4, seed);
            }
        }
        return root;
    }

    private static ImageSource open(Path path) {
        return ImageSource.open(LocalSpark.context(), path.toString(), "auto");
    }

    private static DataPlan plan(ImageSource source, double validationFraction, int replicas, long seed) {
        return new DataPlan(source, Optional.empty(), validationFraction, 0, SHAPE, 0, replicas, false, false, seed);
    }

    private static ShardedData prepare(DataPlan plan) {
        return ShardedData.prepare(LocalSpark.context(), plan);
    }

    /** The images of each replica, as dealt for an epoch. */
    static List<List<ImageRecord>> hands(ShardedImages images, int epoch) {
        return images.shards(epoch)
                .map(shard -> {
                    List<ImageRecord> hand = new ArrayList<>();
                    shard.images().forEachRemaining(hand::add);
                    return hand;
                })
                .collect();
    }

    private static List<List<String>> names(ShardedImages images) {
        return names(hands(images, 0));
    }

    private static List<List<String>> names(List<List<ImageRecord>> hands) {
        return hands.stream()
                .map(hand -> hand.stream().map(ImageRecord::name).toList())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 40, 64})
    void shardsAreStratifiedAndEqualToWithinOneImage(int replicas) throws IOException {
        ShardedData data = prepare(plan(open(images("train", CLASS_SIZES)), 0, replicas, 5));
        List<List<ImageRecord>> hands = hands(data.training(), 0);
        assertEquals(replicas, hands.size());
        Set<String> seen = new HashSet<>();
        for (int replica = 0; replica < replicas; replica++) {
            List<ImageRecord> hand = hands.get(replica);
            int size = hand.size();
            assertEquals(size, data.training().sizes()[replica]);
            assertTrue(size == 40 / replicas || size == (40 + replicas - 1) / replicas, "size " + size);
            for (int c = 0; c < 3; c++) {
                int label = c;
                long count =
                        hand.stream().filter(image -> image.label() == label).count();
                assertTrue(Math.abs(count - (double) CLASS_SIZES[c] / replicas) < 1, count + " of class " + c);
            }
            for (ImageRecord image : hand) {
                assertTrue(seen.add(image.name()), image.name() + " twice");
                assertEquals(image.name().charAt(0) - 'a', image.label());
                assertArrayEquals(Files.readAllBytes(folder.resolve("train").resolve(image.name())), image.bytes());
            }
        }
        assertEquals(40, seen.size());
        assertArrayEquals(new long[] {7, 20, 13}, data.classCounts());
        assertEquals(replicas, hands(data.validation(), 0).size());
        assertEquals(0, Arrays.stream(data.validation().sizes()).sum());
    }

    @Test
    void eachHandLiesInASeededOrderThatMixesTheClasses() throws IOException {
        ImageSource source = open(images("train", CLASS_SIZES));
        List<String> order = names(prepare(plan(source, 0, 1, 5)).training()).get(0);
        List<String> byName = order.stream().sorted().toList();
        List<String> otherSeed =
                names(prepare(plan(source, 0, 1, 6)).training()).get(0);
        assertEquals(byName, otherSeed.stream().sorted().toList());
        for (List<String> other : List.of(byName, otherSeed)) {
            long inPlace = IntStream.range(0, order.size())
                    .filter(i -> order.get(i).equals(other.get(i)))
                    .count();
            assertTrue(inPlace < order.size() / 4, inPlace + " of 40 images are in the same place");
        }
        // The classes follow each other about as often as chance has it: in order they would change twice.
        long changes = IntStream.range(1, 40)
                .filter(i -> order.get(i).charAt(0) != order.get(i - 1).charAt(0))
                .count();
        assertTrue(changes > 12, changes + " changes of class");
    }

    @Test
    void reshardingGivesReplicasOtherImagesInEachEpochAndEachOnce() throws IOException {
        List<List<ImageRecord>> blocks = new ArrayList<>();
        for (int block = 0; block < 10; block++) {
            List<ImageRecord> images = new ArrayList<>();
            for (int i = 0; i < 2 + block % 2; i++) {
                images.add(TestImages.raw(block + "/" + i, 0, 1, 1, 1, new byte[1]));
            }
            blocks.add(images);
        }
        int[] blockSizes = blocks.stream().mapToInt(List::size).toArray();
        JavaRDD<ImageRecord> images =
                LocalSpark.context().parallelize(blocks, 10).flatMap(List::iterator);
        int[] sizes = ShardedImages.even(25, 3);
        ShardedImages resharded =
                new ShardedImages(LocalSpark.context(), images, blockSizes, sizes, new Resharding(true, 5));
        Set<List<List<String>>> dealt = new HashSet<>();
        for (int epoch = 0; epoch < 4; epoch++) {
            List<List<String>> hands = hands(resharded, epoch).stream()
                    .map(hand -> hand.stream().map(ImageRecord::name).toList())
                    .toList();
            assertEquals(List.of(9, 8, 8), hands.stream().map(List::size).toList());
            assertEquals(25, hands.stream().flatMap(List::stream).distinct().count());
            assertTrue(
                    dealt.add(hands.stream()
                            .map(hand -> hand.stream().sorted().toList())
                            .toList()),
                    "epoch " + epoch);
        }
        ShardedImages fixed = new ShardedImages(LocalSpark.context(), images, blockSizes, sizes, Resharding.NEVER);
        assertEquals(names(fixed), names(hands(fixed, 3)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void withBalancedSamplingSmallClassesImagesComeSeveralTimes(boolean prepared) throws IOException {
        Path root = images("train", CLASS_SIZES);
        if (prepared) {
            Path set = folder.resolve("set");
            new Preparation(
                            open(root),
                            new PreparationSettings(0, 1, 0, 700, 3, 0),
                            set.toUri().toString())
                    .run(LocalSpark.context(), progress -> {});
            root = set;
        }
        ImageSource source = open(root);
        Set<List<String>> dealt = new HashSet<>();
        for (int replicas : new int[] {1, 3}) {
            ShardedData data =
                    prepare(new DataPlan(source, Optional.empty(), 0, 0, SHAPE, 0, replicas, false, true, 5));
            List<List<ImageRecord>> hands = hands(data.training(), 0);
            Map<String, Integer> copies = new TreeMap<>();
            Set<String> names = new TreeSet<>();
            int[] ofClass = new int[3];
            for (int replica = 0; replica < replicas; replica++) {
                assertEquals(
                        data.training().sizes()[replica], hands.get(replica).size());
                for (ImageRecord image : hands.get(replica)) {
                    assertTrue(names.add(image.name()), image.name() + " twice");
                    String file = image.name().replaceFirst(" \\(\\d+\\)$", "");
                    copies.merge(file, 1, Integer::sum);
                    assertArrayEquals(Files.readAllBytes(folder.resolve("train").resolve(file)), image.bytes());
                    ofClass[image.label()]++;
                }
            }
            assertEquals(40, copies.size());
            copies.forEach((file, times) -> {
                double wanted = 20.0 / CLASS_SIZES[file.charAt(0) - 'a'];
                assertTrue(Math.abs(times - wanted) < 1, file + " " + times + " times");
            });
            assertEquals(20, ofClass[1]);
            // Two or three times each, 2.86 on average; one or two times each, 1.54.
            assertTrue(ofClass[0] > 14 && ofClass[0] <= 21, ofClass[0] + " of the first class");
            assertTrue(ofClass[2] > 13 && ofClass[2] < 26, ofClass[2] + " of the third class");
            assertArrayEquals(new long[] {7, 20, 13}, data.classCounts());
            dealt.add(List.copyOf(names));
        }
        assertEquals(1, dealt.size(), "replicas play no part in how often an image comes");
    }

    @Test
    void shardsDependOnTheSeedAndNotOnPartitionsOrThreads() throws IOException {
        ImageSource source = open(images("train", CLASS_SIZES));
        ShardedData usual = prepare(plan(source, 0.2, 3, 5));
        List<List<String>> training = names(usual.training());
        List<List<String>> validation = names(usual.validation());
        for (int partitions : new int[] {1, 4, 40}) {
            ShardedData other = prepare(plan(new Repartitioned(source, partitions), 0.2, 3, 5));
            assertEquals(training, names(other.training()), partitions + " partitions");
            assertEquals(validation, names(other.validation()), partitions + " partitions");
            assertArrayEquals(usual.colours().mean(), other.colours().mean());
            assertArrayEquals(usual.colours().deviation(), other.colours().deviation());
            assertEquals(usual.digest(), other.digest());
        }
        assertNotEquals(training, names(prepare(plan(source, 0.2, 3, 6)).training()));
        try {
            ShardedData alone = ShardedData.prepare(LocalSpark.context("local[1]"), plan(source, 0.2, 3, 5));
            assertEquals(training, names(alone.training()));
            assertArrayEquals(usual.colours().mean(), alone.colours().mean());
        } finally {
            LocalSpark.context();
        }
    }

    /** A source that ignores how many partitions are asked for. */
    private record Repartitioned(ImageSource source, int partitions) implements ImageSource {
        @Override
        public String folder() {
            return source.folder();
        }

        @Override
        public String format() {
            return source.format();
        }

        @Override
        public List<String> classes() {
            return source.classes();
        }

        @Override
        public boolean namesClasses() {
            return source.namesClasses();
        }

        @Override
        public JavaRDD<ImageRecord> records(JavaSparkContext context, int ignored) {
            return source.records(context, partitions);
        }
    }

    @Test
    void normalizationIsThatOfTheTrainingImagesByBruteForce() throws Exception {
        ImageSource source = open(images("train", CLASS_SIZES));
        for (double fraction : new double[] {0, 0.25}) {
            ShardedData data = prepare(plan(source, fraction, 2, 5));
            List<byte[]> decoded = new ArrayList<>();
            for (List<ImageRecord> hand : hands(data.training(), 0)) {
                for (ImageRecord image : hand) {
                    decoded.add(new ImageDecoder(SHAPE, 0).decode(image));
                }
            }
            assertEquals(fraction == 0 ? 40 : 30, decoded.size());
            for (int c = 0; c < 3; c++) {
                int channel = c;
                double[] values = decoded.stream()
                        .flatMapToInt(image -> IntStream.range(0, 30).map(i -> image[i * 3 + channel] & 0xFF))
                        .asDoubleStream()
                        .toArray();
                double mean = Arrays.stream(values).average().orElseThrow();
                double variance = Arrays.stream(values)
                        .map(value -> (value - mean) * (value - mean))
                        .average()
                        .orElseThrow();
                assertEquals(mean, data.colours().mean()[c], 1e-9);
                assertEquals(Math.sqrt(variance), data.colours().deviation()[c], 1e-9);
            }
        }
    }

    @Test
    void aSplitIsStratifiedAndTakesEachImageOnce() throws IOException {
        ShardedData data = prepare(plan(open(images("train", CLASS_SIZES)), 0.25, 2, 5));
        // A quarter of 7, 20, 13 is 1.75, 5, 3.25: largest remainders give 2, 5, 3 of 10.
        assertArrayEquals(new long[] {2, 5, 3}, data.validationClassCounts());
        assertArrayEquals(new long[] {5, 15, 10}, data.classCounts());
        Set<String> all = new HashSet<>();
        names(data.training()).forEach(all::addAll);
        names(data.validation()).forEach(all::addAll);
        assertEquals(40, all.size());
    }

    @Test
    void aGivenValidationSetIsDealtToo() throws IOException {
        ImageSource training = open(images("train", 4, 4, 4));
        ImageSource validation = open(images("validation", 3, 0, 2));
        ShardedData data =
                prepare(new DataPlan(training, Optional.of(validation), 0.5, 0, SHAPE, 0, 2, false, false, 1));
        assertArrayEquals(new long[] {4, 4, 4}, data.classCounts());
        assertArrayEquals(new long[] {3, 0, 2}, data.validationClassCounts());
        assertArrayEquals(new int[] {3, 2}, data.validation().sizes());
        assertEquals(List.of("a", "b", "c"), data.classes());
    }

    @Test
    void theDigestKnowsNamesLabelsAndContentAndNothingElse() throws IOException {
        Path root = images("train", 4, 4);
        ImageSource source = open(root);
        String digest = prepare(plan(source, 0, 2, 1)).digest();
        assertTrue(digest.matches("[0-9a-f]{64}"));
        assertEquals(digest, prepare(plan(source, 0, 3, 2)).digest(), "replicas and seed");
        assertNotEquals(digest, prepare(plan(source, 0.25, 2, 1)).digest(), "split");
        Files.move(root, folder.resolve("elsewhere"));
        root = folder.resolve("elsewhere");
        assertEquals(digest, prepare(plan(open(root), 0, 2, 1)).digest(), "place");
        byte[] original = Files.readAllBytes(root.resolve("a/1.png"));
        TestImages.writePicture(root.resolve("a/1.png"), 6, 5, 99);
        assertNotEquals(digest, prepare(plan(open(root), 0, 2, 1)).digest(), "content");
        Files.write(root.resolve("a/1.png"), original);
        assertEquals(digest, prepare(plan(open(root), 0, 2, 1)).digest(), "restored");
        Files.move(root.resolve("a/1.png"), root.resolve("a/9.png"));
        assertNotEquals(digest, prepare(plan(open(root), 0, 2, 1)).digest(), "name");
    }

    private static String refusal(DataPlan plan) {
        return assertThrows(InputException.class, () -> prepare(plan)).getMessage();
    }

    private static void assertHolds(String message, String... parts) {
        for (String part : parts) {
            assertTrue(message.contains(part), "'" + part + "' is missing in: " + message);
        }
    }

    @Test
    void badImagesAreListedAndLeftOutUpToTheLimit() throws IOException {
        Path train = images("train", 4, 5);
        Path validation = images("validation", 2, 2);
        Files.write(train.resolve("a/1.png"), new byte[0]);
        Files.writeString(train.resolve("b/notes.txt"), "no image");
        Files.write(
                validation.resolve("a/0.png"), Arrays.copyOf(Files.readAllBytes(validation.resolve("a/0.png")), 60));
        DataPlan plan = new DataPlan(open(train), Optional.of(open(validation)), 0, 0.25, SHAPE, 0, 2, false, false, 1);
        ShardedData data = prepare(plan);
        assertArrayEquals(new long[] {3, 5}, data.classCounts());
        assertArrayEquals(new long[] {1, 2}, data.validationClassCounts());
        assertEquals(
                List.of("train/a/1.png", "train/b/notes.txt", "validation/a/0.png"),
                data.badImages().stream()
                        .map(image -> image.name().replaceFirst(".*/(?=[^/]+/./)", ""))
                        .toList());
        assertHolds(data.badImages().get(0).reason(), "empty");
        names(data.training()).forEach(names -> assertTrue(!names.contains("a/1.png")));

        // 2 of 10 are bad.
        prepare(new DataPlan(open(train), Optional.empty(), 0, 0.2, SHAPE, 0, 2, false, false, 1));
        assertHolds(
                refusal(new DataPlan(open(train), Optional.empty(), 0, 0.19, SHAPE, 0, 2, false, false, 1)),
                "2 of 10 images",
                train.toString(),
                "a/1.png (the file is empty)",
                "b/notes.txt (not an image file",
                "0.19",
                "data.badImageLimit");
    }

    @Test
    void aClassOfWhichNothingCanBeReadIsRefused() throws IOException {
        Path train = images("train", 4, 1, 0);
        Files.write(train.resolve("b/0.png"), new byte[0]);
        assertHolds(
                refusal(new DataPlan(open(train), Optional.empty(), 0, 0.5, SHAPE, 0, 2, false, false, 1)),
                "2 of 3 classes",
                "no readable images: b, c");
    }

    @Test
    void nothingButBadImagesIsRefusedWhateverTheLimit() throws IOException {
        Path train = images("train", 1, 1);
        Files.write(train.resolve("a/0.png"), new byte[0]);
        Files.write(train.resolve("b/0.png"), new byte[0]);
        assertHolds(
                refusal(new DataPlan(open(train), Optional.empty(), 0, 1, SHAPE, 0, 2, false, false, 1)),
                "2 of 2 images");
    }

    @Test
    void validationClassesMustBeTheTrainingClasses() throws IOException {
        ImageSource training = open(images("train", 2, 2, 2));
        ImageSource fewer = open(images("fewer", 2, 2));
        Files.move(images("other", 2, 2, 2).resolve("b"), folder.resolve("other/x"));
        ImageSource other = open(folder.resolve("other"));
        assertHolds(
                refusal(new DataPlan(training, Optional.of(fewer), 0, 0, SHAPE, 0, 2, false, false, 1)),
                "3 classes in training, 2 in validation",
                "same classes");
        assertHolds(
                refusal(new DataPlan(training, Optional.of(other), 0, 0, SHAPE, 0, 2, false, false, 1)),
                "class 1 is 'b' in training and 'c' in validation");
    }

    @Test
    void aNumberedValidationSetMayLackTheLastClasses() throws IOException {
        ImageSource training = idx("train", 0, 1, 2, 0, 1, 2);
        assertArrayEquals(
                new long[] {1, 1, 0},
                prepare(new DataPlan(training, Optional.of(idx("few", 0, 1)), 0, 0, SHAPE, 0, 2, false, false, 1))
                        .validationClassCounts());
        assertHolds(
                refusal(new DataPlan(training, Optional.of(idx("many", 0, 3)), 0, 0, SHAPE, 0, 2, false, false, 1)),
                "3 classes in training, 4 in validation");
        assertHolds(refusal(plan(idx("one", 0, 0), 0, 1, 1)), "1 class", "at least two");
        assertHolds(refusal(plan(idx("gap", 0, 2), 0, 1, 1)), "no readable images: 1");
    }

    private ImageSource idx(String name, int... labels) throws IOException {
        TestImages.write(
                folder.resolve(name).resolve("train-images-idx3-ubyte"),
                TestImages.idx(new byte[labels.length * 4], labels.length, 2, 2));
        TestImages.write(
                folder.resolve(name).resolve("train-labels-idx1-ubyte"),
                TestImages.idx(TestImages.bytes(labels), labels.length));
        return open(folder.resolve(name));
    }

    @Test
    void aSplitOfNothingIsRefused() throws IOException {
        assertHolds(
                refusal(plan(open(images("train", 2, 2)), 0.1, 2, 1)),
                "data.validationFraction = 0.1",
                "4 images",
                "no image at all");
    }

    @Test
    void anInputExceptionOfATaskIsThrownAsItIs() throws IOException {
        ImageSource source = idx("train", 0, 1);
        Files.write(folder.resolve("train/train-images-idx3-ubyte"), new byte[17]);
        assertHolds(refusal(plan(source, 0, 2, 1)), "train-images-idx3-ubyte", "could not be read");
    }
}
