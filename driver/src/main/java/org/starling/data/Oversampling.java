package org.starling.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * An epoch in which classes come equally often: images of all but the largest class come several times. How many times is the same in each epoch: the
 * largest class's images by the class's own, where the part beyond the point is the chance of one time more. Copies are changed each in its own way.
 *
 * @param times of each class, at least 1
 * @param seed of the chances
 */
record Oversampling(double[] times, long seed) implements Serializable {
    /** @param classCounts images of each class, of which none counts that is 0 */
    static Oversampling of(long[] classCounts, long seed) {
        long largest = Arrays.stream(classCounts).max().orElse(0);
        return new Oversampling(
                Arrays.stream(classCounts)
                        .mapToDouble(count -> count == 0 ? 1 : (double) largest / count)
                        .toArray(),
                seed);
    }

    /** How often an image comes in an epoch. */
    int copies(NamedImage image) {
        double wanted = times[image.label()];
        int whole = (int) wanted;
        double chance = (SeededHash.of(seed, SeededHash.Purpose.COPIES, image.name()) >>> 11) * 0x1p-53;
        return chance < wanted - whole ? whole + 1 : whole;
    }

    /** Each image with its copies behind it. The copies are called NAME (2) and so on: what is random of an image goes by its name. */
    Iterator<ImageRecord> repeated(Iterator<ImageRecord> images) {
        return new Iterator<>() {
            private final List<ImageRecord> copies = new ArrayList<>();
            private int next;

            @Override
            public boolean hasNext() {
                return next < copies.size() || images.hasNext();
            }

            @Override
            public ImageRecord next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                if (next == copies.size()) {
                    copies.clear();
                    next = 0;
                    ImageRecord image = images.next();
                    copies.add(image);
                    int wanted = copies(image);
                    for (int copy = 2; copy <= wanted; copy++) {
                        copies.add(image.named(image.name() + " (" + copy + ")"));
                    }
                }
                return copies.get(next++);
            }
        };
    }
}
