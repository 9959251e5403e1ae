package org.starling.data;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.starling.data.jpeg.BaselineJpeg;

/**
 * Reads the bytes of an image file with javax.imageio, the common kind of JPEG file with {@link BaselineJpeg}. The samples that the file stores are
 * taken as sRGB values, as other training tools take them: embedded colour profiles are not applied. (Java's own conversion would also
 * treat grey as linear light and brighten it.)
 */
final class ImageFileReader {
    /** Files for people have ten or so. Each is a pass over all pixels. */
    private static final int MAXIMUM_SCANS = 100;

    /** Pixels of all scans together: some seconds. */
    private static final long MAXIMUM_WORK = 10L * ImageDecoder.MAXIMUM_PIXELS;

    /** TwelveMonkeys keeps some 60 bytes a pixel of a lossy picture while it reads it. */
    private static final int MAXIMUM_WEBP_PIXELS = 8_000_000;

    /** Larger pictures are decoded one at a time in this JVM: all threads that decode together could take some hundred megabytes each. */
    private static final int LARGE_PIXELS = 8_000_000;

    private static final Object LARGE = new Object();

    private static final int COLOURS = 3;
    private static final int INKS = 4;
    private static final int YCCK = 2;

    private ImageFileReader() {}

    static Pixels read(byte[] file) throws BadImageException {
        return read(file, DecodeBudget.NANOS);
    }

