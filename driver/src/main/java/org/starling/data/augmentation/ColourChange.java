package org.starling.data.augmentation;

import java.util.Arrays;

/**
 * A change of every pixel's colour that is affine in the colour and in the picture's mean colour, values 0 to 255. Changes in a row are one such change
 * too, so that pixels are touched once. Values are not cut off at 0 and 255 between or after them.
 */
public final class ColourChange {
    private static final double[] GREY = {1};

    /** Rec. 601's, as grey is made of colours elsewhere. */
    private static final double[] LUMA = {0.299, 0.587, 0.114};

    private final int channels;
    private final double[] luma;
    private final double[][] ofColour;
    private final double[][] ofMean;
    private final double[] constant;
    private boolean made;

    /** No change. */
    ColourChange(int channels) {
        this.channels = channels;
        this.luma = channels == 1 ? GREY : LUMA;
        this.ofColour = new double[channels][channels];
        this.ofMean = new double[channels][channels];
        this.constant = new double[channels];
        for (int c = 0; c < channels; c++) {
            ofColour[c][c] = 1;
        }
    }

    /** Channels of the picture: 1 or 3. */
    public int channels() {
        return channels;
    }

    /** Adds a colour to every pixel's. */
    public void add(double[] colour) {
        made = true;
        for (int c = 0; c < channels; c++) {
            constant[c] += colour[c];
        }
    }

    /** Multiplies every value: a picture that is brighter or darker. */
    public void brighten(double factor) {
        made = true;
        for (int c = 0; c < channels; c++) {
            scale(c, factor);
        }
    }

    /** Takes every value away from the grey of the picture's mean brightness, or nearer to it where the factor is less than 1. */
    public void contrast(double factor) {
        made = true;
        double[] meanOfMean = new double[channels];
        double meanConstant = 0;
        for (int k = 0; k < channels; k++) {
            for (int c = 0; c < channels; c++) {
                meanOfMean[k] += luma[c] * (ofColour[c][k] + ofMean[c][k]);
            }
            meanConstant += luma[k] * constant[k];
        }
        for (int c = 0; c < channels; c++) {
            scale(c, factor);
            for (int k = 0; k < channels; k++) {
                ofMean[c][k] += (1 - factor) * meanOfMean[k];
            }
            constant[c] += (1 - factor) * meanConstant;
        }
    }

    /** Takes every colour away from the grey of its own brightness, or nearer to it where the factor is less than 1. */
    public void saturate(double factor) {
        made = true;
        double[] greyOfColour = new double[channels];
        double[] greyOfMean = new double[channels];
        double greyConstant = 0;
        for (int k = 0; k < channels; k++) {
            for (int c = 0; c < channels; c++) {
                greyOfColour[k] += luma[c] * ofColour[c][k];
                greyOfMean[k] += luma[c] * ofMean[c][k];
            }
            greyConstant += luma[k] * constant[k];
        }
        for (int c = 0; c < channels; c++) {
            scale(c, factor);
            for (int k = 0; k < channels; k++) {
                ofColour[c][k] += (1 - factor) * greyOfColour[k];
                ofMean[c][k] += (1 - factor) * greyOfMean[k];
            }
            constant[c] += (1 - factor) * greyConstant;
        }
    }

    private void scale(int channel, double factor) {
        for (int k = 0; k < channels; k++) {
            ofColour[channel][k] *= factor;
            ofMean[channel][k] *= factor;
        }
        constant[channel] *= factor;
    }

    /** Whether colours stay as they are. */
    public boolean isNone() {
        return !made;
    }

    /** Whether the picture's mean colour plays a part. */
    public boolean needsMean() {
        return Arrays.stream(ofMean).flatMapToDouble(Arrays::stream).anyMatch(factor -> factor != 0);
    }

    /**
     * The change of one picture.
     *
     * @param mean the picture's mean colour; not looked at unless {@link #needsMean}
     * @return a row a channel: the factor of each channel's value, and what is added
     */
    public double[][] matrix(double[] mean) {
        boolean ofItsMean = needsMean();
        double[][] rows = new double[channels][channels + 1];
        for (int c = 0; c < channels; c++) {
            System.arraycopy(ofColour[c], 0, rows[c], 0, channels);
            double sum = constant[c];
            for (int k = 0; k < channels && ofItsMean; k++) {
                sum += ofMean[c][k] * mean[k];
            }
            rows[c][channels] = sum;
        }
        return rows;
    }
}
