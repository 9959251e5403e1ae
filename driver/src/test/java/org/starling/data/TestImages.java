package org.starling.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/** Writes the image files that tests read. */
final class TestImages {
    private TestImages() {}

    /** A picture whose colours differ from pixel to pixel and from seed to seed, smoothly enough for JPEG. */
    static BufferedImage picture(int height, int width, int seed) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int red = (seed * 31 + x * 5) & 0xFF;
                int green = (seed * 17 + y * 7) & 0xFF;
                int blue = (seed * 13 + x + y) & 0xFF;
                image.setRGB(x, y, red << 16 | green << 8 | blue);
            }
        }
        return image;
    }

    static byte[] encode(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!ImageIO.write(image, format, bytes)) {
            throw new IOException("no writer for " + format);
        }
        return bytes.toByteArray();
    }

    static Path write(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    static Path writePicture(Path file, int height, int width, int seed) throws IOException {
        String name = file.getFileName().toString();
        return write(file, encode(picture(height, width, seed), name.substring(name.lastIndexOf('.') + 1)));
    }

    /** An IDX file of unsigned bytes. */
    static byte[] idx(byte[] values, int... sizes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(0x0800 + sizes.length);
            for (int size : sizes) {
                out.writeInt(size);
            }
            out.write(values);
        }
        return bytes.toByteArray();
    }

    static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    static ImageRecord file(byte[] bytes) {
        return new ImageRecord("test", 0, ImageRecord.Encoding.FILE, 0, 0, 0, bytes);
    }

    static ImageRecord raw(String name, int label, int height, int width, int channels, byte[] values) {
        return new ImageRecord(name, label, ImageRecord.Encoding.RAW_INTERLEAVED, height, width, channels, values);
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
