package org.starling.kernels.jpeg;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.OR;
import static org.starling.kernels.jpeg.ScalarJpeg.CENTRE;
import static org.starling.kernels.jpeg.ScalarJpeg.COLOUR_BITS;
import static org.starling.kernels.jpeg.ScalarJpeg.LARGEST;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/**
 * The steps on vectors of at most eight values, a block's row. Methods are long and call no others: C2 stops inlining when a method has grown to some
 * fifty operations on vectors, but for these operations themselves, and a vector that is passed to a call is an object.
 */
final class VectorJpeg implements JpegKernel {
    private static final VectorSpecies<Integer> SPECIES = VectorWidth.INTEGERS;
    private static final int LANES = SPECIES.length();

    @Override
    public void inverseTransform(int[] coefficients, int[] between, int[] pairs) {
        for (int x = 0; x < SIDE; x += LANES) {
            transform(coefficients, x, 1 << ScalarJpeg.COLUMN_SHIFT - 1, ScalarJpeg.COLUMN_SHIFT, between);
        }
        transpose(between, coefficients);
        for (int y = 0; y < SIDE; y += LANES) {
            transform(coefficients, y, ScalarJpeg.ROW_BIAS, ScalarJpeg.ROW_SHIFT, between);
            pair(between, y, pairs);
        }
    }

    /** As many lines side by side as a vector has values, of which {@code at} is the first; value i of a line lies in row i. */
    private static void transform(int[] in, int at, int bias, int shift, int[] out) {
        IntVector in2 = IntVector.fromArray(SPECIES, in, at + 2 * SIDE);
        IntVector in6 = IntVector.fromArray(SPECIES, in, at + 6 * SIDE);
        IntVector rotated = in2.add(in6).mul(ScalarJpeg.C0_541196100);
        IntVector even2 = rotated.sub(in6.mul(ScalarJpeg.C1_847759065));
        IntVector even3 = rotated.add(in2.mul(ScalarJpeg.C0_765366865));
        IntVector in0 = IntVector.fromArray(SPECIES, in, at);
        IntVector in4 = IntVector.fromArray(SPECIES, in, at + 4 * SIDE);
        IntVector even0 = in0.add(in4).lanewise(LSHL, ScalarJpeg.CONSTANT_BITS).add(bias);
        IntVector even1 = in0.sub(in4).lanewise(LSHL, ScalarJpeg.CONSTANT_BITS).add(bias);
        IntVector sum0 = even0.add(even3);
        IntVector sum3 = even0.sub(even3);
        IntVector sum1 = even1.add(even2);
        IntVector sum2 = even1.sub(even2);

        IntVector in1 = IntVector.fromArray(SPECIES, in, at + SIDE);
        IntVector in3 = IntVector.fromArray(SPECIES, in, at + 3 * SIDE);
        IntVector in5 = IntVector.fromArray(SPECIES, in, at + 5 * SIDE);
        IntVector in7 = IntVector.fromArray(SPECIES, in, at + 7 * SIDE);
        IntVector lower = in7.add(in3);
        IntVector upper = in5.add(in1);
        IntVector all = lower.add(upper).mul(ScalarJpeg.C1_175875602);
        IntVector outer = in7.add(in1).mul(ScalarJpeg.C0_899976223);
        IntVector inner = in5.add(in3).mul(ScalarJpeg.C2_562915447);
        IntVector first = all.sub(lower.mul(ScalarJpeg.C1_961570560));
        IntVector second = all.sub(upper.mul(ScalarJpeg.C0_390180644));
        IntVector odd0 = in7.mul(ScalarJpeg.C0_298631336).sub(outer).add(first);
        IntVector odd1 = in5.mul(ScalarJpeg.C2_053119869).sub(inner).add(second);
        IntVector odd2 = in3.mul(ScalarJpeg.C3_072711026).sub(inner).add(first);
        IntVector odd3 = in1.mul(ScalarJpeg.C1_501321110).sub(outer).add(second);

        sum0.add(odd3).lanewise(ASHR, shift).intoArray(out, at);
        sum0.sub(odd3).lanewise(ASHR, shift).intoArray(out, at + 7 * SIDE);
        sum1.add(odd2).lanewise(ASHR, shift).intoArray(out, at + SIDE);
        sum1.sub(odd2).lanewise(ASHR, shift).intoArray(out, at + 6 * SIDE);
        sum2.add(odd1).lanewise(ASHR, shift).intoArray(out, at + 2 * SIDE);
        sum2.sub(odd1).lanewise(ASHR, shift).intoArray(out, at + 5 * SIDE);
        sum3.add(odd0).lanewise(ASHR, shift).intoArray(out, at + 3 * SIDE);
        sum3.sub(odd0).lanewise(ASHR, shift).intoArray(out, at + 4 * SIDE);
    }

