package org.starling.training;

import java.util.ArrayList;
import java.util.List;

/** The rounds and validations of a run since its start, or since it was resumed. */
public final class TrainingHistory implements TrainingListener {
    private final List<TrainingEvent.Round> rounds = new ArrayList<>();
    private final List<TrainingEvent.Validation> validations = new ArrayList<>();

    @Override
    public void onRound(TrainingEvent.Round round) {
        rounds.add(round);
    }

    @Override
    public void onValidation(TrainingEvent.Validation validation) {
        validations.add(validation);
    }

    /** What came after the checkpoint is undone. */
    @Override
    public void onResume(TrainingEvent.Resume resume) {
        rounds.removeIf(round -> round.round() > resume.round());
        validations.removeIf(validation -> validation.round() > resume.round());
    }

    /** In their order. */
    public List<TrainingEvent.Round> rounds() {
        return List.copyOf(rounds);
    }

    /** In their order. */
    public List<TrainingEvent.Validation> validations() {
        return List.copyOf(validations);
    }

    /** Top-1 of each validation, from 0 to 1. */
    public List<Double> accuracies() {
        return validations.stream().map(v -> v.result().top1Accuracy()).toList();
    }

    /** Mean training loss of each round's images. */
    public List<Double> losses() {
        return rounds.stream().map(TrainingEvent.Round::loss).toList();
    }
}
