package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PixelSumsTest {
    @Test
    void meanAndPopulationDeviationOfEachChannel() {
        PixelSums sums = new PixelSums(2);
        sums.add(TestImages.bytes(1, 255, 3, 255));
        sums.add(TestImages.bytes(5, 255, 7, 255));
        // 1, 3, 5, 7: mean 4, variance (9 + 1 + 1 + 9) / 4 = 5. The other channel is constant.
        assertArrayEquals(new double[] {4, 255}, sums.normalization().mean());
        assertArrayEquals(new double[] {Math.sqrt(5), 1}, sums.normalization().deviation());
    }

    @Test
    void orderAndGroupingDoNotMatter() {
        Random random = new Random(3);
        byte[][] images = new byte[10][27];
        for (byte[] image : images) {
            random.nextBytes(image);
        }
        PixelSums forward = new PixelSums(3);
        PixelSums first = new PixelSums(3);
        PixelSums second = new PixelSums(3);
        for (int i = 0; i < 10; i++) {
            forward.add(images[i]);
            (i % 3 == 0 ? first : second).add(images[9 - i]);
        }
        second.add(first);
        assertArrayEquals(forward.normalization().mean(), second.normalization().mean());
        assertArrayEquals(
                forward.normalization().deviation(), second.normalization().deviation());
    }

    @Test
    void aTinyDeviationOnALargeMeanKeepsItsDigits() {
        PixelSums sums = new PixelSums(1);
        byte[] image = new byte[1 << 20];
        java.util.Arrays.fill(image, (byte) 254);
        image[0] = (byte) 255;
        sums.add(image);
        // One value in n differs by 1: the variance is (1 - 1/n) / n.
        double n = 1 << 20;
        assertEquals(Math.sqrt((1 - 1 / n) / n), sums.normalization().deviation()[0], 1e-18);
    }
}
