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
    private static final int MIXED = -1;

    /** All of a line. */
    static Resampling whole(int source, int target) {
        return of(source, 0, (double) source / target, target);
    }

    /**
     * A part of a line.
     *
     * @param source length of the line
     * @param start where the part begins, in source pixels
     * @param step source pixels for one of the target's
     * @param target length of the result
     */
    static Resampling of(int source, double start, double step, int target) {
        double support = Math.max(step, 1);
        int[] first = new int[target];
        int[][] weights = new int[target][];
        for (int t = 0; t < target; t++) {
            double centre = start + (t + 0.5) * step;
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
        Pixels lines = rows.isCopy() ? rows.copyOfLines(image) : rows.alongColumns(image);
        return columns.isCopy() ? columns.copyOfColumns(lines) : columns.alongRows(lines);
    }

    /** Whether every target is one of the source's samples, one beside the other. */
    private boolean isCopy() {
        for (int t = 0; t < first.length; t++) {
            if (sample(t) == MIXED || sample(t) != sample(0) + t) {
                return false;
            }
        }
        return true;
    }

    /** The source index that alone makes a target, or {@link #MIXED}. */
    private int sample(int target) {
        int[] taps = weights[target];
        for (int k = 0; k < taps.length; k++) {
            if (taps[k] == ONE) {
                return first[target] + k;
            }
        }
        return MIXED;
    }

    private Pixels copyOfLines(Pixels image) {
        int begin = sample(0);
        if (begin == 0 && first.length == image.height()) {
            return image;
        }
        int stride = image.width() * image.channels();
        return new Pixels(
                first.length,
                image.width(),
                image.channels(),
                Arrays.copyOfRange(image.values(), begin * stride, (begin + first.length) * stride));
    }

    private Pixels copyOfColumns(Pixels image) {
        int begin = sample(0);
        if (begin == 0 && first.length == image.width()) {
            return image;
        }
        int stride = image.width() * image.channels();
        int length = first.length * image.channels();
        byte[] target = new byte[image.height() * length];
        for (int y = 0; y < image.height(); y++) {
            System.arraycopy(image.values(), y * stride + begin * image.channels(), target, y * length, length);
        }
        return new Pixels(image.height(), first.length, image.channels(), target);
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
