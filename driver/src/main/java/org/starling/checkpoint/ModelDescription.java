package org.starling.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.starling.data.Normalization;
import org.starling.data.Preprocessing;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

/**
 * What a network's parameters mean: everything needed to use a trained model that is not a parameter.
 *
 * @param labels class names, by output
 * @param preprocessing what the network expects its input to have undergone
 * @param keras the Keras Sequential JSON, as it was given
 * @param options how that JSON is read where it is silent
 * @param seed of the run; the exported DL4J configuration carries it
 * @param training facts about the training run, for people; text, numbers, lists and maps
 */
public record ModelDescription(
        List<String> labels,
        Preprocessing preprocessing,
        String keras,
        ModelOptions options,
        long seed,
        Map<String, Object> training) {

    public ModelDescription {
        labels = List.copyOf(labels);
        training = Collections.unmodifiableMap(new LinkedHashMap<>(training));
    }

    /**
     * @param model the network
     * @throws IllegalArgumentException when labels or channels do not fit the network
     */
    public static ModelDescription of(
            SequentialModel model,
            List<String> labels,
            Preprocessing preprocessing,
            long seed,
            Map<String, Object> training) {
        ModelDescription description =
                new ModelDescription(labels, preprocessing, model.json(), model.options(), seed, training);
        description.contradiction(model).ifPresent(what -> {
            throw new IllegalArgumentException(what);
        });
        return description;
    }

    /** What does not fit the network, in words. */
    Optional<String> contradiction(SequentialModel model) {
        if (labels.size() != model.classes()) {
            return Optional.of("it has %d labels and its network %d outputs".formatted(labels.size(), model.classes()));
        }
        int channels = model.input().channels();
        Normalization normalization = preprocessing.normalization();
        if (normalization.mean().length != channels || normalization.deviation().length != channels) {
            return Optional.of("its normalization is not of the network's %d channels".formatted(channels));
        }
        return Optional.empty();
    }

    /**
     * The network.
     *
     * @param source where this description comes from, for messages
     */
    public SequentialModel model(String source) {
        return SequentialModel.parse(keras, source, options);
    }
}
