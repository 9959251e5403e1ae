package org.starling.data;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import java.io.Serializable;

/**
 * Sums over the colours of pictures: of red, green and blue, and of their products by twos. They are integers, so what follows from them does not
 * depend on the order in which pictures were added: 2^47 pixels fit.
 */
@JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
final class ColourSums implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int COLOURS = ColourStatistics.COLOURS;

    private long pixels;
    private boolean coloured;

    /** Red, green, blue, and red red, red green, red blue, green green, green blue, blue blue. One array: the driver may hold sums of each image. */
    private final long[] sums = new long[COLOURS + COLOURS * (COLOURS + 1) / 2];

    /** Adds a picture of 1 or 3 channels; grey is three equal colours. */
    void add(Pixels picture) {
        if (picture.channels() == 1) {
            addGrey(picture.values());
        } else {
            coloured = true;
            addColours(picture.values());
        }
        pixels += (long) picture.height() * picture.width();
    }

    private void addGrey(byte[] values) {
        long sum = 0;
        long squares = 0;
        for (byte b : values) {
            int value = b & 0xFF;
            sum += value;
            squares += value * value;
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] += i < COLOURS ? sum : squares;
        }
    }

    private void addColours(byte[] values) {
        long[] s = new long[sums.length];
        for (int i = 0; i < values.length; i += COLOURS) {
            int red = values[i] & 0xFF;
            int green = values[i + 1] & 0xFF;
            int blue = values[i + 2] & 0xFF;
            s[0] += red;
            s[1] += green;
            s[2] += blue;
            s[3] += red * red;
            s[4] += red * green;
            s[5] += red * blue;
            s[6] += green * green;
            s[7] += green * blue;
            s[8] += blue * blue;
        }
        for (int i = 0; i < s.length; i++) {
            sums[i] += s[i];
        }
    }

    void add(ColourSums other) {
        pixels += other.pixels;
        coloured |= other.coloured;
        for (int i = 0; i < sums.length; i++) {
            sums[i] += other.sums[i];
        }
    }

    /** @throws IllegalStateException without a picture */
    ColourStatistics statistics() {
        if (pixels == 0) {
            throw new IllegalStateException("no pictures");
        }
        int channels = coloured ? COLOURS : 1;
        long[][] products = new long[channels][channels];
        int next = COLOURS;
        for (int i = 0; i < channels; i++) {
            for (int j = i; j < channels; j++) {
                products[i][j] = sums[next++];
            }
        }
        return ColourStatistics.of(channels, pixels, sums, products);
    }
}
