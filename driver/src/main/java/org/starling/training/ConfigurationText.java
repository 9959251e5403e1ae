package org.starling.training;

import java.lang.reflect.RecordComponent;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The settings of a program's training as a checkpoint keeps them: the configuration's records by their names, dots between. */
final class ConfigurationText {
    /** Paths may hold passwords. What they lead to is known by content where it matters. */
    private static final Set<String> LEFT_OUT =
            Set.of("run.directory", "model.file", "model.weights", "data.train", "data.validation");

    private ConfigurationText() {}

    static SortedMap<String, String> of(TrainingConfiguration configuration) {
        SortedMap<String, String> settings = new TreeMap<>();
        add("", configuration, settings);
        settings.keySet().removeAll(LEFT_OUT);
        return settings;
    }

    private static void add(String key, Object value, Map<String, String> settings) {
        if (value instanceof Optional<?> optional) {
            optional.ifPresent(present -> add(key, present, settings));
        } else if (value instanceof Record) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                add(
                        key.isEmpty() ? component.getName() : key + "." + component.getName(),
                        of(component, value),
                        settings);
            }
        } else {
            settings.put(
                    key,
                    value instanceof Enum<?> choice ? choice.name().toLowerCase(Locale.ROOT) : String.valueOf(value));
        }
    }

    private static Object of(RecordComponent component, Object record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
