package org.starling.data.augmentation;

import java.util.SplittableRandom;

/**
 * Shows a part of random size, shape and place, scaled to the network's input (Szegedy et al. 2015, "Going deeper with convolutions", section 6). Where
 * ten tries give none that fits, it is the largest part at the centre whose shape is allowed.
 *
 * @param minArea of the part, as a fraction of the picture's
 * @param maxArea likewise, at most 1
 * @param minAspectRatio of the part, width by height
 * @param maxAspectRatio likewise
 */
public record RandomResizedCrop(double minArea, double maxArea, double minAspectRatio, double maxAspectRatio)
        implements AugmentationStep {
    private static final int TRIES = 10;

    @Override
    public String name() {
        return "crop";
    }

    @Override
    public void apply(Rendering rendering, SplittableRandom random) {
        int pictureHeight = rendering.pictureHeight();
        int pictureWidth = rendering.pictureWidth();
        for (int i = 0; i < TRIES; i++) {
            RandomShape shape = RandomShape.draw(
                    random, minArea, maxArea, minAspectRatio, maxAspectRatio, pictureHeight, pictureWidth);
            if (shape.fits(pictureHeight, pictureWidth)) {
                int top = random.nextInt(pictureHeight - shape.height() + 1);
                int left = random.nextInt(pictureWidth - shape.width() + 1);
                rendering.show(new Rendering.Region(top, left, shape.height(), shape.width()));
                return;
            }
        }
        double ratio = Math.max(minAspectRatio, Math.min(maxAspectRatio, (double) pictureWidth / pictureHeight));
        int height = (int) Math.max(1, Math.min(pictureHeight, Math.round(pictureWidth / ratio)));
        int width = (int) Math.max(1, Math.min(pictureWidth, Math.round(pictureHeight * ratio)));
        rendering.show(new Rendering.Region((pictureHeight - height) / 2, (pictureWidth - width) / 2, height, width));
    }
}
