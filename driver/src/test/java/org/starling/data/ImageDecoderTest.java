package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.starling.data.TestImages.bytes;
import static org.starling.data.TestImages.encode;
import static org.starling.data.TestImages.file;
import static org.starling.data.TestImages.picture;
import static org.starling.data.TestImages.raw;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.model.DataFormat;
import org.starling.model.ImageShape;

class ImageDecoderTest {
    private static ImageDecoder decoder(int height, int width, int channels) {
        return new ImageDecoder(new ImageShape(height, width, channels, DataFormat.CHANNELS_FIRST), 0);
    }

    private static byte[] rgb(BufferedImage image) {
        byte[] values = new byte[image.getWidth() * image.getHeight() * 3];
        int to = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int pixel = image.getRGB(x, y);
                values[to++] = (byte) (pixel >> 16);
                values[to++] = (byte) (pixel >> 8);
                values[to++] = (byte) pixel;
            }
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp"})
    void losslessFilesOfTheInputsSizeKeepEveryValue(String format) throws Exception {
        BufferedImage image = picture(11, 7, 3);
        assertArrayEquals(rgb(image), decoder(11, 7, 3).decode(file(encode(image, format))));
    }

    @Test
    void jpegIsCloseToWhatWasWritten() throws Exception {
        BufferedImage image = picture(16, 16, 0);
        byte[] decoded = decoder(16, 16, 3).decode(file(encode(image, "jpg")));
        byte[] original = rgb(image);
        long difference = 0;
        for (int i = 0; i < original.length; i++) {
            difference += Math.abs((decoded[i] & 0xFF) - (original[i] & 0xFF));
        }
        assertTrue(difference / original.length < 8, "mean difference " + difference / original.length);
    }

