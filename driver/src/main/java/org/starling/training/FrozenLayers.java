package org.starling.training;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.starling.InputException;
import org.starling.checkpoint.WeightFile;
import org.starling.checkpoint.WeightMatch;
import org.starling.model.LayerSummary;
import org.starling.model.ParameterTensor;
import org.starling.model.SequentialModel;

/**
 * Layers whose parameters a training leaves as they are, bit by bit. As in Keras, batch normalization that is frozen normalizes by its moving
 * statistics.
 */
final class FrozenLayers {
    private static final String KEY = "training.frozenLayers";

    private FrozenLayers() {}

    /**
     * Refuses names that cannot be frozen.
     *
     * @throws InputException when there is no such layer, it has no parameters, all layers are frozen, or a gradient would have to pass through
     *     batch normalization that is frozen
     */
    static void require(SequentialModel model, List<String> frozen) {
        Set<String> layers = withParameters(model);
        for (String name : frozen) {
            if (!layers.contains(name)) {
                boolean known =
                        model.layers().stream().anyMatch(layer -> layer.name().equals(name));
                throw new InputException("%s names \"%s\", %s %s. Layers with parameters are %s."
                        .formatted(
                                KEY,
                                name,
                                known ? "a layer without parameters in" : "and there is no such layer in",
                                model.source(),
                                String.join(", ", layers)));
            }
        }
        if (frozen.containsAll(layers)) {
            throw new InputException(
                    "%s names all layers of %s, so that nothing is left to train.".formatted(KEY, model.source()));
        }
        List<String> leading = leading(model, frozen);
        for (LayerSummary layer : model.layers()) {
            boolean passed = frozen.contains(layer.name()) && !leading.contains(layer.name());
            if (passed && layer.type().equals("BatchNormalization")) {
                throw new InputException(
                        "%s names \"%s\", a BatchNormalization behind layers that are trained. Freeze %s too, or leave it out."
                                .formatted(
                                        KEY,
                                        layer.name(),
                                        layers.stream()
                                                .takeWhile(name -> !name.equals(layer.name()))
                                                .filter(name -> !frozen.contains(name))
                                                .collect(Collectors.joining(", "))));
            }
        }
    }

    /** Refuses to freeze what starts with new parameters while others start with trained ones. */
    static void requireLoaded(List<String> frozen, WeightMatch match, WeightFile file) {
        List<String> untrained =
                frozen.stream().filter(match.initialized()::contains).toList();
        if (!untrained.isEmpty()) {
            throw new InputException(
                    "%s names %s, which %s does not have for this network, so that random parameters would stay. Take it out of the list."
                            .formatted(KEY, String.join(", ", untrained), file.path()));
        }
    }

    /** How many parameters do not change. */
    static long parameters(SequentialModel model, Collection<String> frozen) {
        return model.parameters().stream()
                .filter(tensor -> frozen.contains(tensor.layer()))
                .mapToLong(ParameterTensor::length)
                .sum();
    }

    private static Set<String> withParameters(SequentialModel model) {
        return model.parameters().stream()
                .map(ParameterTensor::layer)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Those before the first layer that is trained. */
    private static List<String> leading(SequentialModel model, Collection<String> frozen) {
        return withParameters(model).stream().takeWhile(frozen::contains).toList();
    }

    /** The arrays that are trained. */
    static List<ParameterTensor> trained(SequentialModel model, Collection<String> frozen) {
        return model.parameters().stream()
                .filter(tensor -> !frozen.contains(tensor.layer()))
                .toList();
    }

    /** Lets a network compute no gradient before its first layer that is trained. */
    static void freeze(MultiLayerNetwork network, SequentialModel model, Collection<String> frozen) {
        List<String> leading = leading(model, frozen);
        Layer[] layers = network.getLayers();
        for (int i = 0; i < layers.length; i++) {
            if (leading.contains(layers[i].conf().getLayer().getLayerName())) {
                layers[i] = new FrozenLayer(layers[i]);
            }
        }
    }
}
