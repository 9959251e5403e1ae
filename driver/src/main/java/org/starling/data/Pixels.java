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

    /**
     * The picture with rows counted from the other end, columns too, and then rows and columns exchanged.
     */
    Pixels turned(boolean rows, boolean columns, boolean exchanged) {
        int turnedHeight = exchanged ? width : height;
        int turnedWidth = exchanged ? height : width;
        byte[] target = new byte[values.length];
        int to = 0;
        for (int y = 0; y < turnedHeight; y++) {
            for (int x = 0; x < turnedWidth; x++) {
                int row = exchanged ? x : y;
                int column = exchanged ? y : x;
                int from = (rows ? height - 1 - row : row) * width + (columns ? width - 1 - column : column);
                for (int c = 0; c < channels; c++) {
                    target[to++] = values[from * channels + c];
                }
            }
        }
        return new Pixels(turnedHeight, turnedWidth, channels, target);
    }

    /**
     * Red, green and blue of what a JPEG file in four inks stores. As Photoshop began it, and others expect it, 255 is no ink: red is C K / 255,
     * and so on.
     *
     * @param ycck whether the first three are Y, Cb and Cr of colours whose inverse the inks are
     */
    static Pixels ofInks(int height, int width, byte[] inks, boolean ycck) {
        byte[] target = new byte[Math.multiplyExact(height * width, 3)];
        for (int from = 0, to = 0; from < inks.length; from += 4, to += 3) {
            int first = inks[from] & 0xFF;
            int second = inks[from + 1] & 0xFF;
            int third = inks[from + 2] & 0xFF;
            int black = inks[from + 3] & 0xFF;
            if (ycck) {
                int luma = first;
                int cb = second - 128;
                int cr = third - 128;
                // JFIF's coefficients by 2^16.
                first = 255 - clamped(luma + (91881 * cr + 32768 >> 16));
                second = 255 - clamped(luma - (22554 * cb + 46802 * cr + 32768 >> 16));
                third = 255 - clamped(luma + (116130 * cb + 32768 >> 16));
            }
            target[to] = (byte) ((first * black + 127) / 255);
            target[to + 1] = (byte) ((second * black + 127) / 255);
            target[to + 2] = (byte) ((third * black + 127) / 255);
        }
        return new Pixels(height, width, 3, target);
    }

    private static int clamped(int value) {
        return Math.max(0, Math.min(255, value));
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
