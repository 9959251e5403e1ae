package org.starling.data;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The classes of a set whose images have them by name.
 *
 * @param names ordered by code point
 * @param labels of the names
 */
record NamedClasses(List<String> names, Map<String, Integer> labels) {
    /** @param found the class of each image */
    static NamedClasses of(Stream<String> found) {
        List<String> names = found.distinct().sorted(SourceFiles.BY_CODE_POINT).toList();
        return new NamedClasses(
                names, IntStream.range(0, names.size()).boxed().collect(Collectors.toMap(names::get, c -> c)));
    }

    int label(String name) {
        return labels.get(name);
    }

    /** @return -1 where there is no such class */
    int labelOrNone(String name) {
        return labels.getOrDefault(name, NamedImage.UNLABELLED);
    }
}
