package org.starling.data.jpeg;

import java.util.Arrays;

/** A table of codes (T.81, annex C). */
final class HuffmanTable {
    /** Bits of the longest code. */
    static final int LONGEST = 16;

    /** Codes of at most so many bits are found by one look. */
    static final int LOOK_BITS = 10;

    static final int LENGTH_MASK = 0xFF;
    static final int SYMBOL_SHIFT = 8;

    /** {@code symbol << 8 | length} by the next bits; 0 where the code is longer. */
    final int[] look = new int[1 << LOOK_BITS];

    /** By length: the first code that is too large for it, at the left of 16 bits; a table's codes rise with their length. */
    private final int[] end = new int[LONGEST + 1];

    /** By length: where its symbols begin, less its first code. */
    private final int[] offset = new int[LONGEST + 1];

    private final byte[] symbols;

    /**
     * @param counts of the codes of 1 to 16 bits
     * @param symbols in the order of their codes, as many as the counts say
     * @throws UnsupportedJpegException when there are more codes than their lengths allow
     */
    HuffmanTable(int[] counts, byte[] symbols) throws UnsupportedJpegException {
        this.symbols = symbols;
        int code = 0;
        int first = 0;
        for (int length = 1; length <= LONGEST; length++) {
            int count = counts[length - 1];
            if (code + count > 1 << length) {
                throw new UnsupportedJpegException();
            }
            offset[length] = first - code;
            for (int i = 0; i < count && length <= LOOK_BITS; i++) {
                int entry = (symbols[first + i] & 0xFF) << SYMBOL_SHIFT | length;
                int free = LOOK_BITS - length;
                Arrays.fill(look, code + i << free, code + i + 1 << free, entry);
            }
            first += count;
            code += count;
            end[length] = code << LONGEST - length;
            code <<= 1;
        }
    }

    /** The next {@code size} bits, at least one: the upper half are numbers as they are, the lower half negative ones. */
    static int value(long next, int size) {
        int value = (int) (next >>> Long.SIZE - size);
        // -1 where the first bit is zero.
        int negative = (int) (next >>> Long.SIZE - 1) - 1;
        return value + (negative & 1 - (1 << size));
    }

    /**
     * A code that one look does not find.
     *
     * @param next 16 bits
     * @return {@code symbol << 8 | length}; 0 when there is no such code
     */
    int find(int next) {
        for (int length = LOOK_BITS + 1; length <= LONGEST; length++) {
            if (next < end[length]) {
                return (symbols[offset[length] + (next >>> LONGEST - length)] & 0xFF) << SYMBOL_SHIFT | length;
            }
        }
        return 0;
    }
}
