package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EpochOrderTest {
    private static final int IMAGES = 7;

    private final List<Integer> opened = new ArrayList<>();

    private List<ImageRecord> read(int part, int size) {
        opened.add(part);
        return IntStream.range(0, size)
                .mapToObj(i -> TestImages.raw(part + "/" + i, 0, 1, 1, 1, new byte[1]))
                .toList();
    }

    private static int[] sizes(int parts) {
        return IntStream.range(0, parts).map(part -> IMAGES + part % 3).toArray();
    }

    private List<String> names(EpochOrder order, int[] sizes, int from, int count) {
        Iterator<ImageRecord> images = order.iterator(from, part -> read(part, sizes[part]));
        List<String> names = new ArrayList<>();
        while (names.size() < count && images.hasNext()) {
            names.add(images.next().name());
        }
        return names;
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "1, 2", "1, 8", "5, 8", "7, 8", "8, 8", "9, 8", "40, 8", "40, 2", "6, 5"})
    void everyImageComesOnceAnEpochAndAnyPlaceCanBeTheFirst(int parts, int window) {
        int[] sizes = sizes(parts);
        int all = IntStream.of(sizes).sum();
        EpochOrder order = new EpochOrder(sizes, window, 1, 2, 3);
        List<String> whole = names(order, sizes, 0, Integer.MAX_VALUE);
        assertEquals(all, whole.size());
        assertEquals(all, new HashSet<>(whole).size());
        for (int from = 0; from <= all; from += 5) {
            assertEquals(whole.subList(from, all), names(order, sizes, from, Integer.MAX_VALUE), "from " + from);
        }
        for (int other = 1; other < 3 && all > 5; other++) {
            EpochOrder next = new EpochOrder(sizes, window, 1 + (other & 1), 2 + (other >> 1), 3);
            assertNotEquals(whole, names(next, sizes, 0, Integer.MAX_VALUE));
        }
        if (all > 5) {
            assertNotEquals(whole, names(new EpochOrder(sizes, window, 1, 2, 4), sizes, 0, Integer.MAX_VALUE));
        }
    }

    @ParameterizedTest
    @CsvSource({"40, 8", "40, 2", "9, 8", "8, 8", "7, 8", "30, 3"})
    void whatIsReadBesideTheImagesIsOneWindowAtMost(int parts, int window) {
        int[] sizes = sizes(parts);
        int all = IntStream.of(sizes).sum();
        EpochOrder order = new EpochOrder(sizes, window, 1, 2, 3);
        for (int from = 0; from < all; from += 11) {
            for (int count : new int[] {1, 20, 100, all}) {
                opened.clear();
                int wanted = names(order, sizes, from, count).size();
                int readImages = opened.stream().mapToInt(part -> sizes[part]).sum();
                // The largest part has IMAGES + 2.
                assertTrue(
                        readImages <= wanted + window * (IMAGES + 2),
                        readImages + " images read for " + wanted + " from " + from);
            }
        }
        opened.clear();
        names(order, sizes, 0, all);
        assertEquals(parts + (window - 1 < parts ? window - 2 : 0), opened.size());
    }

    @Test
    void theImagesOfAPartComeWithinAWindow() {
        int[] sizes = sizes(40);
        EpochOrder order = new EpochOrder(sizes, 8, 1, 2, 3);
        List<String> whole = names(order, sizes, 0, Integer.MAX_VALUE);
        // A part's images come within 7 turns of one part's images each, but for where the circle closes.
        int wide = 0;
        for (int part = 0; part < 40; part++) {
            String prefix = part + "/";
            List<Integer> places = IntStream.range(0, whole.size())
                    .filter(i -> whole.get(i).startsWith(prefix))
                    .boxed()
                    .toList();
            wide += places.get(places.size() - 1) - places.get(0) > 8 * (IMAGES + 2) ? 1 : 0;
        }
        assertEquals(6, wide);
    }

    @Test
    void everyPlaceIsAboutEquallyLikelyForAnImage() {
        int[] sizes = {2, 2, 2};
        int[][] counts = new int[6][6];
        for (int epoch = 0; epoch < 6000; epoch++) {
            List<String> names = names(new EpochOrder(sizes, 4, 1, epoch, 0), sizes, 0, 6);
            for (int place = 0; place < 6; place++) {
                String[] name = names.get(place).split("/");
                counts[2 * Integer.parseInt(name[0]) + Integer.parseInt(name[1])][place]++;
            }
        }
        for (int[] row : counts) {
            for (int count : row) {
                assertEquals(1000, count, 150); // five standard deviations
            }
        }
    }

    @Test
    void aShuffleGivesEveryPermutation() {
        Set<List<Integer>> seen = new HashSet<>();
        for (int seed = 0; seed < 2000; seed++) {
            seen.add(IntStream.of(EpochOrder.shuffled(4, seed)).boxed().toList());
        }
        assertEquals(24, seen.size());
    }
}
