package org.starling.data;

/**
 * A decoded picture, interleaved unsigned values of 8 bits.
 *
 * @param height rows
 * @param width columns
 * @param channels 1 grey, 2 grey and alpha, 3 red, green and blue, 4 the same and alpha
 * @param values {@code [height, width, channels]}
 */
record Pixels(int height, int width, int channels, byte[] values) {

    /**
     * The picture in 1 or 3 channels: alpha is composited onto white, red, green and blue become grey by Rec. 601's luma
     * (0.299, 0.587, 0.114), grey is repeated.
     */
    Pixels withChannels(int wanted) {
        if (channels == wanted) {
            return this;
        }
        byte[] target = new byte[Math.multiplyExact(height * width, wanted)];
        boolean alpha = channels == 2 || channels == 4;
        for (int from = 0, to = 0; from < values.length; from += channels, to += wanted) {
            int opacity = alpha ? values[from + channels - 1] & 0xFF : 255;
            int red = onWhite(values[from] & 0xFF, opacity);
            int green = channels < 3 ? red : onWhite(values[from + 1] & 0xFF, opacity);
            int blue = channels < 3 ? red : onWhite(values[from + 2] & 0xFF, opacity);
            if (wanted == 1) {
                target[to] = (byte) ((299 * red + 587 * green + 114 * blue + 500) / 1000);
            } else {
                target[to] = (byte) red;
                target[to + 1] = (byte) green;
                target[to + 2] = (byte) blue;
            }
        }
        return new Pixels(height, width, wanted, target);
    }

    private static int onWhite(int value, int opacity) {
        return (value * opacity + 255 * (255 - opacity) + 127) / 255;
    }

    /** Interleaves {@code [channels, height, width]}. */
    static Pixels ofPlanes(int height, int width, int channels, byte[] planes) {
        int area = height * width;
        byte[] values = new byte[planes.length];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < area; i++) {
                values[i * channels + c] = planes[c * area + i];
            }
        }
        return new Pixels(height, width, channels, values);
    }
}
