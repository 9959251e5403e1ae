package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.starling.data.TestImages.bytes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Kinds of files that real sets contain, against what ImageMagick reads from them; see {@code tools/oracle/real_images.py}. */
class RealImagesTest {
    private static byte[] resource(String name) throws IOException {
        try (InputStream in = RealImagesTest.class.getResourceAsStream("real/" + name)) {
            return in.readAllBytes();
        }
    }

    static List<String> files() throws IOException {
        return new String(resource("imagemagick.txt"), StandardCharsets.US_ASCII)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("files")
    void theValuesAreThoseOfImageMagick(String line) throws Exception {
        String[] fields = line.split(" ");
        Pixels picture = ImageFileReader.read(resource(fields[0])).withChannels(3);
        assertEquals(Integer.parseInt(fields[1]), picture.width());
        assertEquals(Integer.parseInt(fields[2]), picture.height());
        byte[] expected = HexFormat.of().parseHex(fields[3]);
        assertEquals(expected.length, picture.values().length);
        double difference = IntStream.range(0, expected.length)
                .map(i -> Math.abs((expected[i] & 0xFF) - (picture.values()[i] & 0xFF)))
                .average()
                .orElseThrow();
        boolean exact = fields[0].matches("(.*\\.(png|gif|bmp)|a-png.*|lossless.*)");
        assertTrue(difference <= (exact ? 1 : 2), "mean difference " + difference);
    }

    /** Of 2 rows and 3 columns, by the standard's words: where the first row and the first column belong. */
    @ParameterizedTest
    @CsvSource({
        "1, 3, 123456", // top, left
        "2, 3, 321654", // top, right
        "3, 3, 654321", // bottom, right
        "4, 3, 456123", // bottom, left
        "5, 2, 142536", // left, top
        "6, 2, 415263", // right, top
        "7, 2, 635241", // right, bottom
        "8, 2, 362514", // left, bottom
    })
    void aPictureIsTurnedAsTheCameraWasHeld(int orientation, int width, String expected) {
        Pixels turned =
                ExifOrientation.upright(new Pixels(2, 3, 1, "123456".getBytes(StandardCharsets.US_ASCII)), orientation);
        assertEquals(width, turned.width());
        assertEquals(6 / width, turned.height());
        assertEquals(expected, new String(turned.values(), StandardCharsets.US_ASCII));
    }

    @Test
    void exifThatSaysNothingLeavesThePictureAsItIs() throws Exception {
        byte[] whole = resource("orientation-6.jpg");
        int exif = new String(whole, StandardCharsets.ISO_8859_1).indexOf("Exif\0\0") + 6;
        int end = exif + 32;
        assertEquals(6, ExifOrientation.of(whole, exif, end));
        for (int cut = exif; cut < exif + 20; cut++) {
            assertEquals(1, ExifOrientation.of(whole, exif, cut), "cut at " + cut);
        }
        for (int at = exif; at < end; at++) {
            for (int value = 0; value < 256; value++) {
                byte[] damaged = whole.clone();
                damaged[at] = (byte) value;
                int orientation = ExifOrientation.of(damaged, exif, end);
                assertTrue(orientation >= 1 && orientation <= 8);
            }
        }
    }

    /** A frame may be larger than the canvas that its file claims. */
    @Test
    void theFramesOfWebpAreMeasuredBeforeTheyAreRead() throws Exception {
        assertEquals(72 * 48, WebpHeader.of(resource("lossy.webp")).largestFrame());
        assertEquals(24 * 16, WebpHeader.of(resource("lossless.webp")).largestFrame());
        assertEquals(24 * 16, WebpHeader.of(resource("alpha.webp")).largestFrame());
        byte[] lossy = resource("lossy.webp");
        int frame = new String(lossy, StandardCharsets.ISO_8859_1).indexOf("VP8 ") + 8;
        for (int i = 6; i < 10; i += 2) {
            lossy[frame + i] = (byte) 0xFF;
            lossy[frame + i + 1] = 0x3F;
        }
        assertEquals(16383L * 16383, WebpHeader.of(lossy).largestFrame());
        String reason = assertThrows(BadImageException.class, () -> ImageFileReader.read(lossy))
                .getMessage();
        assertTrue(reason.contains("expected"), reason);
        for (int length = 0; length < lossy.length; length++) {
            assertTrue(WebpHeader.of(Arrays.copyOf(lossy, length)).largestFrame() <= 16383L * 16383);
        }
    }

    /** Full ink of one kind takes its colour away; Adobe's 255 is none. */
    @Test
    void inksAreTakenFromWhite() {
        Pixels colours = Pixels.ofInks(
                1,
                5,
                bytes(255, 255, 255, 255, 0, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 0, 200, 100, 50, 128),
                false);
        assertArrayEquals(
                // The last: 200 128 / 255 = 100.4, 50.2, 25.1.
                bytes(255, 255, 255, 0, 255, 255, 255, 0, 255, 0, 0, 0, 100, 50, 25), colours.values());
    }

    /** Each scan is a pass over the whole picture, and its data may be next to nothing. */
    @Test
    void aFileOfEndlessScansIsRefused() throws Exception {
        byte[] whole = resource("progressive.jpg");
        int last = new String(whole, StandardCharsets.ISO_8859_1).lastIndexOf("\u00ff\u00da");
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(whole, 0, 2);
        // A marker that has no content, whatever follows it.
        file.write(bytes(0xFF, 0x01));
        file.write(whole, 2, whole.length - 4);
        for (int i = 0; i < 1000; i++) {
            file.write(whole, last, whole.length - 2 - last);
        }
        file.write(whole, whole.length - 2, 2);
        String reason = assertThrows(BadImageException.class, () -> ImageFileReader.read(file.toByteArray()))
                .getMessage();
        assertTrue(reason.contains(" scans, expected at most 100"), reason);
    }
}
