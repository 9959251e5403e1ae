package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.starling.InputException;
import org.starling.data.augmentation.Augmentation;
import org.starling.data.augmentation.Mirror;
import org.starling.data.augmentation.RandomErasing;
import org.starling.data.augmentation.Rendering;
import org.starling.data.augmentation.Shift;
import org.starling.data.augmentation.Views;
import org.starling.model.DataFormat;
import org.starling.model.ImageShape;

class MinibatchesTest {
    private static final ImageShape LAST = new ImageShape(4, 5, 3, DataFormat.CHANNELS_LAST);
    private static final ImageShape FIRST = new ImageShape(4, 5, 3, DataFormat.CHANNELS_FIRST);
    private static final Normalization NORMALIZATION =
            new Normalization(new double[] {100, 120, 140}, new double[] {50, 60, 70});
    private static final Preprocessing PREPROCESSING = new Preprocessing(0, NORMALIZATION);

    private static Shard shard(int replica, int size) {
        return Shard.of(replica, images(replica, size));
    }

    private static List<ImageRecord> images(int replica, int size) {
        Random random = new Random(11);
        List<ImageRecord> records = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            byte[] values = new byte[4 * 5 * 3];
            random.nextBytes(values);
            records.add(TestImages.raw("image " + i, i % 10, 4, 5, 3, values));
        }
        return records;
    }

    private static List<Minibatch> training(Shard shard, ImageShape shape, Augmentation augmentation, int epoch) {
        return list(Minibatches.training(shard, shape, PREPROCESSING, augmentation, 8, 42, epoch, 0, 1000));
    }

    private static List<Minibatch> list(Iterator<Minibatch> batches) {
        List<Minibatch> list = new ArrayList<>();
        batches.forEachRemaining(list::add);
        return list;
    }

    private static List<String> names(List<Minibatch> batches) {
        return batches.stream()
                .flatMap(batch -> batch.records().stream())
                .map(ImageRecord::name)
                .toList();
    }

    /** Value of an image by its coordinates, normalized, straight from the definition. */
    private static float expected(ImageRecord image, int y, int x, int c) {
        int value = image.bytes()[(y * 5 + x) * 3 + c] & 0xFF;
        return (float) ((value - NORMALIZATION.mean()[c]) / NORMALIZATION.deviation()[c]);
    }

    private static float at(Minibatch batch, ImageShape shape, int image, int y, int x, int c) {
        int offset = image * 60;
        return shape.format() == DataFormat.CHANNELS_LAST
                ? batch.features()[offset + (y * 5 + x) * 3 + c]
                : batch.features()[offset + (c * 4 + y) * 5 + x];
    }

    /** 98 becomes the middle between two floats, and multiplied by 1 / 49 a little less. */
    @Test
    void valuesAreDividedByTheDeviationWhereMultiplyingWouldRoundToOthers() {
        double mean = 49 * Math.scalb(1.0, -24);
        assertNotEquals((float) ((98 - mean) / 49), (float) ((98 - mean) * (1.0 / 49)));
        byte[] values = new byte[60];
        Arrays.fill(values, (byte) 98);
        Normalization normalization = new Normalization(new double[] {100, mean, 140}, new double[] {50, 49, 70});
        Minibatch batch = Minibatches.inOrder(
                        List.of(TestImages.raw("even", 0, 4, 5, 3, values)).iterator(),
                        LAST,
                        new Preprocessing(0, normalization),
                        1,
                        new Decoders())
                .next();
        assertEquals((float) ((98 - mean) / 49), at(batch, LAST, 0, 2, 2, 1));
        assertEquals((float) ((98 - 100) / 50.0), at(batch, LAST, 0, 2, 2, 0));
    }

    @Test
    void anEpochHasEveryImageOnceInBatchesOfWhichTheLastIsPartial() {
        List<Minibatch> batches = training(shard(0, 21), LAST, Augmentation.NONE, 1);
        assertEquals(List.of(8, 8, 5), batches.stream().map(Minibatch::size).toList());
        assertEquals(3, Minibatches.stepsPerEpoch(21, 8));
        assertEquals(21, new HashSet<>(names(batches)).size());
        for (Minibatch batch : batches) {
            assertTrue(batch.features().length >= batch.size() * 60);
            for (int i = 0; i < batch.size(); i++) {
                assertEquals(batch.records().get(i).label(), batch.labels()[i]);
            }
        }
    }

    @Test
    void theOrderIsAFunctionOfSeedEpochAndReplica() {
        List<String> order = names(training(shard(0, 40), LAST, Augmentation.NONE, 1));
        assertEquals(order, names(training(shard(0, 40), LAST, Augmentation.NONE, 1)));
        Set<List<String>> orders = new HashSet<>(List.of(order));
        assertTrue(orders.add(names(training(shard(0, 40), LAST, Augmentation.NONE, 2))), "epoch");
        assertTrue(orders.add(names(training(shard(1, 40), LAST, Augmentation.NONE, 1))), "replica");
        assertTrue(
                orders.add(names(list(Minibatches.training(
                        shard(0, 40), LAST, PREPROCESSING, Augmentation.NONE, 8, 43, 1, 0, 1000)))),
                "seed");
        assertTrue(orders.add(images(0, 40).stream().map(ImageRecord::name).toList()), "the order of the shard");
    }

    @Test
    void aRangeOfStepsIsThatPartOfTheEpochAugmentationIncluded() {
        Shard shard = shard(2, 37);
        Augmentation augmentation = Augmentation.of(new Mirror(), new Shift(2));
        List<Minibatch> all = training(shard, LAST, augmentation, 3);
        List<Minibatch> parts = new ArrayList<>();
        for (int first = 0; first < 5; first += 2) {
            parts.addAll(list(Minibatches.training(shard, LAST, PREPROCESSING, augmentation, 8, 42, 3, first, 2)));
        }
        assertEquals(all.size(), parts.size());
        for (int s = 0; s < all.size(); s++) {
            assertArrayEquals(all.get(s).features(), parts.get(s).features());
            assertArrayEquals(all.get(s).labels(), parts.get(s).labels());
        }
        assertFalse(Minibatches.training(shard, LAST, PREPROCESSING, augmentation, 8, 42, 3, 5, 2)
                .hasNext());
    }

    @Test
    void arraysThatAreGivenBackAreUsedAgainAndLeaveNoTrace() {
        Shard shard = shard(1, 21);
        Augmentation augmentation = Augmentation.of(new Mirror(), new Shift(3), new RandomErasing(0.5, 0.1, 0.4));
        List<Minibatch> fresh = training(shard, LAST, augmentation, 2);
        Decoders decoders = new Decoders();
        float[] used = new float[8 * 60 + 1];
        Arrays.fill(used, Float.NaN);
        decoders.giveBack(new Minibatch(used, new int[0], 0));
        Iterator<Minibatch> batches =
                Minibatches.training(shard, LAST, PREPROCESSING, augmentation, 8, 42, 2, 0, 1000, decoders);
        for (Minibatch expected : fresh) {
            Minibatch batch = batches.next();
            assertSame(used, batch.features());
            assertArrayEquals(
                    Arrays.copyOf(expected.features(), expected.size() * 60),
                    Arrays.copyOf(batch.features(), batch.size() * 60));
            Arrays.fill(used, Float.NaN);
            decoders.giveBack(batch);
        }
        assertFalse(batches.hasNext());
        decoders.take(1);
        decoders.giveBack(new Minibatch(new float[3], new int[0], 0));
        assertEquals(4, decoders.take(4).length, "one that is too short is of no use");
    }

    @Test
    void valuesAreNormalizedInTheOrderOfTheShape() {
        for (ImageShape shape : List.of(LAST, FIRST)) {
            Minibatch batch = Minibatches.inOrder(shard(0, 3).images(), shape, PREPROCESSING, 3, new Decoders())
                    .next();
            for (int i = 0; i < 3; i++) {
                ImageRecord image = batch.records().get(i);
                assertEquals("image " + i, image.name());
                for (int y = 0; y < 4; y++) {
                    for (int x = 0; x < 5; x++) {
                        for (int c = 0; c < 3; c++) {
                            assertEquals(expected(image, y, x, c), at(batch, shape, i, y, x, c));
                        }
                    }
                }
            }
        }
    }

    /** Finds the flip and move that an augmented image shows, by trying them all. */
    private static int[] findChange(Minibatch batch, ImageShape shape, int i, int shift) {
        ImageRecord image = batch.records().get(i);
        int[] found = null;
        for (int mirror = 0; mirror < 2; mirror++) {
            for (int down = -shift; down <= shift; down++) {
                for (int right = -shift; right <= shift; right++) {
                    if (shows(batch, shape, i, image, mirror == 1, down, right)) {
                        assertEquals(null, found, "two changes fit");
                        found = new int[] {mirror, down, right};
                    }
                }
            }
        }
        assertTrue(found != null, "no change fits " + image.name());
        return found;
    }

    private static boolean shows(
            Minibatch batch, ImageShape shape, int i, ImageRecord image, boolean mirror, int down, int right) {
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 5; x++) {
                int fromY = y - down;
                int fromX = x - right;
                boolean inside = fromY >= 0 && fromY < 4 && fromX >= 0 && fromX < 5;
                for (int c = 0; c < 3; c++) {
                    float value = inside ? expected(image, fromY, mirror ? 4 - fromX : fromX, c) : 0;
                    if (at(batch, shape, i, y, x, c) != value) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    @Test
    void mirrorAndShiftAreDrawnForEachImageAndEpoch() {
        int shift = 1;
        Map<List<Integer>, Integer> seen = new HashMap<>();
        Map<String, Set<List<Integer>>> changesOfImage = new HashMap<>();
        for (int epoch = 1; epoch <= 20; epoch++) {
            for (ImageShape shape : List.of(LAST, FIRST)) {
                for (Minibatch batch :
                        training(shard(0, 60), shape, Augmentation.of(new Mirror(), new Shift(shift)), epoch)) {
                    for (int i = 0; i < batch.size(); i++) {
                        int[] found = findChange(batch, shape, i, shift);
                        List<Integer> change = Arrays.stream(found).boxed().toList();
                        seen.merge(change, 1, Integer::sum);
                        changesOfImage
                                .computeIfAbsent(batch.records().get(i).name(), name -> new HashSet<>())
                                .add(change);
                    }
                }
            }
        }
        // 2400 draws of 18 equally likely changes; both shapes see the same draws, so 1200 are independent.
        assertEquals(18, seen.size());
        seen.forEach((change, count) -> assertEquals(2400 / 18.0, count, 2 * 5 * Math.sqrt(1200 / 18.0), "" + change));
        changesOfImage.forEach((name, changes) -> assertTrue(changes.size() > 5, name));
    }

    @Test
    void augmentationFollowsTheImageWhereverItIsDealt() {
        Augmentation augmentation = Augmentation.of(new Mirror(), new Shift(1));
        Map<String, float[]> seen = new HashMap<>();
        for (Minibatch batch : training(shard(0, 30), LAST, augmentation, 4)) {
            IntStream.range(0, batch.size())
                    .forEach(i -> seen.put(
                            batch.records().get(i).name(), Arrays.copyOfRange(batch.features(), i * 60, i * 60 + 60)));
        }
        for (Minibatch batch : training(shard(5, 30), LAST, augmentation, 4)) {
            for (int i = 0; i < batch.size(); i++) {
                assertArrayEquals(
                        seen.get(batch.records().get(i).name()),
                        Arrays.copyOfRange(batch.features(), i * 60, i * 60 + 60));
            }
        }
    }

    @Test
    void aShiftLargerThanTheImageIsAllMean() {
        float[] features = new float[60];
        Rendering rendering = new Rendering(4, 5, 4, 5, 3);
        rendering.mirror();
        rendering.move(9, -9);
        new InputPlacement(LAST, NORMALIZATION).place(new byte[60], rendering, features, 0);
        assertArrayEquals(new float[60], features);
    }

    @Test
    void anEmptyShardGivesNothing() {
        Iterator<Minibatch> batches =
                Minibatches.training(Shard.of(3, List.of()), LAST, PREPROCESSING, Augmentation.NONE, 8, 1, 1, 0, 5);
        assertFalse(batches.hasNext());
        assertThrows(NoSuchElementException.class, batches::next);
    }

    @Test
    void severalThreadsMakeTheMinibatchesThatOneMakes() {
        List<ImageRecord> records = images(0, 50);
        // A batch of nothing else too.
        for (int place : new int[] {0, 3, 4, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 40, 62}) {
            records.add(place, TestImages.raw("broken " + place, 0, 4, 5, 3, new byte[1]));
        }
        List<String> expectedBad = new ArrayList<>();
        List<Minibatch> expected = list(Minibatches.inOrder(
                records.iterator(),
                LAST,
                PREPROCESSING,
                Views.TEN,
                8,
                new Decoders(),
                (image, bad) -> expectedBad.add(bad.name())));
        assertEquals(50, names(expected).size());
        assertEquals(15, expectedBad.size());
        List<String> foundBad = new ArrayList<>();
        try (Decoders three = new Decoders(3)) {
            List<Minibatch> found = list(Minibatches.inOrder(
                    records.iterator(),
                    LAST,
                    PREPROCESSING,
                    Views.TEN,
                    8,
                    three,
                    (image, bad) -> foundBad.add(bad.name())));
            assertEquals(names(expected), names(found));
            for (int b = 0; b < expected.size(); b++) {
                int values = expected.get(b).pictures() * LAST.length();
                assertArrayEquals(
                        Arrays.copyOf(expected.get(b).features(), values),
                        Arrays.copyOf(found.get(b).features(), values));
                assertArrayEquals(expected.get(b).labels(), found.get(b).labels());
            }
        }
        assertEquals(expectedBad, foundBad);
    }

    @Test
    void badImagesAreReportedAndLeftOutOrRefused() {
        List<ImageRecord> records = images(0, 3);
        records.add(1, TestImages.raw("broken", 0, 4, 5, 3, new byte[1]));
        List<BadImage> bad = new ArrayList<>();
        List<Minibatch> batches = list(Minibatches.inOrder(
                records.iterator(), LAST, PREPROCESSING, Views.CENTRE, 2, new Decoders(), (image, b) -> bad.add(b)));
        assertEquals(List.of("image 0", "image 1", "image 2"), names(batches));
        assertEquals(List.of(2, 1), batches.stream().map(Minibatch::size).toList());
        assertEquals("broken", bad.get(0).name());
        Iterator<Minibatch> strict = Minibatches.inOrder(records.iterator(), LAST, PREPROCESSING, 2, new Decoders());
        String message = assertThrows(InputException.class, strict::next).getMessage();
        assertTrue(message.contains("broken") && message.contains("1 values"), message);
    }

    @Test
    void tenViewsAreTheCornersTheCentreAndTheirMirrorImages() {
        // 7 x 8 pixels, of which a network of 4 x 5 sees parts.
        byte[] values = new byte[7 * 8 * 3];
        new Random(8).nextBytes(values);
        ImageRecord image = TestImages.raw("picture", 0, 7, 8, 3, values);
        Preprocessing unscaled = new Preprocessing(7, NORMALIZATION);
        for (ImageShape shape : List.of(LAST, FIRST)) {
            Minibatch batch = Minibatches.inOrder(
                            List.of(image).iterator(), shape, unscaled, Views.TEN, 1, new Decoders(), (record, bad) -> {
                                throw new AssertionError(bad.reason());
                            })
                    .next();
            assertEquals(1, batch.size());
            assertEquals(10, batch.pictures());
            int[][] corners = {{0, 0}, {0, 3}, {3, 0}, {3, 3}, {1, 1}};
            for (int view = 0; view < 10; view++) {
                int[] corner = corners[view % 5];
                for (int y = 0; y < 4; y++) {
                    for (int x = 0; x < 5; x++) {
                        int column = corner[1] + (view < 5 ? x : 4 - x);
                        for (int c = 0; c < 3; c++) {
                            int value = values[((corner[0] + y) * 8 + column) * 3 + c] & 0xFF;
                            float wanted = (float) ((value - NORMALIZATION.mean()[c])
                                    / NORMALIZATION.deviation()[c]);
                            assertEquals(wanted, at(batch, shape, view, y, x, c), "view " + view);
                        }
                    }
                }
            }
        }
    }

    @Test
    void hashesOfSimilarNamesAndPurposesDiffer() {
        Set<Long> hashes = new HashSet<>();
        for (SeededHash.Purpose purpose : SeededHash.Purpose.values()) {
            for (long seed = 0; seed < 3; seed++) {
                for (int i = 0; i < 20_000; i++) {
                    assertTrue(hashes.add(SeededHash.of(seed, purpose, "class/" + i)));
                }
            }
        }
        assertNotEquals(
                SeededHash.of(1, SeededHash.Purpose.ORDER, 2, 3), SeededHash.of(1, SeededHash.Purpose.ORDER, 3, 2));
    }
}
