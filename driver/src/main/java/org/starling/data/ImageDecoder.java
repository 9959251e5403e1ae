package org.starling.data;

import java.nio.charset.StandardCharsets;
import org.starling.data.augmentation.Rendering;
import org.starling.model.ImageShape;

/**
 * Turns records into pictures for a network's input: channels are converted, and of the picture as it is scaled a part is cut out, the centre where
 * nothing else is asked for. What needs no scaling is not resampled. The same record gives the same bytes on every machine.
 */
public final class ImageDecoder {
    /** Larger pictures are taken for damaged: decoding one of 64 million pixels takes some 400 MB. */
    public static final int MAXIMUM_PIXELS = 64_000_000;

    private final ImageShape shape;
    private final int shortSide;

    /**
     * @param shape the network's input; its {@link ImageShape#format} plays no part here
     * @param shortSide as {@link Preprocessing#shortSide}
     */
    public ImageDecoder(ImageShape shape, int shortSide) {
        this.shape = shape;
        this.shortSide = shortSide;
    }

    /**
     * The part that is evaluated.
     *
     * @return unsigned values, {@code [h, w, c]} of the network's input
     * @throws BadImageException when the image cannot be read; the message is the reason
     */
    public byte[] decode(ImageRecord image) throws BadImageException {
        return fitted(image).values();
    }

    /** The same as a picture. */
    Pixels fitted(ImageRecord image) throws BadImageException {
        Pixels picture = picture(image);
        return cut(picture, rendering(picture));
    }

    /** All of the picture, in the network's channels. */
    Pixels picture(ImageRecord image) throws BadImageException {
        return pixels(image).withChannels(shape.channels());
    }

    /** How a picture is evaluated. */
    Rendering rendering(Pixels picture) {
        double scale = Math.max((double) shape.height() / picture.height(), (double) shape.width() / picture.width());
        scale = Math.max(scale, (double) shortSide / Math.min(picture.height(), picture.width()));
        return new Rendering(
                scaled(picture.height(), scale, shape.height()),
                scaled(picture.width(), scale, shape.width()),
                shape.height(),
                shape.width(),
                shape.channels());
    }

    private static int scaled(int length, double scale, int least) {
        // A picture of one row may become this long; only a part of it is ever computed.
        return (int) Math.min(Integer.MAX_VALUE, Math.max(least, Math.round(length * scale)));
    }

    /**
     * What a rendering shows of the picture, at the network's input size.
     *
     * @param rendering as {@link #rendering} began it for this picture
     */
    Pixels cut(Pixels picture, Rendering rendering) {
        Rendering.Region region = rendering.region();
        double rowStep = (double) picture.height() / rendering.pictureHeight();
        double columnStep = (double) picture.width() / rendering.pictureWidth();
        Resampling rows = Resampling.of(
                picture.height(), region.top() * rowStep, region.height() * rowStep / shape.height(), shape.height());
        Resampling columns = Resampling.of(
                picture.width(),
                region.left() * columnStep,
                region.width() * columnStep / shape.width(),
                shape.width());
        return Resampling.apply(picture, rows, columns);
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
}
