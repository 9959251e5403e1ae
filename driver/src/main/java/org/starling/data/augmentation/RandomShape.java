package org.starling.data.augmentation;

import java.util.SplittableRandom;

/** A rectangle's size; its area is drawn evenly, the logarithm of its aspect ratio too. */
record RandomShape(int height, int width) {
    /**
     * @param minArea as a fraction of {@code fullHeight} by {@code fullWidth}
     * @param minRatio width by height
     */
    static RandomShape draw(
            SplittableRandom random,
            double minArea,
            double maxArea,
            double minRatio,
            double maxRatio,
            int fullHeight,
            int fullWidth) {
        double area = (minArea + random.nextDouble() * (maxArea - minArea)) * fullHeight * fullWidth;
        double low = StrictMath.log(minRatio);
        double ratio = StrictMath.exp(low + random.nextDouble() * (StrictMath.log(maxRatio) - low));
        return new RandomShape((int) Math.round(Math.sqrt(area / ratio)), (int) Math.round(Math.sqrt(area * ratio)));
    }

    boolean fits(int fullHeight, int fullWidth) {
        return height >= 1 && width >= 1 && height <= fullHeight && width <= fullWidth;
    }
}
