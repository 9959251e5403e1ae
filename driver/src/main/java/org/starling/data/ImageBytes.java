package org.starling.data;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.starling.InputException;

/**
 * The part of a file that is an image.
 *
 * @param offset of its first byte
 * @param length in bytes; {@link #TO_THE_END} for all that follow
 */
record ImageBytes(long offset, long length) {
    static final long TO_THE_END = -1;
    static final ImageBytes WHOLE = new ImageBytes(0, TO_THE_END);

    /** No picture that fits {@link ImageDecoder#MAXIMUM_PIXELS} needs more. */
    private static final int MAXIMUM_BYTES = 512 << 20;

    /** See {@link StoredImage#read}. */
    ImageRecord read(NamedImage image, Path file, Configuration configuration) {
        if (length > MAXIMUM_BYTES) {
            return tooLarge(image);
        }
        try (FSDataInputStream in = file.getFileSystem(configuration).open(file)) {
            in.seek(offset);
            byte[] bytes = in.readNBytes(length == TO_THE_END ? MAXIMUM_BYTES + 1 : (int) length);
            if (bytes.length < length) {
                throw cut(image, file);
            }
            return bytes.length > MAXIMUM_BYTES
                    ? tooLarge(image)
                    : new ImageRecord(image.name(), image.label(), ImageRecord.Encoding.FILE, 0, 0, 0, bytes);
        } catch (EOFException e) {
            throw cut(image, file);
        } catch (FileNotFoundException | AccessControlException | ChecksumException e) {
            return unreadable(image, "the file cannot be read: " + SourceFiles.reason(e));
        } catch (IllegalArgumentException e) {
            return unreadable(image, "Hadoop cannot open a file of this name: " + SourceFiles.reason(e));
        } catch (IOException e) {
            throw new InputException(
                    "Image file " + file + " could not be read: " + SourceFiles.reason(e)
                            + ". The storage failed; run the job again when it is well.",
                    e);
        }
    }

    private static InputException cut(NamedImage image, Path file) {
        return new InputException(file + " ends within " + image.name()
                + ", and was whole when the set was opened. Put it back, and run the job again.");
    }

    private static ImageRecord tooLarge(NamedImage image) {
        return unreadable(image, "the file is larger than " + (MAXIMUM_BYTES >> 20) + " MiB");
    }

    private static ImageRecord unreadable(NamedImage image, String reason) {
        return new ImageRecord(
                image.name(),
                image.label(),
                ImageRecord.Encoding.UNREADABLE,
                0,
                0,
                0,
                reason.getBytes(StandardCharsets.UTF_8));
    }
}
