package org.starling.jobs.run;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.starling.PrintableText;
import org.starling.jobs.configuration.Redaction;
import org.starling.training.ExecutorReport;
import org.starling.training.ReplicaRounds;
import org.starling.training.TrainingEvent;
import org.starling.training.TrainingListener;

/** Shows a run to the person who started it: one line a round, and on a terminal a bar that fills with each epoch. */
public final class Console implements TrainingListener {
    private static final int BAR = 30;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean terminal;
    private final LongSupplier nanoTime;
    private TrainingEvent.Start plan;
    private final TimeShares times = new TimeShares();
    private double epochsBefore;
    private long began;
    private boolean barShown;

    /**
     * @param terminal whether lines can be drawn again
     * @param nanoTime a clock
     */
    Console(PrintStream out, boolean terminal, LongSupplier nanoTime) {
        this.out = out;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
    }

    public Console(PrintStream out) {
        this(out, isTerminal(), System::nanoTime);
    }

    private static boolean isTerminal() {
        String type = System.getenv("TERM");
        return System.console() != null && type != null && !type.equals("dumb");
    }

    @Override
    public void onNotice(TrainingEvent.Notice notice) {
        line("%s", PrintableText.line(Redaction.ofText(notice.text())));
    }

    @Override
    public void onStart(TrainingEvent.Start start) {
        plan = start;
        epochsBefore = 0;
        began = nanoTime.getAsLong();
        line(
                "model     %s, %,d parameters, %,d classes",
                PrintableText.line(start.model()),
                start.parameters(),
                start.classes().size());
        line(
                "data      %,d training images, %,d validation images%s",
                start.trainingImages(),
                start.validationImages(),
                start.badImages() == 0 ? "" : ", %,d unreadable and left out".formatted(start.badImages()));
        line(
                "plan      %s in %s, %s, effective batch %,d (%,d x %s)",
                count(start.epochs(), "epoch"),
                count(start.rounds(), "round"),
                count(start.replicas(), "replica"),
                (long) start.batch() * start.replicas(),
                start.batch(),
                count(start.replicas(), "replica"));
        if (start.validationImages() > 0) {
            line("baseline  always guessing the largest class: accuracy %.4f", start.largestClassAccuracy());
        }
    }

    @Override
    public void onFineTuning(TrainingEvent.FineTuning fineTuning) {
        FineTuningText.lines(fineTuning).forEach(text -> line("%s", text));
    }

    @Override
    public void onBadImages(TrainingEvent.BadImages badImages) {
        line("%s could not be read: see %s", count(badImages.images().size(), "image"), RunRecord.BAD_IMAGES);
    }

    @Override
    public void onExecutors(TrainingEvent.Executors executors) {
        executors.reports().stream()
                .collect(Collectors.groupingBy(Console::kind, LinkedHashMap::new, Collectors.toList()))
                .values()
                .forEach(this::executors);
    }

    /** Executors of which a person need not know one from the other. */
    private static List<Object> kind(ExecutorReport report) {
        return List.of(report.kernels(), report.vectorModule(), report.cpu(), report.threads());
    }

    private void executors(List<ExecutorReport> alike) {
        ExecutorReport one = alike.get(0);
        boolean local = one.executor().equals("driver");
        line(
                "kernels   %s %s (%s, %s a task)",
                one.kernels(),
                local ? "in this JVM" : "on " + count(alike.size(), "executor"),
                one.cpu(),
                count(one.threads(), "thread"));
        if (one.kernels().equals("scalar") && !one.vectorModule()) {
            line(
                    "warning   scalar kernels are many times slower, and there are no others without a module of the JDK: pass"
                            + " --conf spark.%s.extraJavaOptions=--add-modules=jdk.incubator.vector",
                    local ? "driver" : "executor");
        }
    }

