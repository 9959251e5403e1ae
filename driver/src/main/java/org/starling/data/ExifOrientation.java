package org.starling.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How a camera was held: the tag Orientation of Exif (CIPA DC-008, 4.6.4), 1 to 8. Its number says where the file's first row and column belong:
 * 1 top left, 2 top right, 3 bottom right, 4 bottom left, and with rows and columns exchanged 5 left top, 6 right top, 7 right bottom, 8 left
 * bottom.
 */
final class ExifOrientation {
    static final int UPRIGHT = 1;

    private static final int LAST = 8;
    private static final int TAG = 0x0112;
    private static final int SHORT = 3;
    private static final int ENTRY = 12;
    private static final int HEADER = 8;

    private ExifOrientation() {}

    /**
     * From Exif's data, which is laid out as a TIFF file.
     *
     * @return {@link #UPRIGHT} where the data does not say, or cannot be read
     */
    static int of(byte[] file, int from, int to) {
        if (to - from < HEADER) {
            return UPRIGHT;
        }
        ByteBuffer tiff = ByteBuffer.wrap(file, from, to - from).slice();
        tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long directory = Integer.toUnsignedLong(tiff.getInt(4));
        if (directory + Short.BYTES > tiff.limit()) {
            return UPRIGHT;
        }
        int entries = Short.toUnsignedInt(tiff.getShort((int) directory));
        int at = (int) directory + Short.BYTES;
        for (int i = 0; i < entries && at + ENTRY <= tiff.limit(); i++, at += ENTRY) {
            if (Short.toUnsignedInt(tiff.getShort(at)) == TAG && tiff.getShort(at + 2) == SHORT) {
                int value = Short.toUnsignedInt(tiff.getShort(at + 8));
                return value <= LAST && value > 0 ? value : UPRIGHT;
            }
        }
        return UPRIGHT;
    }

    /** The picture as it was seen. */
    static Pixels upright(Pixels picture, int orientation) {
        if (orientation == UPRIGHT) {
            return picture;
        }
        boolean exchanged = orientation > 4;
        // Of the file's rows and columns, counted from the other end.
        boolean rowsTurned = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        boolean columnsTurned = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        return picture.turned(rowsTurned, columnsTurned, exchanged);
    }
}
