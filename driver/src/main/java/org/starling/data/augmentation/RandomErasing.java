package org.starling.data.augmentation;

import java.util.SplittableRandom;

/**
 * Covers a rectangle of some pictures with the set's mean colour (Zhong et al. 2020, "Random erasing data augmentation").
 *
 * @param probability that a picture has one
 * @param minArea of the rectangle, as a fraction of the network's input
 * @param maxArea likewise
 */
public record RandomErasing(double probability, double minArea, double maxArea) implements AugmentationStep {
    /** The paper's: aspect ratios from this to its inverse. */
    private static final double MIN_ASPECT_RATIO = 0.3;

    private static final int TRIES = 10;

    @Override
    public String name() {
        return "erasing";
    }

    @Override
    public void apply(Rendering rendering, SplittableRandom random) {
        if (random.nextDouble() >= probability) {
            return;
        }
        for (int i = 0; i < TRIES; i++) {
            RandomShape shape = RandomShape.draw(
                    random,
                    minArea,
                    maxArea,
                    MIN_ASPECT_RATIO,
                    1 / MIN_ASPECT_RATIO,
                    rendering.height(),
                    rendering.width());
            if (shape.fits(rendering.height(), rendering.width())) {
                int top = random.nextInt(rendering.height() - shape.height() + 1);
                int left = random.nextInt(rendering.width() - shape.width() + 1);
                rendering.cover(new Rendering.Area(top, left, shape.height(), shape.width()));
                return;
            }
        }
    }
}
