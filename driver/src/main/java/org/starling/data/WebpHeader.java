package org.starling.data;

/**
 * What a WebP file says of its frames' sizes (RFC 9649). The canvas's size, which a reader tells, need not be theirs.
 *
 * @param largestFrame pixels of the largest frame
 */
record WebpHeader(long largestFrame) {
    private static final int RIFF_HEADER = 12;
    private static final int CHUNK_HEADER = 8;

    /** Where a frame of an animation has chunks of its own. */
    private static final int FRAME_HEADER = 16;

    private static final byte[] LOSSY = ImageFileFormat.bytes("VP8 ");
    private static final byte[] LOSSLESS = ImageFileFormat.bytes("VP8L");
    private static final byte[] FRAME = ImageFileFormat.bytes("ANMF");
    private static final int SIDE = (1 << 14) - 1;

    /** Of a file that may be damaged: as far as there are chunks. */
    static WebpHeader of(byte[] file) {
        long largest = 0;
        long at = RIFF_HEADER;
        while (at + CHUNK_HEADER <= file.length) {
            int chunk = (int) at;
            int content = chunk + CHUNK_HEADER;
            long length = littleEndian(file, chunk + 4, 4);
            if (ImageFileFormat.hasAt(file, chunk, FRAME)) {
                at = content + FRAME_HEADER;
                continue;
            }
            if (ImageFileFormat.hasAt(file, chunk, LOSSY) && content + 10 <= file.length) {
                // Behind the frame's tag and start code, each with two bits of scaling.
                largest = Math.max(
                        largest,
                        (littleEndian(file, content + 6, 2) & SIDE) * (littleEndian(file, content + 8, 2) & SIDE));
            } else if (ImageFileFormat.hasAt(file, chunk, LOSSLESS) && content + 5 <= file.length) {
                long sides = littleEndian(file, content + 1, 4);
                largest = Math.max(largest, ((sides & SIDE) + 1) * ((sides >> 14 & SIDE) + 1));
            }
            at = content + length + (length & 1);
        }
        return new WebpHeader(largest);
    }

    private static long littleEndian(byte[] file, int at, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | file[at + i] & 0xFF;
        }
        return value;
    }
}
