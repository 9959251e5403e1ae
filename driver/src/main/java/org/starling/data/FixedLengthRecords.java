package org.starling.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.starling.InputException;

/** A run of records of one length within a file, gzip or not. The file is closed at its end and when the task ends. */
final class FixedLengthRecords implements Iterator<byte[]> {
    private static final int BUFFER = 1 << 16;

    private final String file;
    private final int length;
    private final InputStream in;
    private int left;

    private FixedLengthRecords(String file, InputStream in, int length, int count) {
        this.file = file;
        this.in = in;
        this.length = length;
        this.left = count;
    }

    /**
     * @param offset bytes before the first record, in the unzipped content
     * @param length bytes of a record
     * @param count records
     */
    static FixedLengthRecords open(String file, long offset, int length, int count, Configuration configuration) {
        try {
            Path path = new Path(file);
            InputStream in = content(path.getFileSystem(configuration), path, offset);
            TaskContext task = TaskContext.get();
            if (task != null) {
                task.addTaskCompletionListener((TaskCompletionListener) ended -> closeQuietly(in));
            }
            return new FixedLengthRecords(file, in, length, count);
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    /** Whether a file is gzip, by its first two bytes. */
    static boolean isZipped(FileSystem fileSystem, Path file) throws IOException {
        try (InputStream in = fileSystem.open(file)) {
            return in.read() == 0x1F && in.read() == 0x8B;
        }
    }

    /** A file's content, unzipped if it is gzip, from an offset within that content. */
    static InputStream content(FileSystem fileSystem, Path file, long offset) throws IOException {
        boolean zipped = isZipped(fileSystem, file);
        FSDataInputStream raw = fileSystem.open(file);
        try {
            if (zipped) {
                InputStream in = new BufferedInputStream(new GZIPInputStream(raw, BUFFER), BUFFER);
                in.skipNBytes(offset);
                return in;
            }
            raw.seek(offset);
            return new BufferedInputStream(raw, BUFFER);
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    @Override
    public boolean hasNext() {
        return left > 0;
    }

    @Override
    public byte[] next() {
        if (left == 0) {
            throw new NoSuchElementException();
        }
        try {
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException("it ends within a record");
            }
            if (--left == 0) {
                in.close();
            }
            return bytes;
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    private static InputException failure(String file, IOException e) {
        return new InputException(
                "Image file " + file + " could not be read: " + SourceFiles.reason(e)
                        + ". It was whole when the job began; check that nothing rewrites it.",
                e);
    }

    private static void closeQuietly(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            // The task is over and everything that it needed has been read.
        }
    }
}
