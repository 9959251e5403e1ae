package org.starling.training;

import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.checkpoint.WeightFile;
import org.starling.checkpoint.WeightMatch;
import org.starling.model.SequentialModel;
import org.starling.model.SlicePlan;
import org.starling.training.TrainingConfiguration.ModelSettings;

/**
 * Trained parameters with which a run starts, see {@link WeightMatch}. Layers that get none begin with new ones.
 *
 * @param file with the parameters
 * @param replaceLastLayer even where its parameters fit
 */
record StartWeights(WeightFile file, boolean replaceLastLayer) implements Serializable {
    /**
     * Those that a training file names.
     *
     * @throws InputException when there is no such file
     */
    static Optional<StartWeights> of(ModelSettings settings, Configuration configuration) {
        return settings.weights()
                .map(path ->
                        new StartWeights(WeightFile.at(new Path(path), configuration), settings.replaceLastLayer()));
    }

    /**
     * Which layers get them.
     *
     * @param model the network that is trained
     * @throws InputException when a layer's arrays have other shapes, or no layer is found again
     */
    WeightMatch match(SequentialModel model, Configuration configuration) {
        return new WeightMatch(model, file.open(model, configuration), file.path(), replaceLastLayer);
    }

    /**
     * Puts the trained parameters into slices of the flat vector; the rest of them stays as it is.
     *
     * @param slices some of the plan's, by their numbers
     */
    void fill(SequentialModel model, Map<Integer, float[]> slices, Configuration configuration) {
        SlicePlan plan = SlicePlan.of(model.parameterCount());
        match(model, configuration).read((position, values, length) -> put(values, length, position, plan, slices));
    }

    private static void put(float[] values, int length, long at, SlicePlan plan, Map<Integer, float[]> slices) {
        for (int from = 0; from < length; ) {
            int index = (int) ((at + from) / plan.sliceLength());
            int within = (int) (at + from - plan.offset(index));
            int n = Math.min(length - from, plan.lengthOf(index) - within);
            float[] slice = slices.get(index);
            if (slice != null) {
                System.arraycopy(values, from, slice, within, n);
            }
            from += n;
        }
    }
}
