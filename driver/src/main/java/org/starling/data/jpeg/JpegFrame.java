package org.starling.data.jpeg;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.starling.kernels.jpeg.JpegKernel;

/** What the markers before a scan say (T.81, annex B), where all of it is of the common kind. */
final class JpegFrame {
    private static final int MARKER = 0xFF;
    private static final int START = 0xD8;
    private static final int BASELINE = 0xC0;
    private static final int EXTENDED = 0xC1;
    private static final int CODES = 0xC4;
    private static final int SCAN = 0xDA;
    private static final int QUANTIZATION = 0xDB;
    private static final int RESTARTS = 0xDD;
    private static final int FIRST_APPLICATION = 0xE0;
    private static final int EXIF = 0xE1;
    private static final int ADOBE = 0xEE;
    private static final int LAST_APPLICATION = 0xEF;
    private static final int COMMENT = 0xFE;

    private static final byte[] JFIF_NAME = "JFIF\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] EXIF_NAME = "Exif\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] ADOBE_NAME = "Adobe".getBytes(StandardCharsets.ISO_8859_1);

    /** A shorter one does not count. */
    private static final int JFIF_LENGTH = 14;

    /** Name, version and flags come before. */
    private static final int ADOBE_TRANSFORM = 11;

    private static final int YCBCR = 1;
    private static final int TABLES = 4;
    private static final int COLOURS = 3;
    private static final int SAMPLE_BITS = 8;

    /** Of chroma; libjpeg brings fewer to the luma's size in another way. */
    private static final int FEWEST_COLUMNS = 3;

    private final byte[] file;
    private int at;
    private int end;

    private final int[][] quantization = new int[TABLES][];
    /** Where in the file the codes of each table are; 0 where there are none. */
    private final int[] dc = new int[TABLES];

    private final int[] ac = new int[TABLES];
    private Declared[] declared;
    private boolean ycbcr;
    private boolean exif;

    private int width;
    private int height;
    private int restartInterval;
    private Component[] components;

    /** What a frame says of a component. */
    private record Declared(int id, int columns, int rows, int table) {}

    /**
     * One of the picture's.
     *
     * @param columns of blocks in a unit that all components share
     * @param rows of blocks in it
     * @param quantization in the order of the file
     */
    record Component(int columns, int rows, int[] quantization, HuffmanTable dc, HuffmanTable ac) {}

    /** @throws UnsupportedJpegException when it is not of this kind */
    JpegFrame(byte[] file) throws UnsupportedJpegException {
        this.file = file;
        require(file.length > 2 && unsigned(0) == MARKER && unsigned(1) == START);
        at = 2;
        int kind = segment();
        while (kind != SCAN) {
            read(kind);
            at = end;
            kind = segment();
        }
        readScan();
        at = end;
    }

    private static void require(boolean condition) throws UnsupportedJpegException {
        if (!condition) {
            throw new UnsupportedJpegException();
        }
    }

    private int unsigned(int position) {
        return file[position] & 0xFF;
    }

    private int unsigned16(int position) {
        return unsigned(position) << 8 | unsigned(position + 1);
    }

    /** Goes to the content of the next segment and says what kind it is. */
    private int segment() throws UnsupportedJpegException {
        require(at + 1 < file.length && unsigned(at) == MARKER);
        while (at + 1 < file.length && unsigned(at + 1) == MARKER) {
            at++;
        }
        require(at + 3 < file.length);
        int kind = unsigned(at + 1);
        end = at + 2 + unsigned16(at + 2);
        at += 4;
        require(end >= at && end <= file.length);
        return kind;
    }

    private void read(int kind) throws UnsupportedJpegException {
        switch (kind) {
            case BASELINE, EXTENDED -> readFrame();
            case CODES -> readCodes();
            case QUANTIZATION -> readQuantization();
            case RESTARTS -> {
                require(end - at >= 2);
                restartInterval = unsigned16(at);
            }
            case FIRST_APPLICATION -> ycbcr |= begins(JFIF_NAME) && end - at >= JFIF_LENGTH;
            case EXIF -> exif |= begins(EXIF_NAME);
            case ADOBE -> {
                if (begins(ADOBE_NAME)) {
                    require(at + ADOBE_TRANSFORM < end && unsigned(at + ADOBE_TRANSFORM) == YCBCR);
                    ycbcr = true;
                }
            }
            default -> require(kind > EXIF && kind <= LAST_APPLICATION || kind == COMMENT);
        }
    }

    private boolean begins(byte[] name) {
        return end - at >= name.length && Arrays.equals(file, at, at + name.length, name, 0, name.length);
    }

    private void readQuantization() throws UnsupportedJpegException {
        while (at < end) {
            int table = unsigned(at++);
            // Of 8 bits: the upper half is zero.
            require(table < TABLES && end - at >= JpegKernel.BLOCK);
            int[] values = new int[JpegKernel.BLOCK];
            for (int k = 0; k < values.length; k++) {
                values[k] = unsigned(at++);
            }
            quantization[table] = values;
        }
    }

    private void readCodes() throws UnsupportedJpegException {
        while (at < end) {
            require(end - at > HuffmanTable.LONGEST);
            int table = unsigned(at++);
            int codes = 0;
            for (int i = 0; i < HuffmanTable.LONGEST; i++) {
                codes += unsigned(at + i);
            }
            require((table & 0xF) < TABLES && table >> 4 <= 1 && codes <= end - at - HuffmanTable.LONGEST);
            // Only those that the scan names are made: a file may hold many.
            (table >> 4 == 0 ? dc : ac)[table & 0xF] = at;
            at += HuffmanTable.LONGEST + codes;
        }
    }

    private HuffmanTable codes(int[] tables, int number) throws UnsupportedJpegException {
        int from = tables[number];
        require(from > 0);
        int[] counts = new int[HuffmanTable.LONGEST];
        int all = 0;
        for (int i = 0; i < counts.length; i++) {
            counts[i] = unsigned(from + i);
            all += counts[i];
        }
        int symbols = from + HuffmanTable.LONGEST;
        return new HuffmanTable(counts, Arrays.copyOfRange(file, symbols, symbols + all));
    }

    private void readFrame() throws UnsupportedJpegException {
        require(declared == null && end - at >= 6 && unsigned(at) == SAMPLE_BITS);
        height = unsigned16(at + 1);
        width = unsigned16(at + 3);
        int count = unsigned(at + 5);
        require(height > 0 && width > 0 && (count == 1 || count == COLOURS) && end - at == 6 + 3 * count);
        declared = new Declared[count];
        at += 6;
        for (int c = 0; c < count; c++) {
            int sampling = unsigned(at + 1);
            int table = unsigned(at + 2);
            require(table < TABLES);
            // A single component is not interleaved with others: a unit is a block, whatever its sampling.
            declared[c] = count == 1
                    ? new Declared(unsigned(at), 1, 1, table)
                    : new Declared(unsigned(at), sampling >> 4, sampling & 0xF, table);
            at += 3;
        }
        Declared luma = declared[0];
        require(luma.columns() == 1 && luma.rows() == 1 || luma.columns() == 2 && luma.rows() >= 1 && luma.rows() <= 2);
        for (int c = 1; c < count; c++) {
            require(declared[c].columns() == 1 && declared[c].rows() == 1);
        }
        require(luma.columns() == 1 || (width + 1) / 2 >= FEWEST_COLUMNS);
    }

    private void readScan() throws UnsupportedJpegException {
        require(declared != null && (declared.length == 1 || ycbcr || exif && numbered()));
        int count = declared.length;
        require(end - at == 4 + 2 * count && unsigned(at) == count);
        at++;
        components = new Component[count];
        for (int c = 0; c < count; c++) {
            Declared component = declared[c];
            int tables = unsigned(at + 1);
            require(unsigned(at) == component.id() && tables >> 4 < TABLES && (tables & 0xF) < TABLES);
            require(quantization[component.table()] != null);
            components[c] = new Component(
                    component.columns(),
                    component.rows(),
                    quantization[component.table()],
                    codes(dc, tables >> 4),
                    codes(ac, tables & 0xF));
            at += 2;
        }
        // All coefficients, all of their bits.
        require(unsigned(at) == 0 && unsigned(at + 1) == JpegKernel.BLOCK - 1 && unsigned(at + 2) == 0);
    }

    /** As components of YCbCr usually are; those of other colours have letters, or none of the markers. */
    private boolean numbered() {
        return IntStream.range(0, declared.length).allMatch(c -> declared[c].id() == c + 1);
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    /** One, or luma and two of chroma. */
    Component[] components() {
        return components;
    }

    /** Units between two restarts; 0 without. */
    int restartInterval() {
        return restartInterval;
    }

    /** Where the scan's data begins. */
    int dataStart() {
        return at;
    }
}
