package org.starling.data;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;

/** Kinds of image files, told by their first bytes, whatever the file's name is. */
enum ImageFileFormat {
    JPEG("\u00ff\u00d8\u00ff"),
    PNG("\u0089PNG\r\n\u001a\n"),
    GIF("GIF8"),
    BMP("BM"),
    /** Read by TwelveMonkeys' plug-in, which is not looked up: whether a lookup finds it depends on the thread that makes the JVM's first. */
    WEBP("RIFF") {
        @Override
        boolean begins(byte[] file) {
            return super.begins(file) && hasAt(file, 8, bytes("WEBP"));
        }

        @Override
        ImageReader reader() throws IOException {
            return new WebPImageReaderSpi().createReaderInstance();
        }
    };

    private final byte[] signature;

    ImageFileFormat(String signature) {
        this.signature = bytes(signature);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static boolean hasAt(byte[] file, int at, byte[] expected) {
        return file.length >= at + expected.length
                && Arrays.equals(file, at, at + expected.length, expected, 0, expected.length);
    }

    boolean begins(byte[] file) {
        return hasAt(file, 0, signature);
    }

    static Optional<ImageFileFormat> of(byte[] file) {
        return Stream.of(values()).filter(format -> format.begins(file)).findFirst();
    }

    /** All that are read, for messages. */
    static String names() {
        return Stream.of(values()).map(Enum::name).collect(Collectors.joining(", "));
    }

    ImageReader reader() throws IOException {
        return ImageIO.getImageReadersByFormatName(name().toLowerCase(Locale.ROOT))
                .next();
    }
}
