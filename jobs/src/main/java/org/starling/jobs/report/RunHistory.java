package org.starling.jobs.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.starling.training.TrainingEvent;

/** The rounds and validations of a run, those before an interruption included. */
final class RunHistory {
    /** One round; {@code epochs} done with it. */
    record RoundPoint(
            int round,
            double epochs,
            double loss,
            double accuracy,
            double examples,
            double seconds,
            double learningRate) {
        double imagesPerSecond() {
            return examples / seconds;
        }
    }

    /** One validation, after a round and {@code epochs}. */
    record ValidationPoint(int round, double epochs, double loss, double accuracy, double top5Accuracy) {}

    private final List<RoundPoint> rounds = new ArrayList<>();
    private final List<ValidationPoint> validations = new ArrayList<>();
    private TrainingEvent.FineTuning fineTuning;

    /** The history that a {@code metrics.jsonl} holds; lines that are no JSON are passed over. */
    static RunHistory parse(byte[] metrics) {
        RunHistory history = new RunHistory();
        ObjectMapper json = new ObjectMapper();
        new String(metrics, StandardCharsets.UTF_8).lines().forEach(line -> {
            try {
                history.add(json.readTree(line));
            } catch (JsonProcessingException e) {
                // The line that a crash cut off.
            }
        });
        return history;
    }

    private void add(JsonNode line) {
        switch (line.path("event").asText()) {
            case "round" -> rounds.add(new RoundPoint(
                    line.path("round").asInt(),
                    // Runs of before it was written put a round at the end of its epoch.
                    line.path("epochs_done").asDouble(number(line, "epoch")),
                    number(line, "loss"),
                    number(line, "accuracy"),
                    number(line, "examples"),
                    number(line, "seconds"),
                    number(line, "learning_rate")));
            case "validation" -> validations.add(new ValidationPoint(
                    line.path("round").asInt(),
                    number(line, "epoch"),
                    number(line, "loss"),
                    number(line, "accuracy"),
                    number(line, "top5_accuracy")));
            case "fine_tuning" -> add(new TrainingEvent.FineTuning(
                    Optional.ofNullable(line.path("weights").textValue()),
                    texts(line.path("loaded")),
                    texts(line.path("initialized")),
                    texts(line.path("frozen")),
                    line.path("frozen_parameters").asLong()));
            case "resume" -> backTo(line.path("round").asInt());
            default -> {}
        }
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static double number(JsonNode line, String key) {
        return line.path(key).asDouble(Double.NaN);
    }

    /** A run that goes on loads nothing again, and may leave other layers alone. */
    void add(TrainingEvent.FineTuning next) {
        fineTuning = fineTuning == null || next.weights().isPresent()
                ? next
                : new TrainingEvent.FineTuning(
                        fineTuning.weights(),
                        fineTuning.loaded(),
                        fineTuning.initialized(),
                        next.frozen(),
                        next.frozenParameters());
    }

    Optional<TrainingEvent.FineTuning> fineTuning() {
        return Optional.ofNullable(fineTuning);
    }

    void add(TrainingEvent.Round round) {
        rounds.add(new RoundPoint(
                round.round(),
                round.epochsDone(),
                round.loss(),
                round.accuracy(),
                round.examples(),
                round.seconds(),
                round.learningRate()));
    }

    void add(TrainingEvent.Validation validation) {
        validations.add(new ValidationPoint(
                validation.round(),
                validation.epoch(),
                validation.result().loss(),
                validation.result().top1Accuracy(),
                validation.result().top5Accuracy()));
    }

    /** Takes back what came after a round: the run went on from there. */
    void backTo(int round) {
        rounds.removeIf(r -> r.round() > round);
        validations.removeIf(v -> v.round() > round);
    }

    /** Over all rounds; NaN without any. */
    double imagesPerSecond() {
        return rounds.stream().mapToDouble(RoundPoint::examples).sum()
                / rounds.stream().mapToDouble(RoundPoint::seconds).sum();
    }

    List<RoundPoint> rounds() {
        return rounds;
    }

    List<ValidationPoint> validations() {
        return validations;
    }
}
