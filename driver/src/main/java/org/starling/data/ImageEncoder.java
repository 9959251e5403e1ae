package org.starling.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * How a prepared set stores pictures: JPEG files with a short side of a given length, or as they came. Pictures that are no larger stay as they came
 * in any case: they would only lose by it.
 *
 * @param shortSide in pixels; 0 to keep every picture as it came
 * @param quality of JPEG files, as javax.imageio has it, up to 1
 */
record ImageEncoder(int shortSide, double quality) implements Serializable {
    /** Of libjpeg's. */
    private static final int LONGEST_SIDE = 65_500;
    /**
     * A picture as it is stored.
     *
     * @param record to be read by {@link ImageDecoder}
     * @param pixels what it is read as, of 1 or 3 channels; of a JPEG file written here, before it was written
     */
    record Stored(ImageRecord record, Pixels pixels) {}

    /** @throws BadImageException when the picture cannot be read */
    Stored encode(ImageRecord image) throws BadImageException {
        Pixels decoded = ImageDecoder.pixels(image);
        Pixels pixels = decoded.withChannels(decoded.channels() < 3 ? 1 : 3);
        int side = Math.min(pixels.height(), pixels.width());
        if (shortSide == 0 || side <= shortSide) {
            return new Stored(image, pixels);
        }
        double scale = (double) shortSide / side;
        if (Math.round(Math.max(pixels.height(), pixels.width()) * scale) > LONGEST_SIDE) {
            throw new BadImageException("of %d x %d pixels, it would be longer than the %d that a JPEG file holds"
                    .formatted(pixels.width(), pixels.height(), LONGEST_SIDE));
        }
        Pixels scaled = scaled(pixels, scale);
        return new Stored(
                new ImageRecord(image.name(), image.label(), ImageRecord.Encoding.FILE, 0, 0, 0, jpeg(scaled)), scaled);
    }

    private static Pixels scaled(Pixels pixels, double scale) {
        int height = (int) Math.round(pixels.height() * scale);
        int width = (int) Math.round(pixels.width() * scale);
        return Resampling.apply(
                pixels, Resampling.whole(pixels.height(), height), Resampling.whole(pixels.width(), width));
    }

    private byte[] jpeg(Pixels pixels) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
            ImageWriteParam settings = writer.getDefaultWriteParam();
            settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            settings.setCompressionQuality((float) quality);
            writer.setOutput(out);
            writer.write(null, new IIOImage(image(pixels), null, null), settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return file.toByteArray();
    }

    private static BufferedImage image(Pixels pixels) {
        BufferedImage image = new BufferedImage(
                pixels.width(),
                pixels.height(),
                pixels.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR);
        // Of a raster elements come as red, green, blue, whatever their order in memory.
        image.getRaster().setDataElements(0, 0, pixels.width(), pixels.height(), pixels.values());
        return image;
    }
}
