package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ColourSumsTest {
    @Test
    void meanAndPopulationDeviationOfEachChannel() {
        ColourSums sums = new ColourSums();
        sums.add(new Pixels(1, 2, 3, TestImages.bytes(1, 255, 0, 3, 255, 2)));
        sums.add(new Pixels(2, 1, 3, TestImages.bytes(5, 255, 0, 7, 255, 2)));
        // 1, 3, 5, 7: mean 4, variance (9 + 1 + 1 + 9) / 4 = 5. Green is constant.
        assertArrayEquals(new double[] {4, 255, 1}, sums.statistics().mean());
        assertArrayEquals(new double[] {Math.sqrt(5), 1, 1}, sums.statistics().deviation());
    }

    @Test
    void greyHasOneChannelUntilThereAreColours() {
        ColourSums sums = new ColourSums();
        sums.add(new Pixels(1, 2, 1, TestImages.bytes(10, 20)));
        assertArrayEquals(new double[] {15}, sums.statistics().mean());
        assertArrayEquals(new double[] {25}, sums.statistics().eigenvalues());
        assertArrayEquals(new double[][] {{1}}, sums.statistics().eigenvectors());
        sums.add(new Pixels(1, 1, 3, TestImages.bytes(30, 0, 60)));
        assertArrayEquals(new double[] {20, 10, 30}, sums.statistics().mean());
    }

    @Test
    void orderAndGroupingDoNotMatter() {
        Random random = new Random(3);
        byte[][] images = new byte[10][27];
        for (byte[] image : images) {
            random.nextBytes(image);
        }
        ColourSums forward = new ColourSums();
        ColourSums first = new ColourSums();
        ColourSums second = new ColourSums();
        for (int i = 0; i < 10; i++) {
            forward.add(picture(images[i]));
            (i % 3 == 0 ? first : second).add(picture(images[9 - i]));
        }
        second.add(first);
        assertArrayEquals(forward.statistics().mean(), second.statistics().mean());
        assertArrayEquals(forward.statistics().deviation(), second.statistics().deviation());
        assertArrayEquals(
                forward.statistics().eigenvectors(), second.statistics().eigenvectors());
    }

    private static Pixels picture(byte[] values) {
        return new Pixels(3, 3, 3, values);
    }

    @Test
    void aTinyDeviationOnALargeMeanKeepsItsDigits() {
        ColourSums sums = new ColourSums();
        byte[] image = new byte[1 << 20];
        java.util.Arrays.fill(image, (byte) 254);
        image[0] = (byte) 255;
        sums.add(new Pixels(1 << 10, 1 << 10, 1, image));
        // One value in n differs by 1: the variance is (1 - 1/n) / n.
        double n = 1 << 20;
        assertEquals(Math.sqrt((1 - 1 / n) / n), sums.statistics().deviation()[0], 1e-18);
    }
}