    private static void transpose(int[] in, int[] out) {
        for (int x = 0; x < SIDE; x++) {
            out[x * SIDE] = in[x];
            out[x * SIDE + 1] = in[SIDE + x];
            out[x * SIDE + 2] = in[2 * SIDE + x];
            out[x * SIDE + 3] = in[3 * SIDE + x];
            out[x * SIDE + 4] = in[4 * SIDE + x];
            out[x * SIDE + 5] = in[5 * SIDE + x];
            out[x * SIDE + 6] = in[6 * SIDE + x];
            out[x * SIDE + 7] = in[7 * SIDE + x];
        }
    }

    private static void pair(int[] columns, int y, int[] pairs) {
        for (int j = 0; j < SIDE / 2; j++) {
            IntVector left = IntVector.fromArray(SPECIES, columns, 2 * j * SIDE + y);
            IntVector right = IntVector.fromArray(SPECIES, columns, (2 * j + 1) * SIDE + y);
            left.max(0)
                    .min(LARGEST)
                    .lanewise(OR, right.max(0).min(LARGEST).lanewise(LSHL, RIGHT_BITS))
                    .intoArray(pairs, j * SIDE + y);
        }
    }

    @Override
    public void weigh(int length, int[] near, int no, int[] far, int fo, int[] sums, int to) {
        for (int i = 0; i < length; i += LANES) {
            IntVector.fromArray(SPECIES, near, no + i)
                    .mul(3)
                    .add(IntVector.fromArray(SPECIES, far, fo + i))
                    .intoArray(sums, to + i);
        }
    }

    @Override
    public void spread(int length, int[] chroma, int leftBias, int rightBias, int shift, int[] left, int[] right) {
        for (int i = 0; i < length; i += LANES) {
            IntVector middle = IntVector.fromArray(SPECIES, chroma, i + 1).mul(3);
            middle.add(IntVector.fromArray(SPECIES, chroma, i))
                    .add(leftBias)
                    .lanewise(ASHR, shift)
                    .intoArray(left, i);
            middle.add(IntVector.fromArray(SPECIES, chroma, i + 2))
                    .add(rightBias)
                    .lanewise(ASHR, shift)
                    .intoArray(right, i);
        }
    }

    @Override
    public void split(int length, int[] pairs, int from, int[] left, int[] right) {
        for (int i = 0; i < length; i += LANES) {
            IntVector pair = IntVector.fromArray(SPECIES, pairs, from + i);
            pair.and(LEFT_MASK).intoArray(left, i);
            pair.lanewise(LSHR, RIGHT_BITS).intoArray(right, i);
        }
    }

    @Override
    public void colours(int length, int[] luma, int[] blue, int[] red, int[] pixels) {
        for (int i = 0; i < length; i += LANES) {
            IntVector y = IntVector.fromArray(SPECIES, luma, i);
            IntVector cb = IntVector.fromArray(SPECIES, blue, i).sub(CENTRE);
            IntVector cr = IntVector.fromArray(SPECIES, red, i).sub(CENTRE);
            IntVector r = cr.mul(ScalarJpeg.RED_OF_RED).add(ScalarJpeg.HALF).lanewise(ASHR, COLOUR_BITS);
            IntVector g = cb.mul(-ScalarJpeg.GREEN_OF_BLUE)
                    .sub(cr.mul(ScalarJpeg.GREEN_OF_RED))
                    .add(ScalarJpeg.HALF)
                    .lanewise(ASHR, COLOUR_BITS);
            IntVector b = cb.mul(ScalarJpeg.BLUE_OF_BLUE).add(ScalarJpeg.HALF).lanewise(ASHR, COLOUR_BITS);
            y.add(r)
                    .max(0)
                    .min(LARGEST)
                    .lanewise(OR, y.add(g).max(0).min(LARGEST).lanewise(LSHL, 8))
                    .lanewise(OR, y.add(b).max(0).min(LARGEST).lanewise(LSHL, 16))
                    .intoArray(pixels, i);
        }
    }
}
