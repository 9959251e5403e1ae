package org.starling.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A training set cut in two by a seeded hash of the images' names. The kept part of each class is the wanted fraction to
 * within one image, the whole is the fraction rounded, and at least one image of each class stays for training.
 */
record ValidationSplit<T extends NamedImage>(List<T> training, List<T> validation) {

    static <T extends NamedImage> ValidationSplit<T> of(List<T> images, int classes, double fraction, long seed) {
        List<List<T>> byClass = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            byClass.add(new ArrayList<>());
        }
        images.forEach(image -> byClass.get(image.label()).add(image));
        int[] quotas = quotas(byClass.stream().mapToInt(List::size).toArray(), fraction);
        Set<String> chosen = new HashSet<>();
        for (int c = 0; c < classes; c++) {
            byClass.get(c).stream()
                    .sorted(Comparator.comparingLong(
                                    (T image) -> SeededHash.of(seed, SeededHash.Purpose.VALIDATION_SPLIT, image.name()))
                            .thenComparing(NamedImage::name))
                    .limit(quotas[c])
                    .forEach(image -> chosen.add(image.name()));
        }
        List<T> training = new ArrayList<>();
        List<T> validation = new ArrayList<>();
        images.forEach(image -> (chosen.contains(image.name()) ? validation : training).add(image));
        return new ValidationSplit<>(training, validation);
    }

    /** Images to take of each class: largest remainders, so that the total is the fraction of all images, rounded. */
    static int[] quotas(int[] sizes, double fraction) {
        int[] quotas = new int[sizes.length];
        long left = Math.round(IntStream.of(sizes).asLongStream().sum() * fraction);
        for (int c = 0; c < sizes.length; c++) {
            quotas[c] = (int) (sizes[c] * fraction);
            left -= quotas[c];
        }
        List<Integer> byRemainder = IntStream.range(0, sizes.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer c) -> quotas[c] - sizes[c] * fraction))
                .toList();
        for (int c : byRemainder) {
            if (left > 0 && quotas[c] < sizes[c] - 1) {
                quotas[c]++;
                left--;
            }
        }
        return quotas;
    }
}
