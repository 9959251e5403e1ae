package org.starling.data.augmentation;

import java.util.SplittableRandom;

/** Shows a part of the network's input size anywhere in the picture, every place equally likely (Krizhevsky et al. 2012, section 4.1). */
public record RandomCrop() implements AugmentationStep {
    @Override
    public String name() {
        return "crop";
    }

    @Override
    public void apply(Rendering rendering, SplittableRandom random) {
        int top = random.nextInt(rendering.pictureHeight() - rendering.height() + 1);
        int left = random.nextInt(rendering.pictureWidth() - rendering.width() + 1);
        rendering.show(new Rendering.Region(top, left, rendering.height(), rendering.width()));
    }
}
