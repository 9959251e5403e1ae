package org.starling.data.augmentation;

import java.util.SplittableRandom;

/**
 * Takes all colours of a picture nearer to or farther from grey, by a random factor.
 *
 * @param strength the factor lies between 1 - strength and 1 + strength
 */
public record Saturation(double strength) implements AugmentationStep {
    @Override
    public String name() {
        return "saturation";
    }

    @Override
    public void apply(Rendering rendering, SplittableRandom random) {
        rendering.colours().saturate(1 + strength * (2 * random.nextDouble() - 1));
    }
}
