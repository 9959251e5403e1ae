package org.starling.dl4j;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.deeplearning4j.spark.api.stats.SparkTrainingStats;
import org.deeplearning4j.spark.stats.BaseEventStats;
import org.deeplearning4j.spark.stats.EventStats;
import org.deeplearning4j.spark.util.SparkUtils;

/** How long the parts of fits took at the driver, under dl4j-spark's names. */
final class FitTimes implements SparkTrainingStats {
    private static final long serialVersionUID = 1L;

    private final boolean kept;
    private final Map<Part, List<EventStats>> events = new EnumMap<>(Part.class);

    /** What a fit consists of. */
    enum Part {
        FIT("ParameterAveragingMasterFitTimesMs", "fit"),
        DEAL("ParameterAveragingMasterSplitTimesMs", "deal data"),
        START("ParameterAveragingMasterBroadcastCreateTimesMs", "parameters to executors"),
        ROUND("ParameterAveragingMasterMapPartitionsTimesMs", "round"),
        END("ParameterAveragingMasterProcessParamsUpdaterTimesMs", "parameters to driver");

        private final String key;
        private final String shortName;

        Part(String key, String shortName) {
            this.key = key;
            this.shortName = shortName;
        }

        private static Part of(String key) {
            return Arrays.stream(values())
                    .filter(part -> part.key.equals(key))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("key: " + key + ", expected one of "
                            + Arrays.stream(values()).map(part -> part.key).toList()));
        }
    }

    /** @param kept whether anything is remembered */
    FitTimes(boolean kept) {
        this.kept = kept;
        Arrays.stream(Part.values()).forEach(part -> events.put(part, new ArrayList<>()));
    }

    boolean kept() {
        return kept;
    }

    /** Does {@code work} and remembers how long it took, if that is wanted. */
    <T> T measure(Part part, Supplier<T> work) {
        long startMillis = System.currentTimeMillis();
        long start = System.nanoTime();
        T result = work.get();
        if (kept) {
            events.get(part).add(new BaseEventStats(startMillis, (System.nanoTime() - start) / 1_000_000));
        }
        return result;
    }

    /** As above. */
    void measure(Part part, Runnable work) {
        measure(part, () -> {
            work.run();
            return null;
        });
    }

    @Override
    public Set<String> getKeySet() {
        return Arrays.stream(Part.values()).map(part -> part.key).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    @Override
    public List<EventStats> getValue(String key) {
        return List.copyOf(events.get(Part.of(key)));
    }

    @Override
    public String getShortNameForKey(String key) {
        return Part.of(key).shortName;
    }

    @Override
    public boolean defaultIncludeInPlots(String key) {
        return Part.of(key) != Part.FIT;
    }

    @Override
    public void addOtherTrainingStats(SparkTrainingStats other) {
        events.forEach((part, own) -> own.addAll(other.getValue(part.key)));
    }

    /** None. */
    @Override
    public SparkTrainingStats getNestedTrainingStats() {
        return null;
    }

    /** A line a part: its name, how often, and milliseconds in all. */
    @Override
    public String statsAsString() {
        return events.entrySet().stream()
                .map(entry -> entry.getKey().key + " " + entry.getValue().size() + " times, "
                        + entry.getValue().stream()
                                .mapToLong(EventStats::getDurationMs)
                                .sum() + " ms\n")
                .collect(Collectors.joining());
    }

    /** One file a part, named by its key, with a row an event. */
    @Override
    public void exportStatFiles(String directory, SparkContext spark) throws IOException {
        for (Map.Entry<Part, List<EventStats>> entry : events.entrySet()) {
            List<EventStats> rows = entry.getValue();
            if (!rows.isEmpty()) {
                String table = rows.get(0).getStringHeader(",") + "\n"
                        + rows.stream().map(row -> row.asString(",") + "\n").collect(Collectors.joining());
                SparkUtils.writeStringToFile(new Path(directory, entry.getKey().key + ".txt").toString(), table, spark);
            }
        }
    }
}
