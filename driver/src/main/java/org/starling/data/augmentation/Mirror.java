package org.starling.data.augmentation;

import java.util.SplittableRandom;

/** Flips half of the pictures left to right. */
public record Mirror() implements AugmentationStep {
    @Override
    public String name() {
        return "mirror";
    }

    @Override
    public void apply(Rendering rendering, SplittableRandom random) {
        if (random.nextBoolean()) {
            rendering.mirror();
        }
    }
}
