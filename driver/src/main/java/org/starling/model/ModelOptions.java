package org.starling.model;

import java.io.Serializable;

/**
 * How a model file is read where the file itself is silent.
 *
 * @param dataFormat the axes of layers that name no data_format, Keras's image_data_format
 * @param convolutionRemainder what a convolution whose window does not fit evenly means
 */
public record ModelOptions(DataFormat dataFormat, ConvolutionRemainder convolutionRemainder) implements Serializable {
    public static final ModelOptions DEFAULT = new ModelOptions(DataFormat.CHANNELS_LAST, ConvolutionRemainder.ERROR);
}
