package org.starling.kernels.jpeg;

/**
 * The steps of decoding. Two samples that stand side by side make a pair, {@code left | right << 16}; a picture's last pair may be half outside of it.
 * Arguments are not checked, and vector kernels may read and write up to 7 values more than a row has.
 */
public interface JpegKernel {
    /** Values that rows must be longer than what they hold. */
    int SPARE = 8;

    /** A pair's left sample is what this leaves of it. */
    int LEFT_MASK = 0xFFFF;

    /** Where a pair's right sample begins. */
    int RIGHT_BITS = 16;

    /** Samples of a block, and coefficients. */
    int BLOCK = 64;

    /** Rows and columns of a block. */
    int SIDE = 8;

    /**
     * The accurate integer transform of Loeffler, Ligtenberg and Moschytz (ICASSP 1989), columns first, as libjpeg's {@code JDCT_ISLOW} rounds it; samples are
     * clamped to 0 to 255.
     *
     * @param coefficients {@code [8, 8]}, multiplied by the quantization table; the vertical frequency comes first
     * @param between 64 values; they are overwritten, as the coefficients are
     * @param pairs gets {@code [4, 8]}: pair j of row y at {@code 8 j + y}
     */
    void inverseTransform(int[] coefficients, int[] between, int[] pairs);

    /** The sample that {@link #inverseTransform} gives for all of a block of which only the first coefficient is not zero. */
    static int flat(int coefficient) {
        return ScalarJpeg.flat(coefficient);
    }

    /** {@code sums[to + i] = 3 near[no + i] + far[fo + i]} for i below {@code length}: chroma of a row between two rows of chroma. */
    void weigh(int length, int[] near, int no, int[] far, int fo, int[] sums, int to);

    /**
     * Twice as many columns: {@code left[i] = (3 chroma[i + 1] + chroma[i] + leftBias) >> shift}, and {@code right[i]} likewise with
     * {@code chroma[i + 2]} and {@code rightBias}, for i below {@code length}.
     */
    void spread(int length, int[] chroma, int leftBias, int rightBias, int shift, int[] left, int[] right);

    /** Takes {@code length} pairs apart. */
    void split(int length, int[] pairs, int from, int[] left, int[] right);

    /** {@code pixels[i] = red | green << 8 | blue << 16} of luma, Cb and Cr, for i below {@code length}. */
    void colours(int length, int[] luma, int[] blue, int[] red, int[] pixels);
}
