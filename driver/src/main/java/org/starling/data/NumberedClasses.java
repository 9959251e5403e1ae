package org.starling.data;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.starling.InputException;

/**
 * The classes of a set whose images have numbers.
 *
 * @param names by number
 * @param named whether {@code classes.txt} beside the set gave them; if not they are the numbers
 */
record NumberedClasses(List<String> names, boolean named) {
    static final String FILE = "classes.txt";

    /** A larger number is a mistake, and no layer has as many outputs. */
    private static final int MOST = 1_000_000;

    /**
     * Finds the names.
     *
     * @param largest number of an image
     * @param subject what has such images, to begin a message
     * @throws InputException when there are fewer names, or more classes than a network has
     */
    static NumberedClasses of(SourceFiles files, int largest, String subject) {
        if (largest >= MOST) {
            throw new InputException(
                    "%s has an image of class %d. Expected numbers below %d.".formatted(subject, largest, MOST));
        }
        Optional<List<String>> names = files.classNames(FILE);
        if (names.isPresent() && names.get().size() <= largest) {
            throw new InputException(
                    "%s has images of class %d, but %s in %s names %d classes: numbers go from 0 to %d. Name every class there, or correct the numbers."
                            .formatted(
                                    subject,
                                    largest,
                                    FILE,
                                    files.folder(),
                                    names.get().size(),
                                    names.get().size() - 1));
        }
        return new NumberedClasses(
                names.orElseGet(() -> IntStream.rangeClosed(0, largest)
                        .mapToObj(String::valueOf)
                        .toList()),
                names.isPresent());
    }
}
