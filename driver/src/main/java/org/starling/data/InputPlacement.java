package org.starling.data;

import org.starling.data.augmentation.Rendering;
import org.starling.model.DataFormat;
import org.starling.model.ImageShape;

/** Writes decoded images into a network's input: in other colours, normalized, in its order of axes, mirrored and moved. */
final class InputPlacement {
    private static final int VALUES = 256;

    private final ImageShape shape;
    private final Normalization normalization;
    private final int pixelStride;
    private final int channelStride;
    /** What a network sees of each value, {@code [channel][value]}. */
    private final float[][] normalized;

    InputPlacement(ImageShape shape, Normalization normalization) {
        this.shape = shape;
        this.normalization = normalization;
        boolean last = shape.format() == DataFormat.CHANNELS_LAST;
        pixelStride = last ? shape.channels() : 1;
        channelStride = last ? 1 : shape.height() * shape.width();
        normalized = new float[shape.channels()][VALUES];
        for (int c = 0; c < shape.channels(); c++) {
            for (int value = 0; value < VALUES; value++) {
                normalized[c][value] = (float)
                        ((value - normalization.mean()[c]) / normalization.deviation()[c]);
            }
        }
    }

    /**
     * @param image what the rendering shows of the picture, unsigned values, {@code [h, w, c]}
     * @param target receives the image from {@code offset}; must be zero there, which is what the mean becomes
     */
    void place(byte[] image, Rendering rendering, float[] target, int offset) {
        if (rendering.colours().isNone()) {
            for (int c = 0; c < shape.channels(); c++) {
                placeChannel(image, c, rendering, target, offset + c * channelStride);
            }
        } else {
            placeChanged(image, coefficients(image, rendering), rendering, target, offset);
        }
        rendering.covered().forEach(area -> cover(area, target, offset));
    }

    private void placeChannel(byte[] image, int channel, Rendering rendering, float[] target, int offset) {
        int channels = shape.channels();
        float[] values = normalized[channel];
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

    private void placeChanged(byte[] image, float[][] coefficients, Rendering rendering, float[] target, int offset) {
        int channels = shape.channels();
        Span rows = Span.of(shape.height(), rendering.down());
        Span columns = Span.of(shape.width(), rendering.right());
        int step = rendering.mirrored() ? -channels : channels;
        for (int y = rows.begin(); y < rows.end(); y++) {
            int from = source(y, columns.begin(), rendering) * channels;
            int to = offset + (y * shape.width() + columns.begin()) * pixelStride;
            int count = columns.end() - columns.begin();
            if (channels == 1) {
                changeGrey(image, from, step, coefficients[0], target, to, count);
            } else {
                changeColours(image, from, step, coefficients, target, to, count);
            }
        }
    }

    private static void changeGrey(
            byte[] image, int first, int step, float[] row, float[] target, int begin, int count) {
        float factor = row[0];
        float constant = row[1];
        int from = first;
        for (int to = begin; to < begin + count; to++) {
            target[to] = factor * (image[from] & 0xFF) + constant;
            from += step;
        }
    }

    private void changeColours(
            byte[] image, int first, int step, float[][] rows, float[] target, int begin, int count) {
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
