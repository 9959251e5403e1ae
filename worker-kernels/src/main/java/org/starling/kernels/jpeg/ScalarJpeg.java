package org.starling.kernels.jpeg;

/** The steps in plain Java. */
final class ScalarJpeg implements JpegKernel {
    /** Bits after the point of the transform's constants. */
    static final int CONSTANT_BITS = 13;

    /** Bits after the point between columns and rows. */
    static final int PASS_BITS = 2;

    static final int COLUMN_SHIFT = CONSTANT_BITS - PASS_BITS;

    /** The transform's factor of 8 goes here. */
    static final int ROW_SHIFT = CONSTANT_BITS + PASS_BITS + 3;

    /** Sums and differences of cosines of multiples of pi / 16, times the square root of 2 and 2^13, rounded; named by their value. */
    static final int C0_298631336 = 2446;

    static final int C0_390180644 = 3196;
    static final int C0_541196100 = 4433;
    static final int C0_765366865 = 6270;
    static final int C0_899976223 = 7373;
    static final int C1_175875602 = 9633;
    static final int C1_501321110 = 12299;
    static final int C1_847759065 = 15137;
    static final int C1_961570560 = 16069;
    static final int C2_053119869 = 16819;
    static final int C2_562915447 = 20995;
    static final int C3_072711026 = 25172;

    static final int CENTRE = 128;
    static final int LARGEST = 255;

    /** Half of the last place, and what grey is stored as. */
    static final int ROW_BIAS = (1 << ROW_SHIFT - 1) + (CENTRE << ROW_SHIFT);

    /** T.871's factors of chroma in 1 / 2^16. */
    static final int COLOUR_BITS = 16;

    static final int RED_OF_RED = 91881;
    static final int GREEN_OF_RED = 46802;
    static final int GREEN_OF_BLUE = 22554;
    static final int BLUE_OF_BLUE = 116130;
    static final int HALF = 1 << COLOUR_BITS - 1;

    @Override
    public void inverseTransform(int[] coefficients, int[] between, int[] pairs) {
        for (int x = 0; x < SIDE; x++) {
            transform(coefficients, x, SIDE, 1 << COLUMN_SHIFT - 1, COLUMN_SHIFT, between, x, SIDE);
        }
        int[] samples = new int[SIDE];
        for (int y = 0; y < SIDE; y++) {
            transform(between, y * SIDE, 1, ROW_BIAS, ROW_SHIFT, samples, 0, 1);
            for (int j = 0; j < SIDE / 2; j++) {
                pairs[j * SIDE + y] = clamp(samples[2 * j]) | clamp(samples[2 * j + 1]) << RIGHT_BITS;
            }
        }
    }

    static int flat(int coefficient) {
        return clamp((coefficient << PASS_BITS + CONSTANT_BITS) + ROW_BIAS >> ROW_SHIFT);
    }

    /** One line of eight, {@code stride} from each other. */
    private static void transform(int[] in, int at, int stride, int bias, int shift, int[] out, int to, int outStride) {
        int in2 = in[at + 2 * stride];
        int in6 = in[at + 6 * stride];
        int rotated = (in2 + in6) * C0_541196100;
        int even2 = rotated - in6 * C1_847759065;
        int even3 = rotated + in2 * C0_765366865;
        int even0 = in[at] + in[at + 4 * stride] << CONSTANT_BITS;
        int even1 = in[at] - in[at + 4 * stride] << CONSTANT_BITS;
        int sum0 = even0 + even3 + bias;
        int sum3 = even0 - even3 + bias;
        int sum1 = even1 + even2 + bias;
        int sum2 = even1 - even2 + bias;

        int in1 = in[at + stride];
        int in3 = in[at + 3 * stride];
        int in5 = in[at + 5 * stride];
        int in7 = in[at + 7 * stride];
        int all = (in7 + in3 + in5 + in1) * C1_175875602;
        int outer = -(in7 + in1) * C0_899976223;
        int inner = -(in5 + in3) * C2_562915447;
        int first = all - (in7 + in3) * C1_961570560;
        int second = all - (in5 + in1) * C0_390180644;
        int odd0 = in7 * C0_298631336 + outer + first;
        int odd1 = in5 * C2_053119869 + inner + second;
        int odd2 = in3 * C3_072711026 + inner + first;
        int odd3 = in1 * C1_501321110 + outer + second;

        out[to] = sum0 + odd3 >> shift;
        out[to + 7 * outStride] = sum0 - odd3 >> shift;
        out[to + outStride] = sum1 + odd2 >> shift;
        out[to + 6 * outStride] = sum1 - odd2 >> shift;
        out[to + 2 * outStride] = sum2 + odd1 >> shift;
        out[to + 5 * outStride] = sum2 - odd1 >> shift;
        out[to + 3 * outStride] = sum3 + odd0 >> shift;
        out[to + 4 * outStride] = sum3 - odd0 >> shift;
    }

    @Override
    public void weigh(int length, int[] near, int no, int[] far, int fo, int[] sums, int to) {
        for (int i = 0; i < length; i++) {
            sums[to + i] = 3 * near[no + i] + far[fo + i];
        }
    }

    @Override
    public void spread(int length, int[] chroma, int leftBias, int rightBias, int shift, int[] left, int[] right) {
        for (int i = 0; i < length; i++) {
            left[i] = 3 * chroma[i + 1] + chroma[i] + leftBias >> shift;
            right[i] = 3 * chroma[i + 1] + chroma[i + 2] + rightBias >> shift;
        }
    }

    @Override
    public void split(int length, int[] pairs, int from, int[] left, int[] right) {
        for (int i = 0; i < length; i++) {
            left[i] = pairs[from + i] & LEFT_MASK;
            right[i] = pairs[from + i] >>> RIGHT_BITS;
        }
    }

    @Override
    public void colours(int length, int[] luma, int[] blue, int[] red, int[] pixels) {
        for (int i = 0; i < length; i++) {
            int cb = blue[i] - CENTRE;
            int cr = red[i] - CENTRE;
            int r = luma[i] + (RED_OF_RED * cr + HALF >> COLOUR_BITS);
            int g = luma[i] + (HALF - GREEN_OF_BLUE * cb - GREEN_OF_RED * cr >> COLOUR_BITS);
            int b = luma[i] + (BLUE_OF_BLUE * cb + HALF >> COLOUR_BITS);
            pixels[i] = clamp(r) | clamp(g) << 8 | clamp(b) << 16;
        }
    }

    private static int clamp(int value) {
        return Math.max(0, Math.min(LARGEST, value));
    }
}
