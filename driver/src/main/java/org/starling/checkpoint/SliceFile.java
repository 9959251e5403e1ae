package org.starling.checkpoint;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.starling.InputException;
import org.starling.model.Slice;

/**
 * A part of a checkpoint: the eight bytes {@code STARLING}, then for each slice four big-endian ints (vector, index, replica, bytes) and its
 * values as little-endian floats.
 */
final class SliceFile {
    private static final byte[] MAGIC = "STARLING".getBytes(StandardCharsets.US_ASCII);

    private SliceFile() {}

    static Checkpoint.Part write(OutputStream stream, String name, Iterator<Slice> slices) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(stream, new CRC32C());
        DataOutputStream out = new DataOutputStream(checked);
        out.write(MAGIC);
        long length = MAGIC.length;
        int count = 0;
        while (slices.hasNext()) {
            Slice slice = slices.next();
            out.write(slice.bytes());
            length += slice.bytes().length;
            count++;
        }
        out.flush();
        return new Checkpoint.Part(name, count, length, checked.getChecksum().getValue());
    }

    /** Reads slice by slice; a defect is known at the latest with the last one. */
    static final class Reader implements Iterator<Slice>, Closeable {
        private final String path;
        private final Checkpoint.Part part;
        private final CheckedInputStream checked;
        private final DataInputStream in;
        private final int largestSlice;
        private int left;
        private long position;

        /** @param largestSlice most bytes a slice may have; a damaged length is refused before it is allocated */
        Reader(InputStream stream, String path, Checkpoint.Part part, int largestSlice) throws IOException {
            this.path = path;
            this.part = part;
            this.checked = new CheckedInputStream(new BufferedInputStream(stream, 1 << 16), new CRC32C());
            this.in = new DataInputStream(checked);
            this.largestSlice = largestSlice;
            this.left = part.slices();
            if (!Arrays.equals(read(MAGIC.length), MAGIC)) {
                throw damaged("it does not begin with STARLING");
            }
            verifyEnd();
        }

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public Slice next() {
            if (left == 0) {
                throw new NoSuchElementException();
            }
            try {
                int vector = readInt();
                int index = readInt();
                int replica = readInt();
                int bytes = readInt();
                if (bytes < 0 || bytes > largestSlice) {
                    throw damaged("a slice claims " + bytes + " bytes, at most " + largestSlice + " are possible");
                }
                Slice slice = Slice.ofBytes(vector, index, replica, read(bytes));
                left--;
                verifyEnd();
                return slice;
            } catch (IOException e) {
                throw damaged(e.getMessage());
            }
        }

        private void verifyEnd() throws IOException {
            if (left > 0) {
                return;
            }
            if (position != part.length() || in.read() >= 0) {
                throw damaged("its manifest says " + part.length() + " bytes, its slices end at " + position);
            }
            long crc = checked.getChecksum().getValue();
            if (crc != part.crc32c()) {
                throw damaged(String.format("its CRC32C is %08x, its manifest says %08x", crc, part.crc32c()));
            }
        }

        private int readInt() throws IOException {
            return ByteBuffer.wrap(read(Integer.BYTES)).getInt();
        }

        private byte[] read(int length) throws IOException {
            byte[] bytes = in.readNBytes(length);
            position += bytes.length;
            if (bytes.length < length) {
                throw damaged("it ends after " + position + " bytes, its manifest says " + part.length());
            }
            return bytes;
        }

        private InputException damaged(String defect) {
            return new InputException("The checkpoint part " + path + " is damaged: " + defect
                    + ". Resume the run: it goes on from the newest checkpoint that is whole.");
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
