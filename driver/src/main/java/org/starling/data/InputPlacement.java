package org.starling.data;

import java.util.Arrays;
import org.starling.data.augmentation.Rendering;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.normalization.ChannelStatistics;
import org.starling.kernels.normalization.NormalizationKernel;
import org.starling.model.DataFormat;
import org.starling.model.ImageShape;

/** Writes decoded images into a network's input: in other colours, normalized, in its order of axes, mirrored and moved. */
final class InputPlacement {
    private static final int VALUES = 256;

    private final ImageShape shape;
    private final Normalization normalization;
    private final int pixelStride;
    private final int channelStride;
    private final NormalizationKernel kernel = KernelProvider.get().normalizationKernel();
    /** Whether a pixel's channels lie side by side, as the kernel has them. */
    private final boolean sideBySide;

    private final ChannelStatistics statistics;

    InputPlacement(ImageShape shape, Normalization normalization) {
        this.shape = shape;
        this.normalization = normalization;
        boolean last = shape.format() == DataFormat.CHANNELS_LAST;
        pixelStride = last ? shape.channels() : 1;
        channelStride = last ? 1 : shape.height() * shape.width();
        statistics = new ChannelStatistics(normalization.mean(), normalization.deviation());
        sideBySide = last || shape.channels() == 1;
    }

    /**
     * @param image what the rendering shows of the picture, unsigned values, {@code [h, w, c]}
     * @param target receives the image from {@code offset}
     */
    void place(byte[] image, Rendering rendering, float[] target, int offset) {
        if (rendering.down() != 0 || rendering.right() != 0) {
            // What the mean becomes.
            Arrays.fill(target, offset, offset + shape.length(), 0);
        }
        float[][] coefficients = rendering.colours().isNone() ? null : coefficients(image, rendering);
        if (coefficients != null && !isOfOwnChannels(coefficients)) {
            placeMixed(image, coefficients, rendering, target, offset);
        } else if (sideBySide) {
            placeLines(image, rendering, offset, linePlacement(coefficients, target));
        } else {
            for (int c = 0; c < shape.channels(); c++) {
                float[] values = coefficients == null ? statistics.values(c) : values(coefficients[c], c);
                placeChannel(image, c, values, rendering, target, offset + c * channelStride);
            }
        }
        rendering.covered().forEach(area -> cover(area, target, offset));
    }

    /** Writes a line of pixels into the input. */
    @FunctionalInterface
    private interface LinePlacement {
        /**
         * @param length values
         * @param line has them from {@code from} on
         * @param to place of the first in the target
         */
        void place(int length, byte[] line, int from, int to);
    }

    /** @param coefficients of own channels; null where colours stay as they are */
    private LinePlacement linePlacement(float[][] coefficients, float[] target) {
        if (coefficients == null) {
            return (length, line, from, to) -> kernel.normalize(length, line, from, statistics, target, to);
        }
        int channels = coefficients.length;
        float[] factors = new float[NormalizationKernel.PERIOD];
        float[] constants = new float[NormalizationKernel.PERIOD];
        for (int i = 0; i < NormalizationKernel.PERIOD; i++) {
            factors[i] = coefficients[i % channels][i % channels];
            constants[i] = coefficients[i % channels][channels];
        }
        return (length, line, from, to) -> kernel.scale(length, line, from, factors, constants, target, to);
    }

    /** Line by line, in the order of the input. */
    private void placeLines(byte[] image, Rendering rendering, int offset, LinePlacement placement) {
        Span rows = Span.of(shape.height(), rendering.down());
        Span columns = Span.of(shape.width(), rendering.right());
        int channels = shape.channels();
        int length = Math.max(0, columns.end() - columns.begin()) * channels;
        byte[] reversed = rendering.mirrored() ? new byte[length] : null;
        for (int y = rows.begin(); y < rows.end(); y++) {
            int from = source(y, columns.begin(), rendering) * channels;
            int to = offset + (y * shape.width() + columns.begin()) * channels;
            if (reversed == null) {
                placement.place(length, image, from, to);
            } else {
                reverse(image, from, reversed);
                placement.place(length, reversed, 0, to);
            }
        }
    }

    /** @param first channel of the pixel that comes first afterwards */
    private void reverse(byte[] image, int first, byte[] reversed) {
        int channels = shape.channels();
        int from = first;
        for (int to = 0; to < reversed.length; to += channels) {
            for (int c = 0; c < channels; c++) {
                reversed[to + c] = image[from + c];
            }
            from -= channels;
        }
    }

