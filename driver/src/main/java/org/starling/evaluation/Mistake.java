package org.starling.evaluation;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A wrongly classified image.
 *
 * @param name of the image in its set
 * @param actual its class
 * @param predicted the most probable class
 * @param probability of the predicted class
 */
public record Mistake(String name, int actual, int predicted, float probability) implements Serializable {
    static final Comparator<Mistake> SUREST_FIRST =
            Comparator.comparing(Mistake::probability).reversed().thenComparing(Mistake::name);

    /** Of several samples' mistakes those made with the greatest confidence; the order in which they are given does not matter. */
    public static List<Mistake> surest(Stream<Mistake> mistakes, int limit) {
        return mistakes.sorted(SUREST_FIRST).limit(limit).toList();
    }
}
