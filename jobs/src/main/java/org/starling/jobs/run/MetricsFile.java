package org.starling.jobs.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.starling.jobs.configuration.Redaction;
import org.starling.training.ExecutorReport;
import org.starling.training.ReplicaRounds;
import org.starling.training.RoundTimes;
import org.starling.training.TrainingEvent;
import org.starling.training.TrainingListener;

/**
 * {@code metrics.jsonl}: one JSON object a line, one line an event. A resumed run goes on in the same file, so a {@code resume}
 * line with round k takes back the lines of later rounds before it.
 */
public final class MetricsFile implements TrainingListener {
    public static final String NAME = "metrics.jsonl";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final RunFiles run;
    private final GrowingFile file;

    public MetricsFile(RunFiles run) {
        this.run = run;
        this.file = new GrowingFile(run, NAME);
    }

    @Override
    public void onStart(TrainingEvent.Start start) {
        if (run.resumed()) {
            file.takeUpLines();
        }
        ObjectNode line = event("start")
                .put("model", start.model())
                .put("parameters", start.parameters())
                .put("training_images", start.trainingImages())
                .put("validation_images", start.validationImages())
                .put("bad_images", start.badImages())
                .put("replicas", start.replicas())
                .put("batch", start.batch())
                .put("epochs", start.epochs())
                .put("rounds", start.rounds());
        number(line, "largest_class_accuracy", start.largestClassAccuracy());
        ArrayNode classes = line.putArray("classes");
        start.classes().forEach(classes::add);
        ArrayNode counts = line.putArray("class_counts");
        Arrays.stream(start.classCounts()).forEach(counts::add);
        add(line);
        file.flush();
    }

    @Override
    public void onFineTuning(TrainingEvent.FineTuning fineTuning) {
        ObjectNode line = event("fine_tuning");
        fineTuning.weights().ifPresent(weights -> line.put("weights", Redaction.ofUri(weights)));
        fineTuning.loaded().forEach(line.putArray("loaded")::add);
        fineTuning.initialized().forEach(line.putArray("initialized")::add);
        fineTuning.frozen().forEach(line.putArray("frozen")::add);
        add(line.put("frozen_parameters", fineTuning.frozenParameters()));
        file.flush();
    }

    @Override
    public void onResume(TrainingEvent.Resume resume) {
        ObjectNode line =
                event("resume").put("round", resume.round()).put("checkpoint", Redaction.ofUri(resume.checkpoint()));
        ArrayNode changed = line.putArray("changed_settings");
        resume.changedSettings().forEach(setting -> changed.add(Redaction.ofText(setting)));
        add(line);
        file.flush();
    }

    @Override
    public void onExecutors(TrainingEvent.Executors executors) {
        ObjectNode line = event("executors");
        ArrayNode reports = line.putArray("executors");
        for (ExecutorReport report : executors.reports()) {
            reports.addObject()
                    .put("executor", report.executor())
                    .put("host", report.host())
                    .put("kernels", report.kernels())
                    .put("cpu", report.cpu().model())
                    .put("vector", report.cpu().vector())
                    .put("processors", report.processors())
                    .put("threads", report.threads())
                    .put("java", report.java());
        }
        add(line);
        file.flush();
    }

    @Override
    public void onRound(TrainingEvent.Round round) {
        ObjectNode line = event("round").put("epoch", round.epoch()).put("round", round.round());
        number(line, "epochs_done", round.epochsDone());
        number(line, "loss", round.loss());
        number(line, "accuracy", round.accuracy());
        line.put("examples", round.examples());
        number(line, "learning_rate", round.learningRate());
        number(line, "seconds", round.seconds());
        times(line, round.times());
        add(line);
        file.flushSometimes();
    }

    private static void times(ObjectNode line, RoundTimes times) {
        number(line, "wait_seconds", times.waitSeconds());
        number(line, "gather_seconds", times.gatherSeconds());
        number(line, "train_seconds", times.trainSeconds());
        number(line, "average_seconds", times.averageSeconds());
        line.put("slowest_replica", times.slowestReplica()).put("slowest_host", times.slowestHost());
        number(line, "slowest_seconds", times.slowestSeconds());
    }

    private static void replicaRounds(ObjectNode line, ReplicaRounds rounds) {
        line.put("replica_rounds", rounds.trained()).put("repeated_replica_rounds", rounds.repeated());
    }

    @Override
    public void onValidation(TrainingEvent.Validation validation) {
        ObjectNode line = event("validation").put("epoch", validation.epoch()).put("round", validation.round());
        number(line, "accuracy", validation.result().top1Accuracy());
        number(line, "top5_accuracy", validation.result().top5Accuracy());
        number(line, "loss", validation.result().loss());
        number(line, "best", validation.best());
        line.put("images", validation.result().images());
        number(line, "seconds", validation.seconds());
        add(line);
        file.flush();
    }

    @Override
    public void onCheckpoint(TrainingEvent.Checkpoint checkpoint) {
        ObjectNode line =
                event("checkpoint").put("round", checkpoint.round()).put("path", Redaction.ofUri(checkpoint.path()));
        number(line, "seconds", checkpoint.seconds());
        add(line);
        file.flush();
    }

    @Override
    public void onEnd(TrainingEvent.End end) {
        ObjectNode line = event("end");
        number(line, "validation_accuracy", end.validationAccuracy().orElse(Double.NaN));
        replicaRounds(line.put("model", Redaction.ofUri(end.model())), end.replicaRounds());
        add(line);
        if (!file.flush()) {
            throw new UncheckedIOException(new IOException("%s cannot be written".formatted(run.file(NAME))));
        }
    }

    @Override
    public void onStopped(TrainingEvent.Stopped stopped) {
        ObjectNode line = event("stopped").put("round", stopped.round());
        stopped.checkpoint()
                .ifPresentOrElse(
                        folder -> line.put("checkpoint", Redaction.ofUri(folder)), () -> line.putNull("checkpoint"));
        replicaRounds(line, stopped.replicaRounds());
        add(line);
        // A run that is told to stop does so, and says how to go on, although this cannot be written.
        file.flush();
    }

    private static ObjectNode event(String name) {
        return JSON.createObjectNode().put("event", name);
    }

    /** JSON has no NaN: null. */
    private static void number(ObjectNode line, String key, double value) {
        if (Double.isFinite(value)) {
            line.put(key, value);
        } else {
            line.putNull(key);
        }
    }

    private void add(ObjectNode line) {
        file.add((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
