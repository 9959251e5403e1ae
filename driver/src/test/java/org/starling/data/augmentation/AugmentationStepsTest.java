package org.starling.data.augmentation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AugmentationStepsTest {
    private static final int DRAWS = 4000;

    private static Rendering rendering() {
        return new Rendering(12, 15, 8, 10, 3);
    }

    private static List<Rendering> draws(AugmentationStep step, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    Rendering rendering = rendering();
                    step.apply(rendering, new SplittableRandom(i * 7919L));
                    return rendering;
                })
                .toList();
    }

    @Test
    void aRenderingBeginsAsTheCentre() {
        assertEquals(new Rendering.Region(2, 2, 8, 10), rendering().region());
        assertTrue(rendering().colours().isNone());
    }

    @Test
    void aRandomCropIsAnywhereAndOfTheInputsSize() {
        Set<Rendering.Region> seen = new HashSet<>();
        for (Rendering rendering : draws(new RandomCrop(), DRAWS)) {
            seen.add(rendering.region());
        }
        // 12 - 8 + 1 rows, 15 - 10 + 1 columns.
        assertEquals(5 * 6, seen.size());
        assertTrue(seen.stream().allMatch(r -> r.height() == 8 && r.width() == 10 && r.top() <= 4 && r.left() <= 5));
    }

    @Test
    void aResizedCropKeepsToItsLimitsAndUsesThem() {
        double smallest = 1;
        double largest = 0;
        for (int i = 0; i < DRAWS; i++) {
            Rendering rendering = new Rendering(300, 400, 227, 227, 3);
            new RandomResizedCrop(0.08, 1, 3.0 / 4, 4.0 / 3).apply(rendering, new SplittableRandom(i));
            Rendering.Region r = rendering.region();
            double area = r.height() * r.width() / (300 * 400);
            double ratio = r.width() / r.height();
            // To within half a pixel of rounding.
            assertTrue(area > 0.078 && area <= 1, "area " + area);
            assertTrue(ratio > 0.745 && ratio < 1.345, "ratio " + ratio);
            smallest = Math.min(smallest, area);
            largest = Math.max(largest, area);
        }
        assertTrue(smallest < 0.085 && largest > 0.95, smallest + " to " + largest);
    }

    @Test
    void whereNoResizedCropFitsItIsTheLargestAllowedAtTheCentre() {
        // A strip: a part of 3:4 to 4:3 with half of its area is higher than it is.
        Rendering rendering = new Rendering(10, 1000, 8, 8, 3);
        new RandomResizedCrop(0.5, 1, 3.0 / 4, 4.0 / 3).apply(rendering, new SplittableRandom(1));
        assertEquals(new Rendering.Region(0, 493, 10, 13), rendering.region());
    }

    @Test
    void halfAreMirrored() {
        long mirrored =
                draws(new Mirror(), DRAWS).stream().filter(Rendering::mirrored).count();
        assertEquals(DRAWS / 2.0, mirrored, 5 * Math.sqrt(DRAWS) / 2);
    }

    @Test
    void whatIsMirroredAfterAMoveOrACoverIsMirroredWithIt() {
        Rendering rendering = rendering();
        rendering.move(1, 2);
        rendering.cover(new Rendering.Area(3, 1, 2, 4));
        rendering.mirror();
        assertEquals(-2, rendering.right());
        assertEquals(List.of(new Rendering.Area(3, 5, 2, 4)), rendering.covered());
        rendering.move(1, -1);
        assertEquals(List.of(new Rendering.Area(4, 4, 2, 4)), rendering.covered());
        assertEquals(2, rendering.down());
    }

    @Test
    void aPartOutsideThePictureIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> rendering().show(new Rendering.Region(5, 0, 8, 10)));
        assertThrows(IllegalArgumentException.class, () -> rendering().show(new Rendering.Region(0, 0, 0, 10)));
    }

    @Test
    void erasingCoversTheWantedPartOfThePicturesWithinTheInput() {
        int covered = 0;
        for (Rendering rendering : draws(new RandomErasing(0.25, 0.02, 0.33), DRAWS)) {
            for (Rendering.Area area : rendering.covered()) {
                covered++;
                assertTrue(area.top() >= 0 && area.top() + area.height() <= 8, "" + area);
                assertTrue(area.left() >= 0 && area.left() + area.width() <= 10, "" + area);
                assertTrue(area.height() * area.width() <= 0.33 * 80 * 1.5, "" + area);
            }
        }
        assertEquals(0.25 * DRAWS, covered, 5 * Math.sqrt(0.25 * 0.75 * DRAWS));
    }

    /** What a step makes of a pixel, by the change's matrix. */
    private static double[] apply(ColourChange change, double[] pixel, double[] mean) {
        double[][] rows = change.matrix(mean);
        return IntStream.range(0, 3)
                .mapToDouble(c -> rows[c][0] * pixel[0] + rows[c][1] * pixel[1] + rows[c][2] * pixel[2] + rows[c][3])
                .toArray();
    }

    private static double luma(double[] pixel) {
        return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
    }

    private static double[][] map(double[][] pixels, java.util.function.UnaryOperator<double[]> change) {
        return java.util.Arrays.stream(pixels).map(change).toArray(double[][]::new);
    }

    private static double[] blend(double[] pixel, double grey, double factor) {
        return java.util.Arrays.stream(pixel)
                .map(v -> factor * v + (1 - factor) * grey)
                .toArray();
    }

    private static double[] mean(double[][] pixels) {
        return IntStream.range(0, 3)
                .mapToDouble(c -> java.util.Arrays.stream(pixels)
                        .mapToDouble(p -> p[c])
                        .average()
                        .orElseThrow())
                .toArray();
    }

    @Test
    void changesInARowAreOneChangeOfEveryPixel() {
        double[][] pixels = {{10, 200, 90}, {0, 0, 255}, {77, 3, 128}, {250, 251, 1}};
        double[] mean = mean(pixels);
        ColourChange change = new ColourChange(3);
        assertFalse(change.needsMean());
        change.contrast(0.7);
        change.brighten(1.3);
        change.add(new double[] {5, -7, 11});
        change.saturate(0.4);
        change.contrast(1.6);
        assertTrue(change.needsMean());
        // One pass over all pixels after the other, each by its definition.
        double[][] expected = map(pixels, p -> blend(p, luma(mean), 0.7));
        expected = map(expected, p -> blend(p, 0, 1.3));
        expected = map(expected, p -> new double[] {p[0] + 5, p[1] - 7, p[2] + 11});
        expected = map(expected, p -> blend(p, luma(p), 0.4));
        double grey = luma(mean(expected));
        expected = map(expected, p -> blend(p, grey, 1.6));
        for (int i = 0; i < pixels.length; i++) {
            assertArrayEquals(expected[i], apply(change, pixels[i], mean), 1e-10);
        }
    }

    @Test
    void lightingAddsOneColourAlongTheAxes() {
        double[][] axes = {{0.6, 0.8, 0}, {-0.8, 0.6, 0}, {0, 0, 1}};
        double[] variances = {0.2, 0.05, 0.01};
        double[][] coordinates = new double[3][DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            Rendering rendering = rendering();
            new Lighting(0.1, variances, axes).apply(rendering, new SplittableRandom(i));
            double[] black = apply(rendering.colours(), new double[3], null);
            double[] white = apply(rendering.colours(), new double[] {255, 255, 255}, null);
            for (int c = 0; c < 3; c++) {
                assertEquals(255, white[c] - black[c], 1e-9, "the same is added to all pixels");
            }
            for (int a = 0; a < 3; a++) {
                coordinates[a][i] = axes[a][0] * black[0] + axes[a][1] * black[1] + axes[a][2] * black[2];
            }
        }
        for (int a = 0; a < 3; a++) {
            double sum = 0;
            double squares = 0;
            for (double x : coordinates[a]) {
                sum += x;
                squares += x * x;
            }
            double deviation = 255 * 0.1 * variances[a];
            assertEquals(0, sum / DRAWS, 5 * deviation / Math.sqrt(DRAWS));
            assertEquals(deviation, Math.sqrt(squares / DRAWS), 5 * deviation / Math.sqrt(2.0 * DRAWS));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.2, 1})
    void strengthsGiveFactorsAroundOne(double strength) {
        double least = 2;
        double most = 0;
        for (Rendering rendering : draws(new Brightness(strength), DRAWS)) {
            double factor = rendering.colours().matrix(null)[1][1];
            least = Math.min(least, factor);
            most = Math.max(most, factor);
        }
        assertEquals(1 - strength, least, strength / 200);
        assertEquals(1 + strength, most, strength / 200);
    }

    @Test
    void stepsOfOneNameAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Augmentation.of(new Shift(1), new Shift(2)));
    }

    @Test
    void lightingIsEqualByItsNumbers() {
        Lighting one = new Lighting(0.1, new double[] {1}, new double[][] {{1}});
        assertEquals(one, new Lighting(0.1, new double[] {1}, new double[][] {{1}}));
        assertFalse(one.equals(new Lighting(0.1, new double[] {1}, new double[][] {{-1}})));
    }
}
