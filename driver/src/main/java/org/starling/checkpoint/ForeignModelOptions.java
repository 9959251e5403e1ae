package org.starling.checkpoint;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import org.starling.data.Normalization;
import org.starling.data.Preprocessing;
import org.starling.model.ConvolutionRemainder;
import org.starling.model.DataFormat;
import org.starling.model.ImageSize;
import org.starling.model.ModelOptions;

/**
 * What a model that another program wrote does not say itself. A model of Starling's says all, and none of this is looked at.
 *
 * @param architecture path of the Keras JSON to which Keras weights belong; null where the file holds it
 * @param labels class names, by output; empty for numbers
 * @param imageSize of the images that a DL4J network takes; null where its file says it
 * @param mean of each channel, subtracted from values 0 to 255; one for all, empty for 0
 * @param deviation of each channel, by which is then divided; one for all, empty for 1
 * @param shortSide as {@link Preprocessing} has it
 * @param remainder what a convolution of the Keras JSON whose window does not fit evenly means
 */
public record ForeignModelOptions(
        String architecture,
        List<String> labels,
        ImageSize imageSize,
        List<Double> mean,
        List<Double> deviation,
        int shortSide,
        ConvolutionRemainder remainder)
        implements Serializable {
    /** Nothing is known. */
    public static final ForeignModelOptions NONE =
            new ForeignModelOptions(null, List.of(), null, List.of(), List.of(), 0, ConvolutionRemainder.ERROR);

    public ForeignModelOptions {
        labels = List.copyOf(labels);
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
    }

    ModelOptions modelOptions() {
        return new ModelOptions(DataFormat.CHANNELS_LAST, remainder);
    }

    /** @param channels of the network's images */
    Preprocessing preprocessing(int channels) {
        return new Preprocessing(
                shortSide, new Normalization(perChannel(mean, 0, channels), perChannel(deviation, 1, channels)));
    }

    private static double[] perChannel(List<Double> given, double otherwise, int channels) {
        List<Double> values =
                given.size() > 1 ? given : Collections.nCopies(channels, given.isEmpty() ? otherwise : given.get(0));
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
