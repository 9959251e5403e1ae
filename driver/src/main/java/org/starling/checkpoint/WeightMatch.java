package org.starling.checkpoint;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.starling.InputException;
import org.starling.checkpoint.WeightSource.Array;
import org.starling.model.ParameterTensor;
import org.starling.model.SequentialModel;

/**
 * Which layers of a network get trained parameters. They are matched by name. The last one is replaced, so it gets none, where the number of classes
 * differs or where that is wanted; layers that the trained network does not have get none either.
 */
public final class WeightMatch {
    private final SequentialModel model;
    private final WeightSource source;
    private final String name;
    private final int[] targets;
    private final List<String> loaded = new ArrayList<>();
    private final List<String> initialized = new ArrayList<>();

    /**
     * @param model the network that gets parameters
     * @param name of the source, for messages
     * @param replaceLastLayer even where its parameters fit
     * @throws InputException when a layer's arrays have other shapes, or no layer is found again
     */
    public WeightMatch(SequentialModel model, WeightSource source, String name, boolean replaceLastLayer) {
        this.model = model;
        this.source = source;
        this.name = name;
        this.targets = new int[source.arrays().size()];
        Arrays.fill(targets, -1);
        match(replaceLastLayer);
    }

    /** Layers that get trained parameters. */
    public List<String> loaded() {
        return List.copyOf(loaded);
    }

    /** Layers with parameters that do not. */
    public List<String> initialized() {
        return List.copyOf(initialized);
    }

    /** Takes trained parameters. */
    public interface Sink {
        /**
         * @param position of the first value in the network's flat vector
         * @param values the first {@code length} of them; used again
         */
        void accept(long position, float[] values, int length);
    }

    /**
     * Reads the parameters of the layers that are {@link #loaded}.
     *
     * @throws InputException when the source cannot be read
     */
    public void read(Sink sink) {
        List<ParameterTensor> tensors = model.parameters();
        try {
            source.read((array, offset, values, length) -> {
                if (targets[array] >= 0) {
                    sink.accept(tensors.get(targets[array]).offset() + offset, values, length);
                }
            });
        } catch (IOException e) {
            throw ModelFile.unreadable(name, e);
        }
    }

    private void match(boolean replaceLastLayer) {
        List<Array> arrays = source.arrays();
        List<ParameterTensor> tensors = model.parameters();
        Map<String, Map<String, Integer>> given = new LinkedHashMap<>();
        for (int i = 0; i < arrays.size(); i++) {
            given.computeIfAbsent(arrays.get(i).layer(), layer -> new LinkedHashMap<>())
                    .put(arrays.get(i).name(), i);
        }
        Set<String> layers =
                tensors.stream().map(ParameterTensor::layer).collect(Collectors.toCollection(LinkedHashSet::new));
        String last = tensors.get(tensors.size() - 1).layer();
        for (String layer : layers) {
            Map<String, Integer> own = given.get(layer);
            if (own == null || layer.equals(last) && (replaceLastLayer || hasOtherClasses(own, arrays))) {
                initialized.add(layer);
            } else {
                load(layer, own, arrays);
                loaded.add(layer);
            }
        }
        if (loaded.isEmpty()) {
            throw new InputException("%s: no layer of %s is in it by name. The network has %s, the file %s."
                    .formatted(name, model.source(), quoted(layers), quoted(given.keySet())));
        }
    }

    private void load(String layer, Map<String, Integer> own, List<Array> arrays) {
        Map<String, List<Integer>> found = new TreeMap<>();
        own.forEach((array, number) -> found.put(array, arrays.get(number).shape()));
        Map<String, List<Integer>> wanted = new TreeMap<>();
        List<ParameterTensor> tensors = model.parameters();
        for (int t = 0; t < tensors.size(); t++) {
            ParameterTensor tensor = tensors.get(t);
            if (tensor.layer().equals(layer)) {
                wanted.put(tensor.name(), model.layout(tensor).shape());
                if (own.containsKey(tensor.name())) {
                    targets[own.get(tensor.name())] = t;
                }
            }
        }
        if (!found.equals(wanted)) {
            throw new InputException(
                    "%s: layer \"%s\" has %s there, and %s in %s. Give the layer another name in the model file if it is to begin anew."
                            .formatted(name, layer, shapes(found), shapes(wanted), model.source()));
        }
    }

    private static String shapes(Map<String, List<Integer>> arrays) {
        return arrays.entrySet().stream()
                .map(array -> array.getKey() + " " + array.getValue())
                .collect(Collectors.joining(", "));
    }

    private boolean hasOtherClasses(Map<String, Integer> own, List<Array> arrays) {
        return own.values().stream()
                .map(array -> arrays.get(array).shape())
                .anyMatch(shape -> shape.isEmpty() || shape.get(shape.size() - 1) != model.classes());
    }

    private static String quoted(Set<String> names) {
        return names.isEmpty()
                ? "none"
                : names.stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(", "));
    }
}
