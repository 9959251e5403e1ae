package org.starling.data.augmentation;

import java.util.SplittableRandom;

/**
 * Takes all values of a picture nearer to or farther from the grey of its mean brightness, by a random factor.
 *
 * @param strength the factor lies between 1 - strength and 1 + strength
 */
public record Contrast(double strength) implements AugmentationStep {
    @Override
    public String name() {
        return "contrast";
    }

    @Override
    public void apply(Rendering rendering, SplittableRandom random) {
        rendering.colours().contrast(1 + strength * (2 * random.nextDouble() - 1));
    }
}
