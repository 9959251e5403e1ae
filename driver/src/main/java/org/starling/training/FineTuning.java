package org.starling.training;

import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.starling.InputException;
import org.starling.checkpoint.WeightMatch;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.ModelSettings;

/** What a training starts from, and what it leaves alone, found right before it begins. */
public final class FineTuning {
    private FineTuning() {}

    /**
     * What a training of a network would load and freeze; the parameters themselves are not read.
     *
     * @param model the network
     * @param settings with the path of trained parameters, where there are any
     * @param frozen names of layers whose parameters do not change
     * @throws InputException when the parameters do not fit the network, or a layer cannot be frozen
     */
    public static TrainingEvent.FineTuning of(
            SequentialModel model, ModelSettings settings, List<String> frozen, Configuration configuration) {
        return of(model, StartWeights.of(settings, configuration), frozen, configuration);
    }

    static TrainingEvent.FineTuning of(
            SequentialModel model, Optional<StartWeights> start, List<String> frozen, Configuration configuration) {
        FrozenLayers.require(model, frozen);
        Optional<WeightMatch> match = start.map(weights -> weights.match(model, configuration));
        match.ifPresent(
                found -> FrozenLayers.requireLoaded(frozen, found, start.get().file()));
        return new TrainingEvent.FineTuning(
                start.map(weights -> weights.file().path()),
                match.map(WeightMatch::loaded).orElse(List.of()),
                match.map(WeightMatch::initialized).orElse(List.of()),
                frozen,
                FrozenLayers.parameters(model, frozen));
    }
}
