package org.starling.data;

import java.nio.charset.StandardCharsets;
import org.starling.model.ImageShape;

/**
 * Turns records into images of a network's input size: channels are converted, the image is scaled so that it just covers
 * the input (for a square input: its short side becomes the input's), and the centre is cut out. An image that has the
 * input's size already is not resampled. The same record gives the same bytes on every machine.
 */
public final class ImageDecoder {
    /** Larger pictures are taken for damaged: decoding one of 64 million pixels takes some 400 MB. */
    public static final int MAXIMUM_PIXELS = 64_000_000;

    private final ImageShape shape;

    /** @param shape the network's input; its {@link ImageShape#format} plays no part here */
    public ImageDecoder(ImageShape shape) {
        this.shape = shape;
    }

    /**
     * @return unsigned values, {@code [h, w, c]} of the network's input
     * @throws BadImageException when the image cannot be read; the message is the reason
     */
    public byte[] decode(ImageRecord image) throws BadImageException {
        return fitted(image).values();
    }

    /** The same as a picture. */
    Pixels fitted(ImageRecord image) throws BadImageException {
        return fit(pixels(image).withChannels(shape.channels()));
    }

    /** The picture as it is stored, whatever its size and channels. */
    static Pixels pixels(ImageRecord image) throws BadImageException {
        switch (image.encoding()) {
            case FILE:
                return ImageFileReader.read(image.bytes());
            case RAW_INTERLEAVED:
                checkRaw(image);
                return new Pixels(image.height(), image.width(), image.channels(), image.bytes());
            case RAW_PLANAR:
                checkRaw(image);
                return Pixels.ofPlanes(image.height(), image.width(), image.channels(), image.bytes());
            case UNREADABLE:
                throw new BadImageException(new String(image.bytes(), StandardCharsets.UTF_8));
            default:
                throw new IllegalArgumentException(image.encoding().name());
        }
    }

    private static void checkRaw(ImageRecord image) throws BadImageException {
        ImageFileReader.checkSize(image.width(), image.height());
        long expected = (long) image.height() * image.width() * image.channels();
        if (image.channels() < 1 || image.channels() > 4 || image.bytes().length != expected) {
            throw new BadImageException("it has " + image.bytes().length + " values, expected " + image.height() + " x "
                    + image.width() + " x " + image.channels());
        }
    }

    private Pixels fit(Pixels image) {
        if (image.height() == shape.height() && image.width() == shape.width()) {
            return image;
        }
        double scale = Math.max((double) shape.height() / image.height(), (double) shape.width() / image.width());
        return Resampling.apply(
                image,
                Resampling.centred(image.height(), scaled(image.height(), scale, shape.height()), shape.height()),
                Resampling.centred(image.width(), scaled(image.width(), scale, shape.width()), shape.width()));
    }

    private static long scaled(int length, double scale, int least) {
        return Math.max(least, Math.round(length * scale));
    }
}
