package org.starling.jobs.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.starling.evaluation.EvaluationResult;
import org.starling.jobs.run.MetricsFile;
import org.starling.jobs.run.RunFiles;
import org.starling.training.TrainingEvent;
import org.starling.training.TrainingListener;

/** Writes {@code report.html}, anew at every validation and, while rounds go by, at most twice a minute. */
public final class Report implements TrainingListener {
    public static final String NAME = "report.html";

    private static final Logger LOG = LoggerFactory.getLogger(Report.class);
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(30);

    private final RunFiles run;
    private final String settings;
    private RunHistory history = new RunHistory();
    private TrainingEvent.Start plan;
    private Optional<EvaluationResult> lastResult = Optional.empty();
    private Optional<TrainingEvent.Mistakes> mistakes = Optional.empty();
    private Optional<TrainingEvent.End> end = Optional.empty();
    private long lastWrite;

    /**
     * @param settings the effective configuration
     */
    public Report(RunFiles run, String settings) {
        this.run = run;
        this.settings = settings;
    }

    @Override
    public void onStart(TrainingEvent.Start start) {
        plan = start;
        write();
    }

    @Override
    public void onFineTuning(TrainingEvent.FineTuning fineTuning) {
        history.add(fineTuning);
        write();
    }

    @Override
    public void onResume(TrainingEvent.Resume resume) {
        try {
            history = RunHistory.parse(run.readGrown(MetricsFile.NAME));
        } catch (IOException e) {
            LOG.warn("The report lacks what came before the run was resumed", e);
        }
        history.backTo(resume.round());
        write();
    }

    @Override
    public void onRound(TrainingEvent.Round round) {
        history.add(round);
        if (System.nanoTime() - lastWrite > INTERVAL) {
            write();
        }
    }

    @Override
    public void onValidation(TrainingEvent.Validation validation) {
        history.add(validation);
        lastResult = Optional.of(validation.result());
        write();
    }

    @Override
    public void onMistakes(TrainingEvent.Mistakes sample) {
        mistakes = Optional.of(sample);
        write();
    }

    @Override
    public void onEnd(TrainingEvent.End ended) {
        end = Optional.of(ended);
        write();
    }

    @Override
    public void onStopped(TrainingEvent.Stopped stopped) {
        write();
    }

    /** A report that cannot be made or written does not end the run. */
    private void write() {
        lastWrite = System.nanoTime();
        try {
            ReportPage page = new ReportPage(
                    run.path().getName(), run.shown(), settings, plan, history, lastResult, mistakes, end);
            run.replace(NAME, page.html().getBytes(StandardCharsets.UTF_8));
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} cannot be written", run.file(NAME), e);
        }
    }
}
