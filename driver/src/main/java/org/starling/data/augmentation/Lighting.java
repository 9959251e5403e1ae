package org.starling.data.augmentation;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Adds to all pixels of a picture the same random colour, along the axes in which the set's colours vary: the sum of axis i times
 * eigenvalue i times a normal deviate, where values go from 0 to 1 (Krizhevsky et al. 2012, section 4.1).
 *
 * @param deviation standard deviation of the normal deviates; the authors' is 0.1
 * @param eigenvalues of the covariance of the colours, values 0 to 1
 * @param eigenvectors its axes, one a row
 */
public record Lighting(double deviation, double[] eigenvalues, double[][] eigenvectors) implements AugmentationStep {
    /** Channels that {@link #ofImageNet} is of. */
    public static final int IMAGENET_CHANNELS = 3;

    private static final double WHITE = 255;

    private static final double[] IMAGENET_EIGENVALUES = {0.2175, 0.0188, 0.0045};

    private static final double[][] IMAGENET_EIGENVECTORS = {
        {-0.5675, -0.5808, -0.5836}, {0.7192, -0.0045, -0.6948}, {0.4009, -0.8140, 0.4203}
    };

    /** With the constants that fb.resnet.torch published for ImageNet and most have copied. */
    public static Lighting ofImageNet(double deviation) {
        return new Lighting(deviation, IMAGENET_EIGENVALUES, IMAGENET_EIGENVECTORS);
    }

    @Override
    public String name() {
        return "lighting";
    }

    @Override
    public void apply(Rendering rendering, SplittableRandom random) {
        double[] colour = new double[rendering.colours().channels()];
        for (int i = 0; i < eigenvalues.length; i++) {
            double length = WHITE * deviation * normal(random) * eigenvalues[i];
            for (int c = 0; c < colour.length; c++) {
                colour[c] += eigenvectors[i][c] * length;
            }
        }
        rendering.colours().add(colour);
    }

    /** Box and Muller's method: Java's own has changed between versions. */
    private static double normal(SplittableRandom random) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
        return radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
    }

    /** By what the arrays hold. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Lighting lighting
                && lighting.deviation == deviation
                && Arrays.equals(lighting.eigenvalues, eigenvalues)
                && Arrays.deepEquals(lighting.eigenvectors, eigenvectors);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(eigenvalues) * 31 + Double.hashCode(deviation);
    }

    @Override
    public String toString() {
        return "Lighting[deviation=%s, eigenvalues=%s, eigenvectors=%s]"
                .formatted(deviation, Arrays.toString(eigenvalues), Arrays.deepToString(eigenvectors));
    }
}
