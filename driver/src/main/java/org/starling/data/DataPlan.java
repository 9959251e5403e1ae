package org.starling.data;

import java.util.Optional;
import org.starling.model.ImageShape;

/**
 * What a run's data is made from.
 *
 * @param training training images
 * @param validation validation images, or empty to cut {@code validationFraction} from the training images
 * @param validationFraction part of the training images kept for validation when no set is given, stratified; 0 for none
 * @param badImageLimit the largest fraction of a set's images that may be unreadable
 * @param input the network's input
 * @param shortSide as {@link Preprocessing#shortSide}
 * @param replicas shards of each set
 * @param reshard whether replicas get other training images in each epoch
 * @param balanced whether training images of small classes come several times in an epoch, so that classes come equally often
 * @param seed of the split and of the dealing
 */
public record DataPlan(
        ImageSource training,
        Optional<ImageSource> validation,
        double validationFraction,
        double badImageLimit,
        ImageShape input,
        int shortSide,
        int replicas,
        boolean reshard,
        boolean balanced,
        long seed) {}
