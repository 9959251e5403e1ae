package org.starling.data.jpeg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.NodeList;

/** Against javax.imageio, which is libjpeg, to the bit. */
class BaselineJpegTest {
    private static final String METADATA = "javax_imageio_jpeg_image_1.0";

    /**
     * A kind of file.
     *
     * @param columns of luma blocks for one of chroma; 0 for a grey picture
     * @param rows likewise
     * @param restart units between two restarts; 0 without
     */
    record Kind(int columns, int rows, int restart, float quality) {}

    static Stream<Kind> kinds() {
        List<Kind> kinds = new ArrayList<>();
        for (int[] sampling : new int[][] {{0, 0}, {1, 1}, {2, 1}, {2, 2}}) {
            for (int restart : new int[] {0, 1, 3}) {
                for (float quality : new float[] {0.05f, 0.5f, 0.75f, 0.95f, 1}) {
                    kinds.add(new Kind(sampling[0], sampling[1], restart, quality));
                }
            }
        }
        return kinds.stream();
    }

    /** Of slopes, edges and noise, so that coefficients of all frequencies and clamped samples come out. */
    private static BufferedImage picture(Random random, int width, int height, boolean grey) {
        BufferedImage picture =
                new BufferedImage(width, height, grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        int noise = 1 << random.nextInt(9);
        int period = 1 + random.nextInt(40);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int[] colour = new int[3];
                for (int c = 0; c < 3; c++) {
                    int slope = (x * (c + 1) * 3 + y * (3 - c) * 2) % 256;
                    int edge = (x / period + y / period + c) % 2 * 255;
                    int value = (period % 3 == 0 ? edge : slope) + random.nextInt(noise) - noise / 2;
                    colour[c] = Math.max(0, Math.min(255, value));
                }
                if (grey) {
                    picture.getRaster().setSample(x, y, 0, colour[0]);
                } else {
                    picture.getRaster().setPixel(x, y, colour);
                }
            }
        }
        return picture;
    }

    private static byte[] write(BufferedImage picture, Kind kind) throws Exception {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            ImageWriteParam settings = writer.getDefaultWriteParam();
            settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            settings.setCompressionQuality(kind.quality());
            IIOMetadata metadata =
                    writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(picture), settings);
            IIOMetadataNode tree = (IIOMetadataNode) metadata.getAsTree(METADATA);
            if (kind.columns() > 0) {
                IIOMetadataNode luma = (IIOMetadataNode)
                        tree.getElementsByTagName("componentSpec").item(0);
                luma.setAttribute("HsamplingFactor", "" + kind.columns());
                luma.setAttribute("VsamplingFactor", "" + kind.rows());
            }
            if (kind.restart() > 0) {
                IIOMetadataNode restarts = new IIOMetadataNode("dri");
                restarts.setAttribute("interval", "" + kind.restart());
                NodeList sequence = tree.getElementsByTagName("markerSequence");
                sequence.item(0).insertBefore(restarts, sequence.item(0).getFirstChild());
            }
            metadata.setFromTree(METADATA, tree);
            writer.write(null, new IIOImage(picture, null, metadata), settings);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static byte[] oracle(byte[] file, int channels) throws Exception {
        ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(file))) {
            reader.setInput(in);
            if (channels == 1) {
                return ((DataBufferByte) reader.read(0).getRaster().getDataBuffer()).getData();
            }
            WritableRaster raster = Raster.createInterleavedRaster(
                    DataBuffer.TYPE_BYTE,
                    reader.getWidth(0),
                    reader.getHeight(0),
                    3 * reader.getWidth(0),
                    3,
                    new int[] {0, 1, 2},
                    null);
            ImageReadParam settings = reader.getDefaultReadParam();
            settings.setDestination(new BufferedImage(
                    new ComponentColorModel(
                            ColorSpace.getInstance(ColorSpace.CS_sRGB),
                            false,
                            false,
                            Transparency.OPAQUE,
                            DataBuffer.TYPE_BYTE),
                    raster,
                    false,
                    null));
            reader.read(0, settings);
            return ((DataBufferByte) raster.getDataBuffer()).getData();
        } finally {
            reader.dispose();
        }
    }

    private static byte[] decode(byte[] file) {
        return BaselineJpeg.of(file).orElseThrow().decode().orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void samplesAreThoseOfLibjpeg(Kind kind) throws Exception {
        Random random = new Random(kind.hashCode());
        for (int i = 0; i < 40; i++) {
            int least = kind.columns() == 2 ? 5 : 1;
            int width = i < 5 ? least + i : least + random.nextInt(i < 30 ? 40 : 300);
            int height = 1 + random.nextInt(i < 30 ? 40 : 300);
            byte[] file = write(picture(random, width, height, kind.columns() == 0), kind);
            BaselineJpeg jpeg = BaselineJpeg.of(file).orElseThrow();
            assertEquals(width, jpeg.width());
            assertEquals(height, jpeg.height());
            assertEquals(kind.columns() == 0 ? 1 : 3, jpeg.channels());
            assertArrayEquals(oracle(file, jpeg.channels()), decode(file), width + " x " + height + " pixels");
        }
    }

    /** Whether three components are YCbCr or red, green and blue is told by JFIF's, Exif's or Adobe's marker; without them others have to guess. */
    @ParameterizedTest
    @CsvSource({
        "e1 00 10 45 78 69 66 00 00 4d 4d 00 2a 00 00 00 00, true",
        "e0 00 07 4a 46 49 46 00, false",
        "ee 00 0e 41 64 6f 62 65 00 64 00 00 00 00 01, true",
        "ee 00 0e 41 64 6f 62 65 00 64 00 00 00 00 00, false",
        "ec 00 03 00, false"
    })
    void markersTellWhatTheColoursAre(String marker, boolean decoded) throws Exception {
        byte[] jfif = write(picture(new Random(6), 33, 27, false), new Kind(1, 1, 0, 0.9f));
        byte[] segment = HexFormat.ofDelimiter(" ").parseHex("ff " + marker);
        int rest = 4 + 16;
        byte[] file = new byte[jfif.length - (rest - 2) + segment.length];
        System.arraycopy(jfif, 0, file, 0, 2);
        System.arraycopy(segment, 0, file, 2, segment.length);
        System.arraycopy(jfif, rest, file, 2 + segment.length, jfif.length - rest);
        assertEquals(decoded, BaselineJpeg.of(file).isPresent());
        if (decoded) {
            assertArrayEquals(oracle(file, 3), decode(file));
        }
    }

    /** libjpeg brings so few columns of chroma, and chroma of half the rows alone, to the luma's size in another way. */
    @ParameterizedTest
    @CsvSource({"2, 1, 4, 9", "2, 2, 3, 9", "1, 2, 20, 9", "4, 1, 40, 9"})
    void otherSamplingsAreLeftToOthers(int columns, int rows, int width, int height) throws Exception {
        byte[] file = write(picture(new Random(1), width, height, false), new Kind(columns, rows, 0, 0.9f));
        assertEquals(Optional.empty(), BaselineJpeg.of(file));
    }

    /** Nothing is thrown, and most damage is seen. */
    @Test
    void damagedFilesAreLeftToOthers() throws Exception {
        Random random = new Random(3);
        byte[] whole = write(picture(random, 61, 43, false), new Kind(2, 2, 2, 0.9f));
        int decoded = 0;
        for (int i = 0; i < 4000; i++) {
            byte[] file = whole.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                file[random.nextInt(file.length)] = (byte) random.nextInt();
            }
            Optional<byte[]> values = BaselineJpeg.of(file)
                    .filter(jpeg -> (long) jpeg.width() * jpeg.height() < 1 << 20)
                    .flatMap(BaselineJpeg::decode);
            decoded += values.isPresent() ? 1 : 0;
        }
        // Most changes of coded data are seen; those of tables seldom are, nor those of names and comments.
        assertTrue(decoded > 100 && decoded < 3000, decoded + " of 4000");
    }

    @Test
    void aCutFileIsNotDecoded() throws Exception {
        byte[] whole = write(picture(new Random(4), 61, 43, false), new Kind(2, 2, 0, 0.9f));
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertEquals(Optional.empty(), BaselineJpeg.of(cut).flatMap(BaselineJpeg::decode), length + " bytes");
        }
        byte[] longer = Arrays.copyOf(whole, whole.length + 20);
        assertArrayEquals(decode(whole), decode(longer), "what follows the end is not looked at");
    }

    /** Without JFIF's marker components that are named R, G and B are those colours. */
    @Test
    void exifDoesNotMakeRedGreenAndBlueAnythingElse() throws Exception {
        byte[] jfif = write(picture(new Random(6), 33, 27, false), new Kind(1, 1, 0, 0.9f));
        byte[] exif = HexFormat.of().parseHex("ffe100104578696600004d4d002a00000000");
        System.arraycopy(exif, 0, jfif, 2, exif.length);
        assertTrue(BaselineJpeg.of(jfif).isPresent());
        String text = new String(jfif, StandardCharsets.ISO_8859_1);
        for (String marker : List.of("\u00ff\u00c0", "\u00ff\u00da")) {
            int first = text.indexOf(marker) + (marker.endsWith("\u00c0") ? 10 : 5);
            int step = marker.endsWith("\u00c0") ? 3 : 2;
            for (int c = 0; c < 3; c++) {
                assertEquals(c + 1, jfif[first + c * step]);
                jfif[first + c * step] = (byte) "RGB".charAt(c);
            }
        }
        assertEquals(Optional.empty(), BaselineJpeg.of(jfif));
    }

    private static long allocated(Runnable action) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        action.run();
        return threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    }

    /** As of photos with a film behind them, and of files that are made to take memory. */
    @Test
    void whatFollowsThePictureAndTablesThatAreNotUsedTakeNoMemory() throws Exception {
        byte[] whole = write(picture(new Random(7), 40, 40, false), new Kind(2, 2, 0, 0.9f));
        byte[] expected = decode(whole);
        byte[] longer = Arrays.copyOf(whole, whole.length + (32 << 20));
        assertTrue(allocated(() -> assertArrayEquals(expected, decode(longer))) < 1 << 20);

        int tables = 3000;
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(whole, 0, 2);
        int length = 2 + 17 * tables;
        many.write(new byte[] {(byte) 0xFF, (byte) 0xC4, (byte) (length >> 8), (byte) length});
        many.write(new byte[17 * tables]);
        many.write(whole, 2, whole.length - 2);
        assertTrue(allocated(() -> assertArrayEquals(expected, decode(many.toByteArray()))) < 1 << 20);
    }

    @Test
    void picturesAsLongAsAFileMaySay() throws Exception {
        for (int[] size : new int[][] {{65500, 1}, {1, 65500}}) {
            byte[] file = write(picture(new Random(8), size[0], size[1], false), new Kind(1, 1, 7, 0.7f));
            assertArrayEquals(oracle(file, 3), decode(file));
        }
    }
}
