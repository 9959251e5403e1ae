package org.starling.training;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.checkpoint.WeightFile;
import org.starling.checkpoint.WeightSource;
import org.starling.checkpoint.WeightSource.Array;
import org.starling.model.ParameterTensor;
import org.starling.model.SequentialModel;
import org.starling.model.SlicePlan;

/**
 * Trained parameters with which a run starts. Layers are matched by name; the last one is replaced, so it gets new parameters, where the number of
 * classes differs or where that is wanted. Layers that the trained network does not have get new ones too.
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
    static Optional<StartWeights> of(TrainingConfiguration training, Configuration configuration) {
        return training.model()
                .weights()
                .map(path -> new StartWeights(
                        WeightFile.at(new Path(path), configuration),
                        training.model().replaceLastLayer()));
    }

    /**
     * What goes where.
     *
     * @param targets number of the network's array for each of the file's, or -1
     * @param loaded layers that get the file's parameters
     * @param initialized layers with parameters that do not
     */
    record Match(int[] targets, List<String> loaded, List<String> initialized) {}

    /**
     * @param model the network that is trained
     * @throws InputException when a layer's arrays have other shapes, or no layer is found again
     */
    Match match(SequentialModel model, Configuration configuration) {
        return match(model, file.open(model, configuration).arrays());
    }

    private Match match(SequentialModel model, List<Array> arrays) {
        List<ParameterTensor> tensors = model.parameters();
        Map<String, Map<String, Integer>> given = new LinkedHashMap<>();
        for (int i = 0; i < arrays.size(); i++) {
            given.computeIfAbsent(arrays.get(i).layer(), layer -> new LinkedHashMap<>())
                    .put(arrays.get(i).name(), i);
        }
        Set<String> layers =
                tensors.stream().map(ParameterTensor::layer).collect(Collectors.toCollection(LinkedHashSet::new));
        String last = tensors.get(tensors.size() - 1).layer();
        int[] targets = new int[arrays.size()];
        java.util.Arrays.fill(targets, -1);
        List<String> loaded = new ArrayList<>();
        List<String> initialized = new ArrayList<>();
        for (String layer : layers) {
            Map<String, Integer> own = given.get(layer);
            if (own == null || layer.equals(last) && isReplaced(model, layer, own, arrays)) {
                initialized.add(layer);
                continue;
            }
            requireSameArrays(model, layer, own.keySet());
            for (int t = 0; t < tensors.size(); t++) {
                ParameterTensor tensor = tensors.get(t);
                if (tensor.layer().equals(layer)) {
                    int source = own.get(tensor.name());
                    requireSameShape(model, tensor, arrays.get(source));
                    targets[source] = t;
                }
            }
            loaded.add(layer);
        }
        if (loaded.isEmpty()) {
            throw new InputException("%s: no layer of %s is in it by name. The network has %s, the file %s."
                    .formatted(file.path(), model.source(), quoted(layers), quoted(given.keySet())));
        }
        return new Match(targets, loaded, initialized);
    }

    private boolean isReplaced(SequentialModel model, String layer, Map<String, Integer> own, List<Array> arrays) {
        return replaceLastLayer
                || own.values().stream()
                        .map(arrays::get)
                        .anyMatch(array -> array.shape().get(array.shape().size() - 1) != model.classes());
    }

    private void requireSameArrays(SequentialModel model, String layer, Set<String> found) {
        Set<String> wanted = model.parameters().stream()
                .filter(tensor -> tensor.layer().equals(layer))
                .map(ParameterTensor::name)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (!found.equals(wanted)) {
            throw new InputException(
                    "%s: layer \"%s\" has %s there, and %s in %s. Give the layer another name in the model file if it is to begin anew."
                            .formatted(file.path(), layer, quoted(found), quoted(wanted), model.source()));
        }
    }

    private void requireSameShape(SequentialModel model, ParameterTensor tensor, Array array) {
        List<Integer> shape = model.layout(tensor).shape();
        if (!shape.equals(array.shape())) {
            throw new InputException(
                    "%s: the %s of layer \"%s\" has shape %s there, and %s in %s. Give the layer another name in the model file if it is to begin anew."
                            .formatted(
                                    file.path(), tensor.name(), tensor.layer(), array.shape(), shape, model.source()));
        }
    }

    private static String quoted(Set<String> names) {
        return names.isEmpty()
                ? "none"
                : names.stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(", "));
    }

    /**
     * Puts the trained parameters into slices of the flat vector; the rest of them stays as it is.
     *
     * @param slices some of the plan's, by their numbers
     */
    void fill(SequentialModel model, Map<Integer, float[]> slices, Configuration configuration) {
        WeightSource source = file.open(model, configuration);
        int[] targets = match(model, source.arrays()).targets();
        SlicePlan plan = SlicePlan.of(model.parameterCount());
        List<ParameterTensor> tensors = model.parameters();
        try {
            source.read((array, offset, values, length) -> {
                if (targets[array] >= 0) {
                    put(values, length, tensors.get(targets[array]).offset() + offset, plan, slices);
                }
            });
        } catch (IOException e) {
            throw new InputException("%s: the model cannot be read: %s".formatted(file.path(), e.getMessage()), e);
        }
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
