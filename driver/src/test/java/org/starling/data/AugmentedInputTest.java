package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.starling.data.augmentation.Augmentation;
import org.starling.data.augmentation.AugmentationStep;
import org.starling.data.augmentation.Brightness;
import org.starling.data.augmentation.Contrast;
import org.starling.data.augmentation.Lighting;
import org.starling.data.augmentation.Mirror;
import org.starling.data.augmentation.RandomCrop;
import org.starling.data.augmentation.Rendering;
import org.starling.data.augmentation.Saturation;
import org.starling.model.DataFormat;
import org.starling.model.ImageShape;

/** Pictures on their way into a network's input, beside a naive computation of every pixel. */
class AugmentedInputTest {
    private static final int HEIGHT = 9;
    private static final int WIDTH = 13;
    private static final Normalization NORMALIZATION =
            new Normalization(new double[] {100, 120, 140}, new double[] {50, 60, 70});

    private static ImageShape shape(DataFormat format) {
        return new ImageShape(5, 6, 3, format);
    }

    private static ImageRecord picture(int height, int width, int seed) {
        byte[] values = new byte[height * width * 3];
        new Random(seed).nextBytes(values);
        return TestImages.raw("picture " + seed, 0, height, width, 3, values);
    }

    private static float[] input(ImageRecord image, ImageShape shape, int shortSide, AugmentationStep... steps) {
        Iterator<Minibatch> batches = Minibatches.training(
                Shard.of(0, List.of(image)),
                shape,
                new Preprocessing(shortSide, NORMALIZATION),
                Augmentation.of(steps),
                1,
                3,
                0,
                0,
                1);
        return batches.next().features();
    }

    /** A step that shows one part, mirrored, covered in a corner. */
    private record Fixed(Rendering.Region region) implements AugmentationStep {
        @Override
        public String name() {
            return "fixed";
        }

        @Override
        public void apply(Rendering rendering, SplittableRandom random) {
            rendering.show(region);
            rendering.mirror();
            rendering.colours().saturate(0.5);
            rendering.colours().contrast(1.5);
            rendering.cover(new Rendering.Area(-1, 4, 3, 9));
        }
    }

    @ParameterizedTest
    @EnumSource(DataFormat.class)
    void aPartOfThePictureIsMirroredRecolouredCoveredAndNormalized(DataFormat format) {
        ImageShape shape = shape(format);
        ImageRecord image = picture(HEIGHT, WIDTH, 1);
        // The short side is 9: nothing is scaled.
        float[] found = input(image, shape, 9, new Fixed(new Rendering.Region(2, 3, 5, 6)));
        double[][][] shown = new double[5][6][3];
        double lumaSum = 0;
        for (int y = 0; y < 5; y++) {
            for (int x = 0; x < 6; x++) {
                for (int c = 0; c < 3; c++) {
                    shown[y][x][c] = image.bytes()[((y + 2) * WIDTH + (3 + 5 - x)) * 3 + c] & 0xFF;
                }
                double luma = luma(shown[y][x]);
                shown[y][x] = Arrays.stream(shown[y][x])
                        .map(v -> 0.5 * v + 0.5 * luma)
                        .toArray();
                lumaSum += luma(shown[y][x]);
            }
        }
        double meanLuma = lumaSum / 30;
        for (int y = 0; y < 5; y++) {
            for (int x = 0; x < 6; x++) {
                for (int c = 0; c < 3; c++) {
                    double value = 1.5 * shown[y][x][c] - 0.5 * meanLuma;
                    double expected = y < 2 && x >= 4
                            ? 0
                            : (value - NORMALIZATION.mean()[c]) / NORMALIZATION.deviation()[c];
                    int at = format == DataFormat.CHANNELS_LAST ? (y * 6 + x) * 3 + c : (c * 5 + y) * 6 + x;
                    assertEquals(expected, found[at], 1e-5, y + " " + x + " " + c);
                }
            }
        }
    }

    private static double luma(double[] pixel) {
        return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
    }

    @Test
    void withoutAShortSideThePictureIsScaledToCoverTheInputAndWithOneToThat() {
        // A ramp along the rows: the value tells which row of the picture is shown.
        byte[] values = new byte[40 * 80 * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (6 * (i / (80 * 3)));
        }
        ImageRecord ramp = TestImages.raw("ramp", 0, 40, 80, 3, values);
        ImageShape shape = new ImageShape(10, 10, 3, DataFormat.CHANNELS_LAST);
        float[] covering = input(ramp, shape, 0);
        float[] cut = input(ramp, shape, 20);
        float[] least = input(ramp, shape, 7);
        for (int y = 0; y < 10; y++) {
            // Rows of the picture, at the centre of the target's row.
            double ofAll = 4 * (y + 0.5) - 0.5;
            double ofHalf = 2 * (y + 5 + 0.5) - 0.5;
            assertEquals((6 * ofAll - 100) / 50, covering[y * 30], y == 0 || y == 9 ? 0.1 : 0.02);
            assertEquals((6 * ofHalf - 100) / 50, cut[y * 30], 0.02);
        }
        assertArrayEquals(covering, least, "a short side that does not cover the input");
    }

    @Test
    void grayPicturesChangeTheirBrightnessAndContrastAndKeepTheirSaturation() {
        ImageShape shape = new ImageShape(5, 6, 1, DataFormat.CHANNELS_LAST);
        byte[] values = new byte[30];
        new Random(5).nextBytes(values);
        ImageRecord image = TestImages.raw("grey", 0, 5, 6, 1, values);
        Normalization plain = new Normalization(new double[] {0}, new double[] {1});
        float[][] seen = new float[3][];
        for (int i = 0; i < 3; i++) {
            AugmentationStep step = List.of(new Saturation(0.9), new Brightness(0.9), new Contrast(0.9))
                    .get(i);
            seen[i] = Minibatches.training(
                            Shard.of(0, List.of(image)),
                            shape,
                            new Preprocessing(0, plain),
                            Augmentation.of(step),
                            1,
                            3,
                            0,
                            0,
                            1)
                    .next()
                    .features();
        }
        double mean =
                IntStream.range(0, 30).map(i -> values[i] & 0xFF).average().orElseThrow();
        double brightness = seen[1][0] / (values[0] & 0xFF);
        double contrast = (seen[2][0] - mean) / ((values[0] & 0xFF) - mean);
        assertNotEquals(1, brightness, 1e-3);
        assertNotEquals(1, contrast, 1e-3);
        for (int i = 0; i < 30; i++) {
            assertEquals(values[i] & 0xFF, seen[0][i], 1e-3);
            assertEquals(brightness * (values[i] & 0xFF), seen[1][i], 1e-3);
            assertEquals(mean + contrast * ((values[i] & 0xFF) - mean), seen[2][i], 1e-3);
        }
    }

    @Test
    void aStepDrawsTheSameWhateverOtherStepsThereAre() {
        ImageShape shape = shape(DataFormat.CHANNELS_LAST);
        ImageRecord image = picture(HEIGHT, WIDTH, 2);
        float[] alone = input(image, shape, 9, new RandomCrop());
        float[] others = input(image, shape, 9, new Lighting(0, new double[1], new double[1][3]), new RandomCrop());
        for (int i = 0; i < alone.length; i++) {
            assertEquals(alone[i], others[i], 1e-5);
        }
        float[] mirrored = input(image, shape, 9, new Mirror(), new RandomCrop());
        float[] sorted = mirrored.clone();
        float[] before = alone.clone();
        Arrays.sort(sorted);
        Arrays.sort(before);
        assertArrayEquals(before, sorted, "the same part, mirrored or not");
    }
}
