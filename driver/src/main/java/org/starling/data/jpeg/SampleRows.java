package org.starling.data.jpeg;

import java.util.Arrays;
import org.starling.data.jpeg.JpegFrame.Component;
import org.starling.kernels.jpeg.JpegKernel;

/** The newest rows of a component's samples, those of two rows of units: what older rows need below and newer rows above them is still there. */
final class SampleRows {
    private static final int PAIRS = JpegKernel.SIDE / 2;

    private final boolean paired;
    private final int rows;
    private final int stride;
    private final int[] samples;

    /**
     * @param units in a row
     * @param paired whether two samples that stand side by side are kept in one value, as {@link JpegKernel} has it
     */
    SampleRows(Component component, int units, boolean paired) {
        this.paired = paired;
        this.rows = 2 * component.rows() * JpegKernel.SIDE;
        this.stride = units * component.columns() * (paired ? PAIRS : JpegKernel.SIDE) + JpegKernel.SPARE;
        this.samples = new int[rows * stride];
    }

    /** The values, of which {@link #row} says where they are. */
    int[] samples() {
        return samples;
    }

    /** Where a row of the picture begins, counted in this component's rows. */
    int row(int y) {
        return y % rows * stride;
    }

    /**
     * Keeps a block.
     *
     * @param row of blocks in the picture
     * @param column of blocks
     * @param pairs as {@link JpegKernel#inverseTransform} gives them
     */
    void put(int row, int column, int[] pairs) {
        int to = row(row * JpegKernel.SIDE) + column * (paired ? PAIRS : JpegKernel.SIDE);
        for (int y = 0; y < JpegKernel.SIDE; y++) {
            for (int j = 0; j < PAIRS; j++) {
                int pair = pairs[j * JpegKernel.SIDE + y];
                if (paired) {
                    samples[to + j] = pair;
                } else {
                    samples[to + 2 * j] = pair & JpegKernel.LEFT_MASK;
                    samples[to + 2 * j + 1] = pair >>> JpegKernel.RIGHT_BITS;
                }
            }
            to += stride;
        }
    }

    /** Keeps a block of one value. */
    void fill(int row, int column, int sample) {
        int length = paired ? PAIRS : JpegKernel.SIDE;
        int to = row(row * JpegKernel.SIDE) + column * length;
        for (int y = 0; y < JpegKernel.SIDE; y++) {
            Arrays.fill(samples, to, to + length, paired ? sample | sample << JpegKernel.RIGHT_BITS : sample);
            to += stride;
        }
    }
}
