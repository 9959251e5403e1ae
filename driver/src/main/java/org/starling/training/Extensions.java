package org.starling.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongToDoubleFunction;
import org.starling.InputException;
import org.starling.data.augmentation.AugmentationStep;
import org.starling.model.SequentialModel;

/**
 * What a program brings to a run that no training file can say.
 *
 * @param model in the place of the configuration's file
 * @param augmentation steps after those of the configuration
 * @param learningRate in the place of the configuration's schedule
 * @param listeners told of everything, in this order
 */
record Extensions(
        Optional<SequentialModel> model,
        List<AugmentationStep> augmentation,
        Optional<LearningRate> learningRate,
        List<TrainingListener> listeners) {

    private static final String AUGMENTATION = "data.augmentation.step.";
    private static final String LEARNING_RATE = "training.learningRate";

    Extensions {
        augmentation = List.copyOf(augmentation);
        listeners = List.copyOf(listeners);
    }

    /** Listeners alone. */
    static Extensions of(List<TrainingListener> listeners) {
        return new Extensions(Optional.empty(), List.of(), Optional.empty(), listeners);
    }

    /** The same with one more listener, before the others. */
    Extensions toldFirst(TrainingListener first) {
        List<TrainingListener> all = new ArrayList<>(List.of(first));
        all.addAll(listeners);
        return new Extensions(model, augmentation, learningRate, all);
    }

    /**
     * The rate by step of the run.
     *
     * @param steps that a replica makes in the run
     * @param schedule where there is no rate of the program's own
     */
    LongToDoubleFunction learningRates(long steps, Schedule schedule) {
        return learningRate
                .<LongToDoubleFunction>map(own -> step -> checked(own, step, own.at(step, steps)))
                .orElse(schedule::at);
    }

    private static double checked(LearningRate own, long step, double rate) {
        if (!Double.isFinite(rate) || rate < 0) {
            throw new InputException("The learning rate %s is %s at step %,d; expected is a finite number, 0 or more."
                    .formatted(ProgramObject.describe(own), rate, step));
        }
        return rate;
    }

    /** What a checkpoint keeps of them, beside the settings; listeners change nothing. */
    SortedMap<String, String> settings() {
        SortedMap<String, String> settings = new TreeMap<>();
        for (int i = 0; i < augmentation.size(); i++) {
            settings.put(AUGMENTATION + (i + 1), ProgramObject.describe(augmentation.get(i)));
        }
        learningRate.ifPresent(own -> settings.put(LEARNING_RATE, ProgramObject.describe(own)));
        return settings;
    }

    /**
     * What a resumed run cannot know.
     *
     * @param before settings that the run began with
     * @param now its settings
     * @return lines for a person
     */
    static List<String> unknown(SortedMap<String, String> before, SortedMap<String, String> now) {
        List<String> unknown = new ArrayList<>();
        now.forEach((key, value) -> {
            if (value.equals(before.get(key)) && !ProgramObject.isComparable(value)) {
                unknown.add("whether " + key + " is what the run began with cannot be told: " + value
                        + "; a record, or a toString of its own, would tell");
            }
        });
        return unknown;
    }
}