    /** @param nanos of the processor's time that decoding may take */
    static Pixels read(byte[] file, long nanos) throws BadImageException {
        if (file.length == 0) {
            throw new BadImageException("the file is empty");
        }
        ImageFileFormat format = ImageFileFormat.of(file)
                .orElseThrow(() ->
                        new BadImageException("not an image file that can be read (" + ImageFileFormat.names() + ")"));
        if (format == ImageFileFormat.JPEG) {
            Optional<Pixels> picture = readBaseline(file);
            if (picture.isPresent()) {
                return picture.get();
            }
        }
        ImageReader reader = null;
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            reader = format.reader();
            reader.setInput(in, true, true);
            checkSize(reader.getWidth(0), reader.getHeight(0));
            if (format == ImageFileFormat.WEBP) {
                checkWebp((long) reader.getWidth(0) * reader.getHeight(0), WebpHeader.of(file));
            }
            synchronized (lock((long) reader.getWidth(0) * reader.getHeight(0))) {
                DecodeBudget budget = new DecodeBudget(reader, nanos);
                Pixels picture =
                        format == ImageFileFormat.JPEG ? readJpeg(reader, JpegHeader.of(file)) : pixels(reader.read(0));
                budget.require();
                return picture;
            }
        } catch (IOException | RuntimeException e) {
            // Damaged files make the readers of javax.imageio throw about every runtime exception there is.
            throw new BadImageException("damaged or not supported: " + SourceFiles.reason(e), e);
        } finally {
            if (reader != null) {
                reader.dispose();
            }
        }
    }

    /** What is held while so many pixels are decoded: nobody else's for a picture that is not large. */
    private static Object lock(long pixels) {
        return pixels > LARGE_PIXELS ? LARGE : new Object();
    }

    /** @return empty when javax.imageio is to say what the file is */
    private static Optional<Pixels> readBaseline(byte[] file) throws BadImageException {
        Optional<BaselineJpeg> jpeg = BaselineJpeg.of(file);
        if (jpeg.isEmpty()) {
            return Optional.empty();
        }
        int height = jpeg.get().height();
        int width = jpeg.get().width();
        int channels = jpeg.get().channels();
        checkSize(width, height);
        try {
            Optional<byte[]> decoded;
            synchronized (lock((long) width * height)) {
                decoded = jpeg.get().decode();
            }
            return decoded.map(values ->
                    ExifOrientation.upright(new Pixels(height, width, channels, values), JpegHeader.orientation(file)));
        } catch (RuntimeException e) {
            // There is none that is known of; the image is not to be bad for one.
            return Optional.empty();
        }
    }

    private static void checkWebp(long canvas, WebpHeader header) throws BadImageException {
        long pixels = Math.max(canvas, header.largestFrame());
        if (pixels > MAXIMUM_WEBP_PIXELS) {
            throw new BadImageException(
                    "a WebP picture of " + pixels + " pixels, expected at most " + MAXIMUM_WEBP_PIXELS);
        }
    }

    private static Pixels readJpeg(ImageReader reader, JpegHeader header) throws IOException, BadImageException {
        long work = (long) header.scans() * reader.getWidth(0) * reader.getHeight(0);
        if (header.scans() > MAXIMUM_SCANS || work > MAXIMUM_WORK) {
            throw new BadImageException("it has " + header.scans() + " scans, expected at most " + MAXIMUM_SCANS
                    + ", and " + MAXIMUM_WORK + " pixels in all of them");
        }
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
        Pixels picture = header.components() == INKS
                ? ofInks(reader.readRaster(0, null), header.transform() == YCCK)
                : pixels(reader.read(0, inRedGreenBlue(reader)));
        for (String warning : warnings) {
            // The JPEG reader fills what is missing with grey and only warns.
            if (warning.contains("Premature end") || warning.contains("Truncated")) {
                throw new BadImageException("the file is cut: " + warning);
            }
        }
        return ExifOrientation.upright(picture, header.orientation());
    }

    /** Colours in this order are copied from the decoder's lines as they are; the reader's own order is the other way round. */
    private static ImageReadParam inRedGreenBlue(ImageReader reader) throws IOException {
        ImageReadParam settings = reader.getDefaultReadParam();
        ColorModel usual = reader.getImageTypes(0).next().getColorModel();
        // Of the file's own colour space: with another one the reader would convert.
        ColorSpace space = usual.getColorSpace();
        if (space.getType() == ColorSpace.TYPE_RGB && usual.getNumComponents() == COLOURS) {
            WritableRaster raster = Raster.createInterleavedRaster(
                    DataBuffer.TYPE_BYTE,
                    reader.getWidth(0),
                    reader.getHeight(0),
                    COLOURS * reader.getWidth(0),
                    COLOURS,
                    new int[] {0, 1, 2},
                    null);
            ColorModel model = new ComponentColorModel(space, false, false, Transparency.OPAQUE, DataBuffer.TYPE_BYTE);
            settings.setDestination(new BufferedImage(model, raster, false, null));
        }
        return settings;
    }

    private static Pixels ofInks(Raster raster, boolean ycck) {
        byte[] inks = (byte[])
                raster.getDataElements(raster.getMinX(), raster.getMinY(), raster.getWidth(), raster.getHeight(), null);
        return Pixels.ofInks(raster.getHeight(), raster.getWidth(), inks, ycck);
    }

    /** Judges a header before memory is taken for what it claims. */
    static void checkSize(long width, long height) throws BadImageException {
        if (width < 1 || height < 1 || width * height > ImageDecoder.MAXIMUM_PIXELS) {
            throw new BadImageException("its header says " + width + " x " + height + " pixels, expected 1 to "
                    + ImageDecoder.MAXIMUM_PIXELS + " in all");
        }
    }

    private static Pixels pixels(BufferedImage image) throws BadImageException {
        ColorModel model = image.getColorModel();
        int type = image.getRaster().getDataBuffer().getDataType();
        if (model instanceof IndexColorModel palette) {
            return ofPalette(image.getRaster(), palette);
        }
        int space = model.getColorSpace().getType();
        boolean integers =
                type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT || type == DataBuffer.TYPE_INT;
        if (!integers
                || model.isAlphaPremultiplied()
                || space != ColorSpace.TYPE_GRAY && space != ColorSpace.TYPE_RGB) {
            throw new BadImageException(
                    "its colours are not supported: expected grey or RGB, with or without alpha, of at most 16 bits");
        }
        return image.getRaster().getSampleModel() instanceof PixelInterleavedSampleModel layout
                        && image.getRaster().getDataBuffer() instanceof DataBufferByte buffer
                        && buffer.getNumBanks() == 1
                ? ofBytes(image.getRaster(), layout, buffer.getData())
                : ofSamples(image.getRaster(), model);
    }

    /** What most files become: bytes that lie pixel by pixel, if in another order of channels. */
    private static Pixels ofBytes(Raster raster, PixelInterleavedSampleModel layout, byte[] data) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        int channels = layout.getNumBands();
        int[] bands = layout.getBandOffsets();
        boolean inOrder = IntStream.range(0, channels).allMatch(c -> bands[c] == c)
                && layout.getPixelStride() == channels
                && layout.getScanlineStride() == width * channels;
        if (inOrder && data.length == width * height * channels) {
            return new Pixels(height, width, channels, data);
        }
        int pixelStride = layout.getPixelStride();
        byte[] values = new byte[Math.multiplyExact(width * height, channels)];
        for (int y = 0; y < height; y++) {
            int line = y * layout.getScanlineStride();
            for (int c = 0; c < channels; c++) {
                int from = line + bands[c];
                for (int to = y * width * channels + c; to < (y + 1) * width * channels; to += channels) {
                    values[to] = data[from];
                    from += pixelStride;
                }
            }
        }
        return new Pixels(height, width, channels, values);
    }

    private static Pixels ofSamples(Raster raster, ColorModel model) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        int channels = model.getNumComponents();
        byte[] values = new byte[Math.multiplyExact(width * height, channels)];
        int[] row = new int[width * channels];
        int[] largest = new int[channels];
        for (int c = 0; c < channels; c++) {
            largest[c] = (1 << model.getComponentSize(c)) - 1;
        }
        int to = 0;
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int i = 0; i < row.length; i++) {
                int most = largest[i % channels];
                values[to++] = (byte) (most == 255 ? row[i] : (row[i] * 255 + most / 2) / most);
            }
        }
        return new Pixels(height, width, channels, values);
    }

    private static Pixels ofPalette(Raster raster, IndexColorModel palette) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        int channels = palette.hasAlpha() ? 4 : 3;
        byte[] values = new byte[Math.multiplyExact(width * height, channels)];
        int[] colours = new int[palette.getMapSize()];
        palette.getRGBs(colours);
        int[] row = new int[width];
        int to = 0;
        for (int y = 0; y < height; y++) {
            raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
            for (int index : row) {
                int colour = colours[index];
                values[to++] = (byte) (colour >> 16);
                values[to++] = (byte) (colour >> 8);
                values[to++] = (byte) colour;
                if (channels == 4) {
                    values[to++] = (byte) (colour >>> 24);
                }
            }
        }
        return new Pixels(height, width, channels, values);
    }
}
