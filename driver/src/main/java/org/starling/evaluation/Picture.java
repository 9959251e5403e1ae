package org.starling.evaluation;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.starling.data.BadImageException;
import org.starling.data.ImageDecoder;
import org.starling.data.ImageRecord;
import org.starling.model.ImageShape;

/** What a network sees of an image, for a person. */
public final class Picture {
    private Picture() {}

    /**
     * The image at the network's input size, before normalization, as a PNG file.
     *
     * @param image one that can be decoded
     */
    public static byte[] png(ImageRecord image, ImageShape shape) {
        try {
            byte[] values = new ImageDecoder(shape).decode(image);
            int type = shape.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
            BufferedImage picture = new BufferedImage(shape.width(), shape.height(), type);
            int[] samples = new int[values.length];
            for (int i = 0; i < values.length; i++) {
                samples[i] = values[i] & 0xFF;
            }
            picture.getRaster().setPixels(0, 0, shape.width(), shape.height(), samples);
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            ImageIO.write(picture, "png", png);
            return png.toByteArray();
        } catch (BadImageException | IOException e) {
            throw new IllegalStateException("an image that was classified cannot be drawn: " + image.name(), e);
        }
    }
}
