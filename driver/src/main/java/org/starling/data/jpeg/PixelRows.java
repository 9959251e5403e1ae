package org.starling.data.jpeg;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.starling.data.jpeg.JpegFrame.Component;
import org.starling.kernels.jpeg.JpegKernel;

/** The picture's pixels, made row by row of the components' samples. */
final class PixelRows {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int COLOURS = 3;

    /** Bytes of two pixels. */
    private static final int PAIR = 2 * COLOURS;

    private static final int PIXEL_BITS = COLOURS * Byte.SIZE;

    private final SampleRows[] samples;
    private final JpegKernel kernel;
    private final int width;
    private final int height;
    private final int count;
    private final int chromaHeight;
    private final boolean half;
    private final boolean halfRows;
    private final int[] sums;
    private final int[] left;
    private final int[] right;
    private final int[] leftBlue;
    private final int[] rightBlue;
    private final int[] leftRed;
    private final int[] rightRed;
    private final byte[] values;
    private int next;

    PixelRows(JpegFrame frame, SampleRows[] samples, JpegKernel kernel) {
        this.samples = samples;
        this.kernel = kernel;
        this.width = frame.width();
        this.height = frame.height();
        this.count = (width + 1) / 2;
        Component luma = frame.components()[0];
        this.half = luma.columns() == 2;
        this.halfRows = luma.rows() == 2;
        this.chromaHeight = halfRows ? (height + 1) / 2 : height;
        int length = count + JpegKernel.SPARE;
        this.sums = new int[length + 2];
        this.left = new int[length];
        this.right = new int[length];
        this.leftBlue = new int[length];
        this.rightBlue = new int[length];
        this.leftRed = new int[length];
        this.rightRed = new int[length];
        this.values = new byte[Math.multiplyExact(width * height, frame.components().length)];
    }

    /** @param end row before which all samples are there, and the row of chroma after it, unless it is the last */
    void writeUntil(int end) {
        for (; next < end; next++) {
            if (samples.length == 1) {
                writeGrey(next);
            } else {
                computeColours(next);
                writeColours(next);
            }
        }
    }

    byte[] values() {
        return values;
    }

    private void writeGrey(int y) {
        int[] luma = samples[0].samples();
        int from = samples[0].row(y);
        int to = y * width;
        for (int x = 0; x < width; x++) {
            values[to + x] = (byte) (luma[from + x / 2] >>> x % 2 * JpegKernel.RIGHT_BITS);
        }
    }

    private void computeColours(int y) {
        kernel.split(count, samples[0].samples(), samples[0].row(y), left, right);
        if (half) {
            spread(samples[1], y, leftBlue, rightBlue);
            spread(samples[2], y, leftRed, rightRed);
        } else {
            kernel.split(count, samples[1].samples(), samples[1].row(y), leftBlue, rightBlue);
            kernel.split(count, samples[2].samples(), samples[2].row(y), leftRed, rightRed);
        }
        kernel.colours(count, left, leftBlue, leftRed, left);
        kernel.colours(count, right, rightBlue, rightRed, right);
    }

    /** Chroma for a row of pixels, of the nearest two or four. Before its first and after its last value the same are taken once more. */
    private void spread(SampleRows chroma, int y, int[] toLeft, int[] toRight) {
        int[] from = chroma.samples();
        if (halfRows) {
            int far = Math.max(0, Math.min(chromaHeight - 1, y % 2 == 0 ? y / 2 - 1 : y / 2 + 1));
            kernel.weigh(count, from, chroma.row(y / 2), from, chroma.row(far), sums, 1);
        } else {
            System.arraycopy(from, chroma.row(y), sums, 1, count);
        }
        sums[0] = sums[1];
        sums[count + 1] = sums[count];
        // Weights of 9, 3, 3 and 1 in 16, or 3 and 1 in 4; every other column is rounded the other way.
        if (halfRows) {
            kernel.spread(count, sums, 8, 7, 4, toLeft, toRight);
        } else {
            kernel.spread(count, sums, 1, 2, 2, toLeft, toRight);
        }
    }

    private void writeColours(int y) {
        int to = y * width * COLOURS;
        // A write of eight bytes for six: what is too much is written again by what comes next.
        int room = values.length - to - Long.BYTES;
        int whole = room < 0 ? 0 : Math.min(count, room / PAIR + 1);
        for (int i = 0; i < whole; i++) {
            LONGS.set(values, to + i * PAIR, left[i] | (long) right[i] << PIXEL_BITS);
        }
        for (int at = to + whole * PAIR; at < to + width * COLOURS; at++) {
            int pixel = (at - to) / COLOURS;
            int colours = pixel % 2 == 0 ? left[pixel / 2] : right[pixel / 2];
            values[at] = (byte) (colours >> (at - to) % COLOURS * Byte.SIZE);
        }
    }
}
