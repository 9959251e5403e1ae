package org.starling.data;

import java.util.Arrays;

/**
 * Weights that turn a line of samples into another length. Shrinking averages with a triangle as wide as two target pixels
 * (an antialiased bilinear filter), enlarging interpolates linearly; pixel centres lie at halves. The weights are fixed-point
 * integers, so results are the same on every machine.
 *
 * @param first source index of each target's first weight
 * @param weights of each target, in 1 / 2^22; they add up to one
 */
record Resampling(int[] first, int[][] weights) {
    private static final int FRACTION_BITS = 22;
    private static final int ONE = 1 << FRACTION_BITS;

    /**
     * The part of a line that a centre crop keeps.
     *
     * @param source length of the line
     * @param scaled length to which the whole line is scaled, at least {@code target}
     * @param target length of what is kept
     */
    static Resampling centred(int source, long scaled, int target) {
        double step = (double) source / scaled;
        double support = Math.max(step, 1);
        long offset = (scaled - target) / 2;
        int[] first = new int[target];
        int[][] weights = new int[target][];
        for (int t = 0; t < target; t++) {
            double centre = (t + offset + 0.5) * step;
            int begin = (int) Math.max(0, Math.floor(centre - support + 0.5));
            int end = (int) Math.min(source, Math.floor(centre + support + 0.5));
            first[t] = begin;
            weights[t] = triangle(begin, end, centre, support);
        }
        return new Resampling(first, weights);
    }

    private static int[] triangle(int begin, int end, double centre, double support) {
        double[] heights = new double[end - begin];
        double sum = 0;
        for (int i = 0; i < heights.length; i++) {
            heights[i] = Math.max(0, 1 - Math.abs(begin + i + 0.5 - centre) / support);
            sum += heights[i];
        }
        int[] fixed = new int[heights.length];
        int left = ONE;
        int largest = 0;
        for (int i = 0; i < fixed.length; i++) {
            fixed[i] = (int) Math.rint(heights[i] / sum * ONE);
            left -= fixed[i];
            largest = fixed[i] > fixed[largest] ? i : largest;
        }
        // What rounding lost: a constant line must stay constant.
        fixed[largest] += left;
        return fixed;
    }

    /** Applies one resampling to rows and another to columns. */
    static Pixels apply(Pixels image, Resampling rows, Resampling columns) {
        return columns.alongRows(rows.alongColumns(image));
    }

    /** Each line {@code [width, channels]} of the result is a weighted sum of the image's lines. */
    private Pixels alongColumns(Pixels image) {
        int stride = image.width() * image.channels();
        byte[] source = image.values();
        byte[] target = new byte[first.length * stride];
        int[] sums = new int[stride];
        for (int t = 0; t < first.length; t++) {
            Arrays.fill(sums, ONE / 2);
            for (int k = 0; k < weights[t].length; k++) {
                int weight = weights[t][k];
                int from = (first[t] + k) * stride;
                for (int i = 0; i < stride; i++) {
                    sums[i] += weight * (source[from + i] & 0xFF);
                }
            }
            for (int i = 0; i < stride; i++) {
                target[t * stride + i] = (byte) (sums[i] >>> FRACTION_BITS);
            }
        }
        return new Pixels(first.length, image.width(), image.channels(), target);
    }

    private Pixels alongRows(Pixels image) {
        byte[] target = new byte[image.height() * first.length * image.channels()];
        for (int channel = 0; channel < image.channels(); channel++) {
            alongRows(image, channel, target);
        }
        return new Pixels(image.height(), first.length, image.channels(), target);
    }

    private void alongRows(Pixels image, int channel, byte[] target) {
        int channels = image.channels();
        byte[] source = image.values();
        int to = channel;
        for (int row = 0; row < image.height(); row++) {
            int line = row * image.width() * channels + channel;
            for (int t = 0; t < first.length; t++) {
                int[] taps = weights[t];
                int from = line + first[t] * channels;
                int sum = ONE / 2;
                for (int tap : taps) {
                    sum += tap * (source[from] & 0xFF);
                    from += channels;
                }
                target[to] = (byte) (sum >>> FRACTION_BITS);
                to += channels;
            }
        }
    }
}
