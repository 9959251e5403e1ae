package org.starling.data.augmentation;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is changed in training pictures, one step after the other.
 *
 * @param steps of different names
 */
public record Augmentation(List<AugmentationStep> steps) implements Serializable {
    /** Every picture as it is evaluated. */
    public static final Augmentation NONE = new Augmentation(List.of());

    public Augmentation {
        steps = List.copyOf(steps);
        if (steps.stream().map(AugmentationStep::name).distinct().count() != steps.size()) {
            throw new IllegalArgumentException("two steps have one name: they would draw alike");
        }
    }

    /** These steps. */
    public static Augmentation of(AugmentationStep... steps) {
        return new Augmentation(List.of(steps));
    }

    /** These and others after them. */
    public Augmentation then(List<AugmentationStep> others) {
        return new Augmentation(Stream.concat(steps.stream(), others.stream()).toList());
    }
}
