package org.starling.data;

/**
 * What Java's JPEG reader keeps to itself, from the markers of a file (ITU-T T.81, annex B).
 *
 * @param components of the picture: 1 grey, 3 YCbCr or RGB, 4 CMYK or YCCK; 0 where the file does not say
 * @param transform of the colours by Adobe's marker (Adobe Technical Note 5116, section 18): 0 none, 1 YCbCr, 2 YCCK; -1 without the marker
 * @param scans of the picture; a progressive file has several
 * @param orientation as {@link ExifOrientation} has it
 */
record JpegHeader(int components, int transform, int scans, int orientation) {
    private static final int MARKER = 0xFF;
    private static final int FIRST_FRAME = 0xC0;
    private static final int LAST_FRAME = 0xCF;

    /** A zero that is part of the data, and TEM. */
    private static final int LAST_WITHOUT_CONTENT = 0x01;

    private static final int FIRST_ALONE = 0xD0;
    private static final int LAST_ALONE = 0xD8;
    private static final int END = 0xD9;
    private static final int SCAN = 0xDA;
    private static final int EXIF = 0xE1;
    private static final int ADOBE = 0xEE;

    private static final byte[] EXIF_NAME = ImageFileFormat.bytes("Exif\0\0");
    private static final byte[] ADOBE_NAME = ImageFileFormat.bytes("Adobe");

    /** Where a segment's length stands, and what is in it, counted from its marker. */
    private static final int LENGTH = 2;

    private static final int CONTENT = 4;

    /** Precision, height and width come before. */
    private static final int FRAME_COMPONENTS = CONTENT + 5;

    /** Name, version and flags come before. */
    private static final int ADOBE_TRANSFORM = CONTENT + 11;

    /** Of a file that may be damaged: as far as there are markers. */
    static JpegHeader of(byte[] file) {
        return read(file, Integer.MAX_VALUE);
    }

    /** Of a file with one scan, whose data are not looked at. */
    static int orientation(byte[] file) {
        return read(file, 1).orientation();
    }

    /** @param last number of the scan at which to stop */
    private static JpegHeader read(byte[] file, int last) {
        int components = 0;
        int transform = -1;
        int scans = 0;
        int orientation = ExifOrientation.UPRIGHT;
        int at = 0;
        while (at + CONTENT <= file.length && scans < last) {
            int kind = file[at + 1] & 0xFF;
            if ((file[at] & 0xFF) != MARKER
                    || kind <= LAST_WITHOUT_CONTENT
                    || kind == MARKER
                    || kind >= FIRST_ALONE && kind <= LAST_ALONE) {
                // The data of a scan, in which a zero follows each 255, and markers without content.
                at++;
                continue;
            }
            if (kind == END) {
                break;
            }
            int end = at + LENGTH + ((file[at + LENGTH] & 0xFF) << 8 | file[at + LENGTH + 1] & 0xFF);
            if (end < at + CONTENT || end > file.length) {
                break;
            }
            if (kind == SCAN) {
                scans++;
            } else if (isFrame(kind) && at + FRAME_COMPONENTS < end) {
                components = file[at + FRAME_COMPONENTS] & 0xFF;
            } else if (kind == ADOBE
                    && ImageFileFormat.hasAt(file, at + CONTENT, ADOBE_NAME)
                    && at + ADOBE_TRANSFORM < end) {
                transform = file[at + ADOBE_TRANSFORM] & 0xFF;
            } else if (kind == EXIF && ImageFileFormat.hasAt(file, at + CONTENT, EXIF_NAME)) {
                orientation = ExifOrientation.of(file, at + CONTENT + EXIF_NAME.length, end);
            }
            at = end;
        }
        return new JpegHeader(components, transform, scans, orientation);
    }

    /** Of the same numbers tables of codes, an extension and arithmetic conditioning are no frames. */
    private static boolean isFrame(int kind) {
        return kind >= FIRST_FRAME && kind <= LAST_FRAME && kind != 0xC4 && kind != 0xC8 && kind != 0xCC;
    }
}
