package org.starling.data.augmentation;

import java.util.SplittableRandom;

/**
 * Moves pictures, filling with the mean.
 *
 * @param pixels by which they move at most, in each direction
 */
public record Shift(int pixels) implements AugmentationStep {
    @Override
    public String name() {
        return "shift";
    }

    @Override
    public void apply(Rendering rendering, SplittableRandom random) {
        int down = random.nextInt(-pixels, pixels + 1);
        rendering.move(down, random.nextInt(-pixels, pixels + 1));
    }
}