    @Test
    void greyFilesKeepTheirValuesAndBecomeThreeEqualChannels() throws Exception {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 100, 255});
        byte[] png = encode(image, "png");
        assertArrayEquals(bytes(0, 100, 255), decoder(1, 3, 1).decode(file(png)));
        assertArrayEquals(
                bytes(0, 0, 0, 100, 100, 100, 255, 255, 255), decoder(1, 3, 3).decode(file(png)));
    }

    @Test
    void sixteenBitsBecomeEight() throws Exception {
        BufferedImage image = new BufferedImage(4, 1, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setPixels(0, 0, 4, 1, new int[] {0, 257 * 100, 257 * 100 + 200, 65535});
        assertArrayEquals(bytes(0, 100, 101, 255), decoder(1, 4, 1).decode(file(encode(image, "png"))));
    }

    @Test
    void oneBitBecomesBlackAndWhite() throws Exception {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_BINARY);
        image.setRGB(1, 0, 0xFFFFFF);
        assertArrayEquals(bytes(0, 255, 0), decoder(1, 3, 1).decode(file(encode(image, "png"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "gif"})
    void palettesBecomeTheirColours(String format) throws Exception {
        byte[] red = bytes(10, 200, 0);
        byte[] green = bytes(20, 100, 0);
        byte[] blue = bytes(30, 50, 255);
        BufferedImage image =
                new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(8, 3, red, green, blue));
        image.getRaster().setPixels(0, 0, 3, 1, new int[] {2, 0, 1});
        assertArrayEquals(
                bytes(0, 0, 255, 10, 20, 30, 200, 100, 50), decoder(1, 3, 3).decode(file(encode(image, format))));
    }

    @Test
    void transparencyIsCompositedOntoWhite() throws Exception {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00123456);
        image.setRGB(1, 0, 0x80FF0000);
        image.setRGB(2, 0, 0xFF102030);
        // 128 / 255 of red, the rest white: green and blue are 255 * 127 / 255 = 127.
        assertArrayEquals(
                bytes(255, 255, 255, 255, 127, 127, 16, 32, 48),
                decoder(1, 3, 3).decode(file(encode(image, "png"))));
    }

    @Test
    void transparentPaletteEntriesAreCompositedOntoWhite() throws Exception {
        byte[] grey = bytes(0, 90);
        BufferedImage image = new BufferedImage(
                2, 1, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(8, 2, grey, grey, grey, 0));
        image.getRaster().setPixels(0, 0, 2, 1, new int[] {0, 1});
        assertArrayEquals(bytes(255, 90), decoder(1, 2, 1).decode(file(encode(image, "png"))));
    }

    @Test
    void coloursBecomeGreyByRec601() throws Exception {
        byte[] colours = bytes(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 20, 30);
        // 0.299 255 = 76.245, 0.587 255 = 149.685, 0.114 255 = 29.07, and 2.99 + 11.74 + 3.42 = 18.15.
        assertArrayEquals(bytes(76, 150, 29, 255, 18), decoder(1, 5, 1).decode(raw("c", 0, 1, 5, 3, colours)));
    }

    @Test
    void planesAreInterleaved() throws Exception {
        ImageRecord image = new ImageRecord("p", 0, ImageRecord.Encoding.RAW_PLANAR, 1, 2, 3, bytes(1, 2, 3, 4, 5, 6));
        assertArrayEquals(bytes(1, 3, 5, 2, 4, 6), decoder(1, 2, 3).decode(image));
    }

    @Test
    void aRawImageOfTheInputsSizeAndChannelsIsNotEvenCopied() throws Exception {
        byte[] values = bytes(1, 2, 3, 4);
        assertSame(values, decoder(2, 2, 1).decode(raw("same", 0, 2, 2, 1, values)));
    }

    static List<String> pillowCases() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                ImageDecoderTest.class.getResourceAsStream("pillow-resize.txt"), StandardCharsets.US_ASCII))) {
            return lines.lines().filter(line -> !line.startsWith("#")).toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pillowCases")
    void scalingAndCroppingAgreeWithPillow(String line) throws Exception {
        String[] fields = line.split(" ");
        int[] sizes = Arrays.stream(fields).limit(4).mapToInt(Integer::parseInt).toArray();
        byte[] source = new byte[sizes[0] * sizes[1]];
        for (int y = 0; y < sizes[0]; y++) {
            for (int x = 0; x < sizes[1]; x++) {
                source[y * sizes[1] + x] = (byte) (x * 37 + y * 91 + x * y * 13);
            }
        }
        byte[] expected = HexFormat.of().parseHex(fields[4]);
        byte[] actual = decoder(sizes[2], sizes[3], 1).decode(raw("p", 0, sizes[0], sizes[1], 1, source));
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            // Pillow rounds rows first, this decoder columns.
            assertEquals(expected[i] & 0xFF, actual[i] & 0xFF, 1, "value " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 28, 29, 100, 1000})
    void aConstantImageStaysConstantAtEverySize(int side) throws Exception {
        byte[] values = new byte[side * 3 * side * 2 * 3];
        Arrays.fill(values, (byte) 201);
        byte[] expected = new byte[28 * 28 * 3];
        Arrays.fill(expected, (byte) 201);
        assertArrayEquals(expected, decoder(28, 28, 3).decode(raw("c", 0, side * 3, side * 2, 3, values)));
    }

    @Test
    void theCentreOfTheLongSideIsKept() throws Exception {
        byte[] line = new byte[2 * 10];
        for (int x = 0; x < 10; x++) {
            line[x] = (byte) x;
            line[10 + x] = (byte) x;
        }
        assertArrayEquals(bytes(4, 5, 4, 5), decoder(2, 2, 1).decode(raw("l", 0, 2, 10, 1, line)));
    }

    @Test
    void anExtremelyLongImageIsCutNotScaledAsAWhole() throws Exception {
        byte[] decoded = decoder(100, 100, 1).decode(raw("thin", 0, 1, 1_000_000, 1, new byte[1_000_000]));
        assertArrayEquals(new byte[100 * 100], decoded);
    }

    private static String reason(byte[] file) {
        return assertThrows(BadImageException.class, () -> decoder(8, 8, 3).decode(file(file)))
                .getMessage();
    }

    @Test
    void emptyFilesAndOtherFilesAreBadImages() {
        assertTrue(reason(new byte[0]).contains("empty"));
        assertTrue(reason("hello, this is no image".getBytes(StandardCharsets.UTF_8))
                .contains("not an image file"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void cutFilesAreBadImages(String format) throws IOException {
        byte[] whole = encode(picture(64, 64, 5), format);
        for (double part : new double[] {0.05, 0.3, 0.5, 0.9}) {
            byte[] cut = Arrays.copyOf(whole, (int) (whole.length * part));
            reason(cut);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void damagedFilesAreDecodedOrBadImagesAndNothingElse(String format) throws IOException {
        byte[] whole = encode(picture(24, 24, 5), format);
        Random random = new Random(7);
        int bad = 0;
        for (int trial = 0; trial < 300; trial++) {
            byte[] damaged = whole.clone();
            for (int k = 0; k < 4; k++) {
                damaged[random.nextInt(Math.min(damaged.length, 400))] = (byte) random.nextInt(256);
            }
            try {
                assertEquals(8 * 8 * 3, decoder(8, 8, 3).decode(file(damaged)).length);
            } catch (BadImageException e) {
                assertTrue(!e.getMessage().isBlank());
                bad++;
            }
        }
        assertTrue(bad > 0, "no damage was noticed");
    }

    @Test
    void aHeaderThatClaimsAHugeImageIsRefusedBeforeMemoryIsTaken() throws IOException {
        byte[] png = encode(picture(4, 4, 1), "png");
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(header);
        out.writeBytes("IHDR");
        out.writeInt(2_000_000_000);
        out.writeInt(2_000_000_000);
        out.write(png, 24, 5);
        System.arraycopy(header.toByteArray(), 0, png, 12, header.size());
        CRC32 crc = new CRC32();
        crc.update(header.toByteArray());
        for (int i = 0; i < 4; i++) {
            png[29 + i] = (byte) (crc.getValue() >>> (24 - 8 * i));
        }
        assertTrue(reason(png).contains("2000000000 x 2000000000 pixels"), reason(png));
    }

    @Test
    void rawImagesOfAnotherLengthAreBadImages() {
        BadImageException e =
                assertThrows(BadImageException.class, () -> decoder(2, 2, 1).decode(raw("r", 0, 2, 2, 1, new byte[3])));
        assertTrue(e.getMessage().contains("3 values, expected 2 x 2 x 1"));
    }

    @Test
    void filesThatCouldNotBeReadSayWhy() {
        ImageRecord image = new ImageRecord(
                "u", 0, ImageRecord.Encoding.UNREADABLE, 0, 0, 0, "no permission".getBytes(StandardCharsets.UTF_8));
        assertEquals(
                "no permission",
                assertThrows(BadImageException.class, () -> decoder(2, 2, 1).decode(image))
                        .getMessage());
    }
}
