package org.starling.data.jpeg;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.starling.kernels.jpeg.JpegKernel;

/** Reads the coded data of a scan (T.81, annex F.2), block by block. */
final class EntropyReader {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int MARKER = 0xFF;
    private static final int LAST_COEFFICIENT = JpegKernel.BLOCK - 1;
    private static final int LONGEST_RUN = 15;

    /** Bits that a difference of mean values, and another coefficient, of 8-bit samples may have. */
    private static final int MOST_DC_BITS = 11;

    private static final int MOST_AC_BITS = 10;

    /** As many bits there are at least after each look at the data: more than a code and the value after it have. */
    private static final int FILLED = Long.SIZE - Byte.SIZE;

    /** What may be read after the end of a part before it is noticed. */
    private static final int PADDING = 4 * Long.BYTES;

    private static final long EACH_ONE = 0x0101010101010101L;
    private static final long EACH_TOP = 0x8080808080808080L;

    /** Where the coefficients lie in a block, row by row, in the order of the file. */
    private static final int[] NATURAL = zigzag();

    private final byte[] file;

    /** Of the file: the next part of the scan, or the marker after this one. */
    private int filePosition;

    /** This part: what lies between two markers, without the zeros that follow each 255, and zeros after it. */
    private byte[] part = new byte[0];

    private int partLength;
    private int position;

    /** The next bits, from the left. Those after {@link #count} are what comes next as well. */
    private long bits;

    private int count;

    /** @param start of the scan's data */
    EntropyReader(byte[] file, int start) {
        this.file = file;
        this.filePosition = start;
        beginPart();
    }

    private static int[] zigzag() {
        int last = JpegKernel.SIDE - 1;
        int[] order = new int[JpegKernel.BLOCK];
        int at = 0;
        for (int diagonal = 0; diagonal <= 2 * last; diagonal++) {
            for (int i = Math.max(0, diagonal - last); i <= Math.min(last, diagonal); i++) {
                int row = diagonal % 2 == 0 ? diagonal - i : i;
                order[at++] = row * JpegKernel.SIDE + diagonal - row;
            }
        }
        return order;
    }

    /** Where the next marker begins, or the file ends. */
    private int endOfPart() {
        int at = filePosition;
        while (at < file.length) {
            if (at + Long.BYTES <= file.length && !hasMarker((long) LONGS.get(file, at))) {
                at += Long.BYTES;
            } else if (file[at] == (byte) MARKER && (at + 1 == file.length || file[at + 1] != 0)) {
                return at;
            } else {
                at++;
            }
        }
        return at;
    }

    /** Whether one of eight bytes is 255. */
    private static boolean hasMarker(long eight) {
        return ((~eight - EACH_ONE) & eight & EACH_TOP) != 0;
    }

    private void beginPart() {
        int end = endOfPart();
        if (part.length < end - filePosition + PADDING) {
            part = new byte[end - filePosition + PADDING];
        }
        int to = 0;
        int from = filePosition;
        while (from < end) {
            if (from + Long.BYTES <= end) {
                long eight = (long) LONGS.get(file, from);
                if (!hasMarker(eight)) {
                    LONGS.set(part, to, eight);
                    to += Long.BYTES;
                    from += Long.BYTES;
                    continue;
                }
            }
            part[to++] = file[from];
            from += file[from] == (byte) MARKER ? 2 : 1;
        }
        Arrays.fill(part, to, to + PADDING, (byte) 0);
        filePosition = end;
        partLength = to;
        position = 0;
        bits = 0;
        count = 0;
    }

    /**
     * The next block.
     *
     * @param quantization in the order of the file
     * @param mean of the component's block before, as it is in the file
     * @param block {@code [8, 8]}, zeros; gets the coefficients times their quantization
     * @return whether any but the first may not be zero
     */
    boolean block(HuffmanTable dc, HuffmanTable ac, int[] quantization, int[] mean, int[] block)
            throws UnsupportedJpegException {
        // Not in the object's fields, which the loop would write and read again for every code.
        int at = position;
        long next = bits;
        int left = count;
        next |= (long) LONGS.get(part, at) >>> left;
        at += Long.SIZE - 1 - left >>> 3;
        left |= FILLED;
        int entry = entry(dc, next);
        int size = entry >> HuffmanTable.SYMBOL_SHIFT;
        next <<= entry & HuffmanTable.LENGTH_MASK;
        left -= (entry & HuffmanTable.LENGTH_MASK) + size;
        if (size > MOST_DC_BITS) {
            throw new UnsupportedJpegException();
        }
        if (size > 0) {
            mean[0] += HuffmanTable.value(next, size);
            next <<= size;
        }
        block[0] = mean[0] * quantization[0];
        int k = 1;
        while (k <= LAST_COEFFICIENT) {
            if (at > partLength + Long.BYTES) {
                throw new UnsupportedJpegException();
            }
            next |= (long) LONGS.get(part, at) >>> left;
            at += Long.SIZE - 1 - left >>> 3;
            left |= FILLED;
            entry = entry(ac, next);
            next <<= entry & HuffmanTable.LENGTH_MASK;
            int run = entry >> HuffmanTable.SYMBOL_SHIFT + 4;
            size = entry >> HuffmanTable.SYMBOL_SHIFT & 0xF;
            left -= (entry & HuffmanTable.LENGTH_MASK) + size;
            if (size == 0) {
                if (run != LONGEST_RUN) {
                    break;
                }
                k += LONGEST_RUN + 1;
                continue;
            }
            k += run;
            if (k > LAST_COEFFICIENT || size > MOST_AC_BITS) {
                throw new UnsupportedJpegException();
            }
            block[NATURAL[k]] = HuffmanTable.value(next, size) * quantization[k];
            next <<= size;
            k++;
        }
        position = at;
        bits = next;
        count = left;
        if (k > LAST_COEFFICIENT + 1) {
            throw new UnsupportedJpegException();
        }
        return k > 1;
    }

    private static int entry(HuffmanTable table, long next) throws UnsupportedJpegException {
        int entry = table.look[(int) (next >>> Long.SIZE - HuffmanTable.LOOK_BITS)];
        if (entry == 0) {
            entry = table.find((int) (next >>> Long.SIZE - HuffmanTable.LONGEST));
            if (entry == 0) {
                throw new UnsupportedJpegException();
            }
        }
        return entry;
    }

    /** @throws UnsupportedJpegException when more was read than there is */
    void requireEnough() throws UnsupportedJpegException {
        if (bitsRead() > (long) partLength * Byte.SIZE) {
            throw new UnsupportedJpegException();
        }
    }

    /** Bytes of this part. */
    int partLength() {
        return partLength;
    }

    /** @return whether this part is followed by the marker */
    boolean isFollowedBy(int marker) {
        return filePosition + 1 < file.length && (file[filePosition + 1] & 0xFF) == marker;
    }

    private long bitsRead() {
        return (long) position * Byte.SIZE - count;
    }

    /**
     * Ends this part of the data, after which a marker must come.
     *
     * @param marker that is expected
     * @throws UnsupportedJpegException when less or more was read than there is before the marker, or it is another
     */
    void endAt(int marker) throws UnsupportedJpegException {
        requireEnough();
        // The last byte is filled up with ones.
        boolean allRead = (long) partLength * Byte.SIZE - bitsRead() < Byte.SIZE;
        if (!allRead || !isFollowedBy(marker)) {
            throw new UnsupportedJpegException();
        }
    }

    /** The same, and begins the part after the marker. */
    void goOnAfter(int marker) throws UnsupportedJpegException {
        endAt(marker);
        filePosition += 2;
        beginPart();
    }
}
