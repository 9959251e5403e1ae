package org.starling.jobs.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.starling.layers.LayerClock;

/** Seconds of each layer in each timed training step. Called by one thread. */
final class LayerTimes implements LayerClock {
    private record Passage(String layer, Pass pass) {}

    private final Map<Passage, List<Double>> seconds = new HashMap<>();
    private final Map<Passage, Long> nanosOfStep = new HashMap<>();

    /** Forgets what layers took since the last step: warming up, inference. */
    void beginStep() {
        nanosOfStep.clear();
    }

    void endStep() {
        nanosOfStep.forEach((passage, nanos) ->
                seconds.computeIfAbsent(passage, p -> new ArrayList<>()).add(nanos / 1e9));
    }

    @Override
    public void took(String layer, Pass pass, long nanos) {
        nanosOfStep.merge(new Passage(layer, pass), nanos, Long::sum);
    }

    /** Empty for a layer that runs on DL4J's code. */
    Optional<Samples> of(String layer, Pass pass) {
        return Optional.ofNullable(seconds.get(new Passage(layer, pass))).map(Samples::new);
    }
}