    @Override
    public void onResume(TrainingEvent.Resume resume) {
        epochsBefore = Double.NaN;
        began = nanoTime.getAsLong();
        line(
                "resumed   after round %,d, from %s",
                resume.round(), PrintableText.line(Redaction.ofUri(resume.checkpoint())));
        resume.changedSettings()
                .forEach(setting -> line("changed   %s", PrintableText.line(Redaction.ofText(setting))));
    }

    @Override
    public void onRound(TrainingEvent.Round round) {
        times.add(round);
        String left = Duration.text(secondsLeft(round));
        line(
                "epoch %s  round %s  loss %.4f  accuracy %.4f  %,7.0f images/s  rate %s  left %s",
                of(round.epoch(), plan.epochs()),
                of(round.round(), round.rounds()),
                round.loss(),
                round.accuracy(),
                round.examples() / round.seconds(),
                rate(round.learningRate()),
                left);
        if (terminal && round.stepsOfEpoch() < round.stepsPerEpoch()) {
            drawBar(round);
        }
    }

    @Override
    public void onValidation(TrainingEvent.Validation validation) {
        line(
                "epoch %s  validation accuracy %.4f  best %.4f  largest class %.4f  loss %.4f  %,.0f images/s",
                of(validation.epoch(), plan.epochs()),
                validation.result().top1Accuracy(),
                validation.best(),
                plan.largestClassAccuracy(),
                validation.result().loss(),
                validation.result().images() / validation.seconds());
    }

    @Override
    public void onEnd(TrainingEvent.End end) {
        if (!end.reason().equals("epochs")) {
            line("ended by %s", end.reason());
        }
        line("trained in %s", Duration.text(end.seconds()));
        summary(end.replicaRounds());
        line(
                "validation accuracy: %s",
                end.validationAccuracy().isPresent() ? end.validationAccuracy().getAsDouble() : "none");
        line("model: %s", Redaction.ofUri(end.model()));
    }

    @Override
    public void onStopped(TrainingEvent.Stopped stopped) {
        summary(stopped.replicaRounds());
    }

    private void summary(ReplicaRounds rounds) {
        times.text().ifPresent(text -> line("time      %s", text));
        line(
                "replica-rounds trained %,d%s",
                rounds.trained(),
                rounds.repeated() == 0 ? "" : ", of them %,d repeated after failures".formatted(rounds.repeated()));
    }

    /** By epochs, as rounds may differ in length. */
    private double secondsLeft(TrainingEvent.Round round) {
        if (Double.isNaN(epochsBefore)) {
            epochsBefore = round.epochsDone() - (double) round.examples() / plan.trainingImages();
        }
        double elapsed = (nanoTime.getAsLong() - began) / 1e9;
        return elapsed / (round.epochsDone() - epochsBefore) * (plan.epochs() - round.epochsDone());
    }

    private void line(String format, Object... arguments) {
        if (barShown) {
            out.print(CLEAR_LINE);
            barShown = false;
        }
        out.println(String.format(Locale.ROOT, format, arguments));
        out.flush();
    }

    private void drawBar(TrainingEvent.Round round) {
        int full = (int) ((long) BAR * round.stepsOfEpoch() / round.stepsPerEpoch());
        out.print("epoch %s  [%s%s] %d%%"
                .formatted(
                        of(round.epoch(), plan.epochs()),
                        "=".repeat(full),
                        " ".repeat(BAR - full),
                        100L * round.stepsOfEpoch() / round.stepsPerEpoch()));
        out.flush();
        barShown = true;
    }

    /** {@code 3/10}, as wide as {@code 10/10}. */
    private static String of(int number, int all) {
        String text = Integer.toString(all);
        return ("%" + text.length() + "d/%s").formatted(number, text);
    }

    private static String count(long number, String thing) {
        return String.format(Locale.ROOT, "%,d %s%s", number, thing, number == 1 ? "" : "s");
    }

    /** Three significant digits: 0.0123, 1.50e-05. */
    static String rate(double rate) {
        return String.format(Locale.ROOT, rate == 0 || rate >= 1e-3 ? "%.4f" : "%.1e", rate);
    }
}
