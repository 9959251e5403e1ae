package org.starling.kernels.jpeg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.starling.kernels.KernelProvider;

/** Against the definitions in doubles, and against plain Java to the bit. */
class JpegKernelTest {
    private static final JpegKernel KERNEL = KernelProvider.get().jpegKernel();
    private static final JpegKernel SCALAR = JpegKernels.scalar();
    private static final int LENGTH = 43;

    private final Random random = new Random(5);

    private int[] values(int length, int least, int most) {
        return random.ints(length, least, most + 1).toArray();
    }

    private static int[] transform(JpegKernel kernel, int[] coefficients) {
        int[] pairs = new int[32];
        kernel.inverseTransform(coefficients.clone(), new int[64], pairs);
        int[] samples = new int[64];
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 8; x++) {
                samples[8 * y + x] = pairs[x / 2 * 8 + y] >>> 16 * (x % 2) & 0xFFFF;
            }
        }
        return samples;
    }

    /** T.81, A.3.3. */
    private static double sample(int[] coefficients, int y, int x) {
        double sum = 0;
        for (int v = 0; v < 8; v++) {
            for (int u = 0; u < 8; u++) {
                double scale = (u == 0 ? Math.sqrt(0.5) : 1) * (v == 0 ? Math.sqrt(0.5) : 1) / 4;
                sum += scale
                        * coefficients[8 * v + u]
                        * Math.cos((2 * x + 1) * u * Math.PI / 16)
                        * Math.cos((2 * y + 1) * v * Math.PI / 16);
            }
        }
        return Math.max(0, Math.min(255, sum + 128));
    }

    @Test
    void theInverseTransformIsThatOfTheStandard() {
        double sum = 0;
        for (int block = 0; block < 500; block++) {
            int[] coefficients = new int[64];
            for (int i = random.nextInt(64); i >= 0; i--) {
                coefficients[random.nextInt(64)] = random.nextInt(-200, 201);
            }
            coefficients[0] = random.nextInt(-1024, 1025);
            int[] samples = transform(KERNEL, coefficients);
            for (int i = 0; i < 64; i++) {
                double difference = samples[i] - sample(coefficients, i / 8, i % 8);
                assertEquals(0, difference, 0.6, "block " + block + ", sample " + i);
                sum += difference;
            }
        }
        assertEquals(0, sum / (500 * 64), 0.005);
    }

    @Test
    void theInverseTransformHasTheBitsOfPlainJavaWhateverTheCoefficients() {
        for (int most : new int[] {10, 1000, 100_000, Integer.MAX_VALUE - 1}) {
            for (int block = 0; block < 200; block++) {
                int[] coefficients = values(64, -most, most);
                assertArrayEquals(transform(SCALAR, coefficients), transform(KERNEL, coefficients));
            }
        }
    }

    @Test
    void aFlatBlockHasOneSample() {
        for (int coefficient = -3000; coefficient <= 3000; coefficient++) {
            int[] coefficients = new int[64];
            coefficients[0] = coefficient;
            int[] expected = new int[64];
            Arrays.fill(expected, JpegKernel.flat(coefficient));
            assertArrayEquals(expected, transform(KERNEL, coefficients));
        }
    }

    @Test
    void chromaLiesBetweenItsNeighbours() {
        int[] chroma = values(LENGTH + 2 + JpegKernel.SPARE, 0, 255 * 4);
        int[] near = values(5 + LENGTH + JpegKernel.SPARE, 0, 255);
        int[] far = values(7 + LENGTH + JpegKernel.SPARE, 0, 255);
        int[] sums = new int[1 + LENGTH + JpegKernel.SPARE];
        int[] left = new int[LENGTH + JpegKernel.SPARE];
        int[] right = new int[LENGTH + JpegKernel.SPARE];
        KERNEL.weigh(LENGTH, near, 5, far, 7, sums, 1);
        KERNEL.spread(LENGTH, chroma, 8, 7, 4, left, right);
        for (int i = 0; i < LENGTH; i++) {
            assertEquals(3 * near[5 + i] + far[7 + i], sums[1 + i]);
            assertEquals((3 * chroma[i + 1] + chroma[i] + 8) / 16, left[i]);
            assertEquals((3 * chroma[i + 1] + chroma[i + 2] + 7) / 16, right[i]);
        }
    }

    @Test
    void pairsAreTakenApart() {
        int[] pairs = values(3 + LENGTH + JpegKernel.SPARE, 0, Integer.MAX_VALUE - 1);
        int[] left = new int[LENGTH + JpegKernel.SPARE];
        int[] right = new int[LENGTH + JpegKernel.SPARE];
        KERNEL.split(LENGTH, pairs, 3, left, right);
        for (int i = 0; i < LENGTH; i++) {
            assertEquals(pairs[3 + i] % 65536, left[i]);
            assertEquals(pairs[3 + i] / 65536, right[i]);
        }
    }

    /** T.871, 7. */
    @Test
    void coloursAreThoseOfTheStandard() {
        int[] luma = values(LENGTH + JpegKernel.SPARE, 0, 255);
        int[] pixels = new int[LENGTH + JpegKernel.SPARE];
        for (int trial = 0; trial < 500; trial++) {
            int[] blue = values(LENGTH + JpegKernel.SPARE, 0, 255);
            int[] red = values(LENGTH + JpegKernel.SPARE, 0, 255);
            KERNEL.colours(LENGTH, luma, blue, red, pixels);
            int[] scalar = new int[LENGTH];
            SCALAR.colours(LENGTH, luma, blue, red, scalar);
            assertArrayEquals(scalar, Arrays.copyOf(pixels, LENGTH));
            for (int i = 0; i < LENGTH; i++) {
                double cb = blue[i] - 128;
                double cr = red[i] - 128;
                assertColour(luma[i] + 1.402 * cr, pixels[i]);
                assertColour(luma[i] - 0.344136 * cb - 0.714136 * cr, pixels[i] >> 8);
                assertColour(luma[i] + 1.772 * cb, pixels[i] >> 16);
            }
        }
    }

    private static void assertColour(double expected, int value) {
        assertTrue(
                Math.abs(Math.max(0, Math.min(255, expected)) - (value & 0xFF)) <= 0.51,
                (value & 0xFF) + ", expected " + expected);
    }
}
