package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.starling.data.jpeg.BaselineJpeg;

/** Files that are no more what their writers made: each decodes or is said to be bad, in little time and memory. */
class FuzzedImagesTest {
    private static final int SOME = 400;
    private static final int MANY = 10_000;

    /** A mutation must not take longer than the largest picture that is allowed, 1 s or so. */
    private static final long MOST_NANOS = 2_000_000_000L;

    /** What the largest allowed picture takes, and as much as the issue allows besides. */
    private static final long MOST_BYTES = 400_000_000L + (64 << 20);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private record Seed(String kind, byte[] bytes) {}

    private static byte[] written(BufferedImage image, String format, boolean progressive) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        ImageWriteParam settings = writer.getDefaultWriteParam();
        if (progressive) {
            settings.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), settings);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static BufferedImage as(int type) {
        BufferedImage picture = TestImages.picture(40, 56, 3);
        BufferedImage image = new BufferedImage(56, 40, type);
        image.getGraphics().drawImage(picture, 0, 0, null);
        return image;
    }

    private static List<Seed> seeds() throws IOException {
        BufferedImage colours = as(BufferedImage.TYPE_INT_RGB);
        return List.of(
                new Seed("JPEG", written(colours, "jpeg", false)),
                new Seed("progressive JPEG", written(colours, "jpeg", true)),
                new Seed("grey JPEG", written(as(BufferedImage.TYPE_BYTE_GRAY), "jpeg", false)),
                new Seed("PNG", written(colours, "png", false)),
                new Seed("interlaced PNG", written(as(BufferedImage.TYPE_4BYTE_ABGR), "png", true)),
                new Seed("PNG of 16 bits", written(as(BufferedImage.TYPE_USHORT_GRAY), "png", false)),
                new Seed("PNG with a palette", written(as(BufferedImage.TYPE_BYTE_INDEXED), "png", false)),
                new Seed("GIF", written(as(BufferedImage.TYPE_BYTE_INDEXED), "gif", false)),
                new Seed("BMP", written(colours, "bmp", false)),
                new Seed("BMP of one bit", written(as(BufferedImage.TYPE_BYTE_BINARY), "bmp", false)));
    }

    /** One to eight changes, of the kinds that damage and malice make. */
    private static byte[] mutate(byte[] file, SplittableRandom random) {
        byte[] bytes = file.clone();
        int changes = 1 + random.nextInt(8);
        for (int i = 0; i < changes && bytes.length > 8; i++) {
            // Half of them where the header is.
            int at = random.nextInt(random.nextBoolean() ? Math.min(64, bytes.length) : bytes.length);
            switch (random.nextInt(8)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                case 3 -> fill(bytes, at, 2 + 2 * random.nextInt(2), (byte) (random.nextBoolean() ? 0xFF : 0));
                case 4 -> fill(bytes, at, 4, (byte) 0x7F);
                case 5 -> bytes = repeated(bytes, at, 1 + random.nextInt(64));
                case 6 -> bytes = without(bytes, at, 1 + random.nextInt(16));
                default -> swap(bytes, at, random.nextInt(bytes.length));
            }
        }
        return bytes;
    }

    private static void fill(byte[] bytes, int at, int count, byte value) {
        Arrays.fill(bytes, at, Math.min(bytes.length, at + count), value);
    }

    private static void swap(byte[] bytes, int a, int b) {
        byte kept = bytes[a];
        bytes[a] = bytes[b];
        bytes[b] = kept;
    }

    private static byte[] repeated(byte[] bytes, int at, int count) {
        int length = Math.min(count, bytes.length - at);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + length);
        System.arraycopy(bytes, at, longer, at + length, bytes.length - at);
        return longer;
    }

    private static byte[] without(byte[] bytes, int at, int count) {
        int length = Math.min(count, bytes.length - at);
        byte[] shorter = new byte[bytes.length - length];
        System.arraycopy(bytes, 0, shorter, 0, at);
        System.arraycopy(bytes, at + length, shorter, at, bytes.length - at - length);
        return shorter;
    }

    private static void decode(int mutations) throws IOException {
        List<Seed> seeds = seeds();
        SplittableRandom random = new SplittableRandom(6);
        int good = 0;
        List<String> reasons = new ArrayList<>();
        for (int i = 0; i < mutations; i++) {
            Seed seed = seeds.get(i % seeds.size());
            byte[] file = mutate(seed.bytes(), random);
            String name = "mutation " + i + " of " + seed.kind();
            long bytes = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
            long nanos = THREADS.getCurrentThreadCpuTime();
            try {
                Pixels picture = ImageFileReader.read(file);
                assertTrue(picture.values().length == picture.height() * picture.width() * picture.channels(), name);
                good++;
            } catch (BadImageException e) {
                assertTrue(!e.getMessage().isBlank(), name);
                reasons.add(e.getMessage());
            } catch (RuntimeException | Error e) {
                fail(name + ": " + Base64.getEncoder().encodeToString(file), e);
            }
            bytes = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - bytes;
            nanos = THREADS.getCurrentThreadCpuTime() - nanos;
            assertTrue(bytes <= MOST_BYTES, name + " took " + bytes + " bytes");
            assertTrue(nanos <= MOST_NANOS, name + " took " + nanos + " ns");
        }
        System.out.printf(
                "%,d of %,d mutations decode, the others are bad for %,d reasons%n",
                good, mutations, reasons.stream().distinct().count());
        // Some do no harm and some do: a reader that accepts or refuses everything is not what is tested here.
        assertTrue(good > mutations / 20 && reasons.size() > mutations / 20, good + " good of " + mutations);
    }

    @Test
    void someMutationsDecodeOrAreBad() throws IOException {
        decode(SOME);
    }

    @Tag("soak")
    @Test
    void tenThousandMutationsDecodeOrAreBad() throws IOException {
        decode(MANY);
    }

    @Test
    void aFileThatTakesTooLongIsBad() throws IOException {
        for (Seed seed : seeds()) {
            if (BaselineJpeg.of(seed.bytes()).isPresent()) {
                // One pass over the file and one over the picture: what they take is known by their sizes.
                continue;
            }
            try {
                ImageFileReader.read(seed.bytes(), 0);
                fail(seed.kind() + " was read in no time");
            } catch (BadImageException e) {
                assertTrue(e.getMessage().contains("of a processor's time"), seed.kind() + ": " + e.getMessage());
            }
        }
    }
}
