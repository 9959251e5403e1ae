package org.starling.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.starling.data.augmentation.Augmentation;
import org.starling.model.DataFormat;
import org.starling.model.ImageShape;

/** Images as PNG files: what a network sees of one, for a person, or all of it. */
public final class Picture {
    private Picture() {}

    /**
     * The image at the network's input size, before normalization, as it is evaluated.
     *
     * @param image one that can be decoded
     * @param shortSide as {@link Preprocessing#shortSide}
     */
    public static byte[] png(ImageRecord image, ImageShape shape, int shortSide) {
        try {
            return png(samples(new ImageDecoder(shape, shortSide).decode(image)), shape);
        } catch (BadImageException e) {
            throw new IllegalStateException("an image that was classified cannot be drawn: " + image.name(), e);
        }
    }

    /**
     * All of the image, without loss, grey or in red, green and blue; alpha is composited onto white.
     *
     * @throws BadImageException when the image cannot be read; the message is the reason
     */
    public static byte[] whole(ImageRecord image) throws BadImageException {
        Pixels stored = ImageDecoder.pixels(image);
        Pixels pixels = stored.withChannels(stored.channels() < 3 ? 1 : 3);
        return png(
                samples(pixels.values()),
                new ImageShape(pixels.height(), pixels.width(), pixels.channels(), DataFormat.CHANNELS_LAST));
    }

    private static int[] samples(byte[] values) {
        int[] samples = new int[values.length];
        Arrays.setAll(samples, i -> values[i] & 0xFF);
        return samples;
    }

    /**
     * The image as it is shown in each of the first epochs of training.
     *
     * @param mean of the set's colours, which stands where an image is covered or moved away
     * @param seed of the run
     */
    public static List<byte[]> augmented(
            ImageRecord image,
            ImageShape shape,
            int shortSide,
            double[] mean,
            Augmentation augmentation,
            long seed,
            int epochs) {
        double[] ones = new double[shape.channels()];
        Arrays.fill(ones, 1);
        ImageShape interleaved =
                new ImageShape(shape.height(), shape.width(), shape.channels(), DataFormat.CHANNELS_LAST);
        List<byte[]> pictures = new ArrayList<>();
        for (int epoch = 0; epoch < epochs; epoch++) {
            float[] values = Minibatches.training(
                            Shard.of(0, List.of(image)),
                            interleaved,
                            new Preprocessing(shortSide, new Normalization(mean, ones)),
                            augmentation,
                            1,
                            seed,
                            epoch,
                            0,
                            1)
                    .next()
                    .features();
            int[] samples = new int[values.length];
            for (int i = 0; i < samples.length; i++) {
                samples[i] = (int) Math.max(0, Math.min(255, Math.round(values[i] + mean[i % shape.channels()])));
            }
            pictures.add(png(samples, interleaved));
        }
        return pictures;
    }

    private static byte[] png(int[] samples, ImageShape shape) {
        int type = shape.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
        BufferedImage picture = new BufferedImage(shape.width(), shape.height(), type);
        picture.getRaster().setPixels(0, 0, shape.width(), shape.height(), samples);
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            ImageIO.write(picture, "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return png.toByteArray();
    }
}