    /** @param values what becomes of each value of the channel */
    private void placeChannel(
            byte[] image, int channel, float[] values, Rendering rendering, float[] target, int offset) {
        int channels = shape.channels();
        Span rows = Span.of(shape.height(), rendering.down());
        Span columns = Span.of(shape.width(), rendering.right());
        int step = rendering.mirrored() ? -channels : channels;
        for (int y = rows.begin(); y < rows.end(); y++) {
            int from = source(y, columns.begin(), rendering) * channels + channel;
            int to = offset + (y * shape.width() + columns.begin()) * pixelStride;
            for (int x = columns.begin(); x < columns.end(); x++) {
                target[to] = values[image[from] & 0xFF];
                from += step;
                to += pixelStride;
            }
        }
    }

    /** Where a pixel of the input comes from. */
    private int source(int y, int x, Rendering rendering) {
        int column = x - rendering.right();
        return (y - rendering.down()) * shape.width() + (rendering.mirrored() ? shape.width() - 1 - column : column);
    }

    /** What is left of a line that is moved. */
    private record Span(int begin, int end) {
        static Span of(int length, int move) {
            return new Span(Math.max(0, move), Math.min(length, length + move));
        }
    }

    /** Change of colours and normalization in one: a row a channel, the factors and what is added. */
    private float[][] coefficients(byte[] image, Rendering rendering) {
        int channels = shape.channels();
        double[][] rows = rendering.colours().matrix(rendering.colours().needsMean() ? mean(image, channels) : null);
        float[][] coefficients = new float[channels][channels + 1];
        for (int c = 0; c < channels; c++) {
            rows[c][channels] -= normalization.mean()[c];
            for (int k = 0; k <= channels; k++) {
                coefficients[c][k] = (float) (rows[c][k] / normalization.deviation()[c]);
            }
        }
        return coefficients;
    }

    private static double[] mean(byte[] image, int channels) {
        long[] sums = new long[channels];
        for (int i = 0; i < image.length; i += channels) {
            for (int c = 0; c < channels; c++) {
                sums[c] += image[i + c] & 0xFF;
            }
        }
        double[] mean = new double[channels];
        for (int c = 0; c < channels; c++) {
            mean[c] = (double) sums[c] * channels / image.length;
        }
        return mean;
    }

    /** Whether no channel becomes part of another one: of all changes only saturation does that. */
    private static boolean isOfOwnChannels(float[][] coefficients) {
        for (int c = 0; c < coefficients.length; c++) {
            for (int k = 0; k < coefficients.length; k++) {
                if (k != c && coefficients[c][k] != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** What becomes of each value of a channel that has its own coefficients only. */
    private static float[] values(float[] coefficients, int channel) {
        float factor = coefficients[channel];
        float constant = coefficients[coefficients.length - 1];
        float[] values = new float[VALUES];
        for (int value = 0; value < VALUES; value++) {
            values[value] = factor * value + constant;
        }
        return values;
    }

    private void placeMixed(byte[] image, float[][] coefficients, Rendering rendering, float[] target, int offset) {
        int channels = shape.channels();
        Span rows = Span.of(shape.height(), rendering.down());
        Span columns = Span.of(shape.width(), rendering.right());
        int step = rendering.mirrored() ? -channels : channels;
        for (int y = rows.begin(); y < rows.end(); y++) {
            int from = source(y, columns.begin(), rendering) * channels;
            int to = offset + (y * shape.width() + columns.begin()) * pixelStride;
            mixColours(image, from, step, coefficients, target, to, columns.end() - columns.begin());
        }
    }

    private void mixColours(byte[] image, int first, int step, float[][] rows, float[] target, int begin, int count) {
        float[] r = rows[0];
        float[] g = rows[1];
        float[] b = rows[2];
        int second = channelStride;
        int third = 2 * channelStride;
        int from = first;
        int to = begin;
        for (int i = 0; i < count; i++) {
            float red = image[from] & 0xFF;
            float green = image[from + 1] & 0xFF;
            float blue = image[from + 2] & 0xFF;
            target[to] = r[0] * red + r[1] * green + r[2] * blue + r[3];
            target[to + second] = g[0] * red + g[1] * green + g[2] * blue + g[3];
            target[to + third] = b[0] * red + b[1] * green + b[2] * blue + b[3];
            from += step;
            to += pixelStride;
        }
    }

    private void cover(Rendering.Area area, float[] target, int offset) {
        int left = Math.max(0, area.left());
        int right = Math.min(shape.width(), area.left() + area.width());
        int bottom = Math.min(shape.height(), area.top() + area.height());
        for (int y = Math.max(0, area.top()); y < bottom; y++) {
            for (int x = left; x < right; x++) {
                for (int c = 0; c < shape.channels(); c++) {
                    target[offset + (y * shape.width() + x) * pixelStride + c * channelStride] = 0;
                }
            }
        }
    }
}
