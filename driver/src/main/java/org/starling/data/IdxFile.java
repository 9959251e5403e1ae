package org.starling.data;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.zip.ZipException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;

/**
 * An IDX file of unsigned bytes, checked to be whole: two zero bytes, the type 0x08, the number of dimensions, each
 * dimension as a big-endian 32-bit integer, then the values, the last dimension fastest. A gzip file has been unzipped once
 * to check it.
 *
 * @param path the file
 * @param sizes its dimensions
 */
record IdxFile(Path path, int[] sizes) {
    private static final int UNSIGNED_BYTE = 0x08;

    static IdxFile open(SourceFiles files, FileStatus status) {
        Path path = status.getPath();
        try (InputStream in = FixedLengthRecords.content(files.fileSystem(), path, 0)) {
            IdxFile file = new IdxFile(path, readHeader(path, new DataInputStream(in)));
            boolean zipped = FixedLengthRecords.isZipped(files.fileSystem(), path);
            file.check(zipped ? in.transferTo(OutputStream.nullOutputStream()) : status.getLen() - file.offset());
            return file;
        } catch (EOFException e) {
            throw broken(path, "its data ends too early: " + SourceFiles.reason(e), e);
        } catch (ZipException e) {
            throw broken(path, "its gzip data is damaged: " + SourceFiles.reason(e), e);
        } catch (IOException e) {
            throw broken(path, SourceFiles.reason(e), e);
        }
    }

    /** Whether a file begins as an IDX file of unsigned bytes does. */
    static boolean isIdx(SourceFiles files, FileStatus status) {
        try (DataInputStream in =
                new DataInputStream(FixedLengthRecords.content(files.fileSystem(), status.getPath(), 0))) {
            return in.readInt() >>> 8 == UNSIGNED_BYTE;
        } catch (IOException e) {
            return false;
        }
    }

    private static int[] readHeader(Path path, DataInputStream in) throws IOException {
        int magic = in.readInt();
        int type = magic >>> 8;
        int dimensions = magic & 0xFF;
        if (type != UNSIGNED_BYTE || dimensions < 1 || dimensions > 4) {
            throw broken(
                    path,
                    String.format(
                            "its magic number is 0x%08X, expected 0x00000801 (labels), 0x00000803 (grey images) or"
                                    + " 0x00000804 (colour images)",
                            magic),
                    null);
        }
        int[] sizes = new int[dimensions];
        for (int d = 0; d < dimensions; d++) {
            sizes[d] = in.readInt();
            if (sizes[d] < 0) {
                throw broken(path, "dimension " + d + " of its header is " + sizes[d], null);
            }
        }
        return sizes;
    }

    private void check(long found) {
        double expected = Arrays.stream(sizes).asDoubleStream().reduce(1, (a, b) -> a * b);
        if (found != expected) {
            throw broken(
                    path,
                    String.format(
                            "its header promises %s = %.0f values, but %d follow it", dimensions(), expected, found),
                    null);
        }
    }

    /** As {@code 12000 x 28 x 28}. */
    String dimensions() {
        return Arrays.stream(sizes).mapToObj(String::valueOf).collect(Collectors.joining(" x "));
    }

    int count() {
        return sizes[0];
    }

    long offset() {
        return 4L + 4L * sizes.length;
    }

    /** All values; for labels, one byte an image. */
    byte[] values(FileSystem fileSystem) {
        try (InputStream in = FixedLengthRecords.content(fileSystem, path, offset())) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw broken(path, SourceFiles.reason(e), e);
        }
    }

    private static InputException broken(Path path, String defect, Throwable cause) {
        return new InputException(
                "IDX file " + path + " cannot be used: " + defect + ". Get the file again, or make it again.", cause);
    }
}
