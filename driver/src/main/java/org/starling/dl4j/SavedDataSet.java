package org.starling.dl4j;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The bytes that {@code DataSet.save} writes, looked through before DL4J reads them: it would allocate what a header says, take strides from it
 * that lead anywhere in memory, and deserialize Java objects where there are some. A file is a byte of flags and up to four arrays, each the header
 * and longs of a shape, and the header and values of its data.
 */
final class SavedDataSet {
    private static final int FEATURES = 1;
    private static final int LABELS = 2;
    private static final int LABELS_ARE_FEATURES = 4;
    private static final int FEATURES_MASK = 8;
    private static final int LABELS_MASK = 16;
    private static final int META_DATA = 32;

    /** How DL4J has written its buffers since 1.0.0-beta4. */
    private static final String ALLOCATION = "MIXED_DATA_TYPES";

    private static final int MOST_DIMENSIONS = 32;

    private final DataInputStream in;
    private final long length;

    /** @param length bytes of the file */
    SavedDataSet(InputStream in, long length) {
        this.in = new DataInputStream(new BufferedInputStream(in));
        this.length = length;
    }

    /** @throws IOException with what is wrong */
    void requireSound() throws IOException {
        try {
            int flags = in.readUnsignedByte();
            if ((flags & META_DATA) != 0) {
                throw new IOException("it holds serialized Java objects (example metadata), which are not opened."
                        + " Save it without: dataSet.setExampleMetaData(null)");
            }
            if (flags > (FEATURES | LABELS | LABELS_ARE_FEATURES | FEATURES_MASK | LABELS_MASK)) {
                throw new IOException("it is no saved DataSet");
            }
            for (int array : new int[] {FEATURES, LABELS, FEATURES_MASK, LABELS_MASK}) {
                boolean stored = (flags & array) != 0 && !(array == LABELS && (flags & LABELS_ARE_FEATURES) != 0);
                if (stored) {
                    requireSoundArray();
                }
            }
        } catch (EOFException e) {
            throw new IOException("it ends within an array", e);
        }
    }

    private void requireSoundArray() throws IOException {
        Buffer shape = buffer();
        if (shape.type() != DataType.LONG || shape.length() < 4 || shape.length() > 2 * MOST_DIMENSIONS + 4) {
            throw new IOException("a shape of %,d values of type %s".formatted(shape.length(), shape.type()));
        }
        long[] values = new long[(int) shape.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readLong();
        }
        Buffer data = buffer();
        if (!data.type().isNumerical() && data.type() != DataType.BOOL) {
            throw new IOException("an array of type " + data.type());
        }
        if (data.length() > length / data.type().width()) {
            throw new IOException(
                    "an array says that it has %,d values, in a file of %,d bytes".formatted(data.length(), length));
        }
        requireWithin(values, data.length());
        in.skipNBytes(data.length() * data.type().width());
    }

    /** @param type and number of the values that follow */
    private record Buffer(long length, DataType type) {}

    private Buffer buffer() throws IOException {
        String allocation = in.readUTF();
        if (!allocation.equals(ALLOCATION)) {
            throw new IOException("it is no DataSet as DL4J has saved them since 1.0.0-beta4");
        }
        long values = in.readLong();
        String name = in.readUTF();
        for (DataType type : DataType.values()) {
            if (type.name().equals(name) && values >= 0) {
                return new Buffer(values, type);
            }
        }
        throw new IOException("an array has a length or a type that is none");
    }

    /** @param shape rank, sizes, strides, and three more */
    private static void requireWithin(long[] shape, long values) throws IOException {
        int rank = (int) Math.min(MOST_DIMENSIONS + 1, shape[0]);
        boolean sound = rank >= 0 && shape.length == 2 * rank + 4;
        boolean empty = false;
        long last = 0;
        for (int d = 1; sound && d <= rank; d++) {
            long size = shape[d];
            long stride = shape[rank + d];
            empty |= size == 0;
            sound = size >= 0 && stride >= 0 && (size < 2 || stride <= (values - last) / (size - 1));
            last += sound && size > 1 ? (size - 1) * stride : 0;
        }
        if (!sound || !empty && last >= values) {
            throw new IOException("an array's shape reaches beyond its %,d values".formatted(values));
        }
    }
}
