package org.starling.jobs.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.starling.jobs.configuration.Redaction;
import org.starling.training.TrainingEvent.FineTuning;

/** For people: what a training starts from, and what it leaves alone. */
public final class FineTuningText {
    private FineTuningText() {}

    /** A line for each of it, none for a training from the beginning. */
    public static List<String> lines(FineTuning fineTuning) {
        List<String> lines = new ArrayList<>();
        fineTuning.weights().ifPresent(weights -> {
            lines.add(
                    "weights   %s from %s".formatted(String.join(", ", fineTuning.loaded()), Redaction.ofUri(weights)));
            if (!fineTuning.initialized().isEmpty()) {
                lines.add("new       " + String.join(", ", fineTuning.initialized()));
            }
        });
        if (!fineTuning.frozen().isEmpty()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "frozen    %s (%,d parameters)",
                    String.join(", ", fineTuning.frozen()),
                    fineTuning.frozenParameters()));
        }
        return lines;
    }
}
