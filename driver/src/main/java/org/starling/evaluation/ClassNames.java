package org.starling.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.starling.InputException;
import org.starling.data.ImageSource;

/** Brings the classes of a data set together with those of a model. */
final class ClassNames {
    private static final int SHOWN = 5;

    private ClassNames() {}

    /**
     * The model's output for each label of the data: by name, or by number where the data names nothing.
     *
     * @throws InputException when they do not have the same classes
     */
    static int[] outputs(List<String> model, ImageSource data, String modelName) {
        List<String> classes = data.classes();
        if (!data.namesClasses()) {
            if (classes.size() > model.size()) {
                throw new InputException(
                        "%s has labels from 0 to %d without names, and the model %s has %d classes. Expected data of the model's classes."
                                .formatted(data.location(), classes.size() - 1, modelName, model.size()));
            }
            return classes.stream().mapToInt(classes::indexOf).toArray();
        }
        if (!new LinkedHashSet<>(classes).equals(new LinkedHashSet<>(model))) {
            throw new InputException(
                    "%s and the model %s do not have the same classes (%s). Expected data of the model's classes under the same names."
                            .formatted(data.location(), modelName, difference(classes, model)));
        }
        return classes.stream().mapToInt(model::indexOf).toArray();
    }

    /** How two lists of classes differ, in words. */
    static String difference(List<String> first, List<String> second) {
        if (new LinkedHashSet<>(first).equals(new LinkedHashSet<>(second))) {
            return "the order differs";
        }
        List<String> parts = new ArrayList<>();
        missing(first, second, "only the first has ", parts);
        missing(second, first, "only the second has ", parts);
        return String.join("; ", parts);
    }

    private static void missing(List<String> classes, List<String> from, String prefix, List<String> parts) {
        Set<String> only = new LinkedHashSet<>(classes);
        from.forEach(only::remove);
        if (!only.isEmpty()) {
            parts.add(prefix
                    + only.stream().limit(SHOWN).collect(Collectors.joining(", "))
                    + (only.size() > SHOWN ? " and " + (only.size() - SHOWN) + " more" : ""));
        }
    }
}
