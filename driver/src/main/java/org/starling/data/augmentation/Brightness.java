package org.starling.data.augmentation;

import java.util.SplittableRandom;

/**
 * Multiplies all values of a picture by a random factor.
 *
 * @param strength the factor lies between 1 - strength and 1 + strength
 */
public record Brightness(double strength) implements AugmentationStep {
    @Override
    public String name() {
        return "brightness";
    }

    @Override
    public void apply(Rendering rendering, SplittableRandom random) {
        rendering.colours().brighten(1 + strength * (2 * random.nextDouble() - 1));
    }
}
