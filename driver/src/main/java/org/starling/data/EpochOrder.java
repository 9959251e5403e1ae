package org.starling.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The order in which a replica sees its images in one epoch, a formula: whoever starts anywhere in it reads no more than one window of parts
 * before the first image, and then one part after the other.
 *
 * <p>The parts are shuffled and laid in a circle, and so are the images of each. An epoch goes around the circle in as many turns as there are parts:
 * turn s takes the next share of the images of each of the parts that end with part s, as many as are mixed, and shuffles what it took. So every part
 * is open for that many turns, and each turn opens one.
 */
final class EpochOrder {
    /** Some 30 MB: as images lie in a set in the order of a hash, or are dealt in one, few parts mix well. */
    static final int WINDOW = 8;

    private final int[] sizes;
    /** Parts that are open at a time: one less than the window, for a part may be opened for the last image that is wanted. */
    private final int mixed;

    private final int[] circle;
    /** Images before each turn. */
    private final int[] starts;

    private final long seed;

    /**
     * @param sizes images of each part
     * @param window parts that are read at most beside those that the images wanted fill, at least 2
     * @param seed of the run
     */
    EpochOrder(int[] sizes, int window, long seed, int epoch, int replica) {
        this.sizes = sizes;
        this.mixed = Math.max(1, Math.min(window - 1, sizes.length));
        this.seed = SeededHash.of(seed, SeededHash.Purpose.ORDER, epoch, replica);
        this.circle = shuffled(sizes.length, this.seed);
        this.starts = new int[sizes.length + 1];
        for (int turn = 0; turn < sizes.length; turn++) {
            starts[turn + 1] = starts[turn];
            for (int age = 0; age < mixed; age++) {
                int part = part(turn, age);
                starts[turn + 1] += share(part, age + 1) - share(part, age);
            }
        }
    }

    /** A permutation of 0 to n - 1 (Fisher and Yates). */
    static int[] shuffled(int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] order = IntStream.range(0, n).toArray();
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    /** The part that has been open for so many turns. */
    private int part(int turn, int age) {
        return circle[Math.floorMod(turn - age, circle.length)];
    }

    /** How many of a part's images are taken in its first turns. */
    private int share(int part, int turns) {
        return (int) ((long) sizes[part] * turns / mixed);
    }

    /**
     * The images from a position on.
     *
     * @param from images to pass over
     * @param read reads a part
     */
    Iterator<ImageRecord> iterator(int from, IntFunction<List<ImageRecord>> read) {
        return new Turns(from, read);
    }

    private final class Turns implements Iterator<ImageRecord> {
        private final IntFunction<List<ImageRecord>> read;
        private final Map<Integer, List<ImageRecord>> open = new HashMap<>();
        private int turn;
        private int toPass;
        private List<ImageRecord> images = List.of();
        private int next;

        Turns(int from, IntFunction<List<ImageRecord>> read) {
            this.read = read;
            while (turn < sizes.length && starts[turn + 1] <= from) {
                turn++;
            }
            this.toPass = turn < sizes.length ? from - starts[turn] : 0;
        }

        @Override
        public boolean hasNext() {
            while (next == images.size() && turn < sizes.length) {
                images = starts[turn + 1] > starts[turn] ? take() : List.of();
                next = toPass;
                toPass = 0;
                turn++;
            }
            return next < images.size();
        }

        @Override
        public ImageRecord next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return images.get(next++);
        }

        private List<ImageRecord> take() {
            List<ImageRecord> taken = new ArrayList<>();
            for (int age = mixed - 1; age >= 0; age--) {
                int part = part(turn, age);
                int begin = share(part, age);
                int end = share(part, age + 1);
                if (end > begin) {
                    List<ImageRecord> all = open.computeIfAbsent(part, read::apply);
                    int[] order = shuffled(sizes[part], SeededHash.of(seed, SeededHash.Purpose.PART, part));
                    for (int i = begin; i < end; i++) {
                        taken.add(all.get(order[i]));
                    }
                }
                // Where all parts are open in every turn each would be opened again at once.
                if (age == mixed - 1 && mixed < sizes.length) {
                    open.remove(part);
                }
            }
            int[] order = shuffled(taken.size(), SeededHash.of(seed, SeededHash.Purpose.TURN, turn));
            return IntStream.of(order).mapToObj(taken::get).toList();
        }
    }
}
